import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { z } from 'zod';

const answer = z.object({ job: z.object({ id: z.string(), delivery: z.number() }) });

export interface ClaimClient {
  /** The id of the job, or null when there was none. One agent claims one after the other. */
  claim(agentId: string, waitMs: number): Promise<string | null>;
  close(): void;
}

/**
 * A connection that is kept for each agent, and HTTP by hand: Node's own client costs as much as what it measures,
 * and all of these agents share one thread, which those of a real Gantry do not.
 */
export function claimClient(url: string, token: string): ClaimClient {
  const { hostname, port, host } = new URL(url);
  const sockets = new Map<string, Socket>();
  const at = `${url}/api/v1/agent-control/claims/next`;
  // The first claim of a server is answered by Next, in pieces; those after it are not. There is no order to take.
  const first = fetch(at, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ agentId: 'bench', kind: 'control', waitMs: 0 }),
  });

  async function socketOf(agentId: string): Promise<Socket> {
    const known = sockets.get(agentId);
    if (known && !known.destroyed) return known;
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    sockets.set(agentId, socket);
    await once(socket, 'connect');
    return socket;
  }

  return {
    async claim(agentId, waitMs) {
      await first;
      const socket = await socketOf(agentId);
      const body = JSON.stringify({ agentId, waitMs });
      socket.write(
        `POST /api/v1/agent-control/claims/next HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\n` +
          `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
      const { status, text } = await readAnswer(socket);
      if (status === 204) return null;
      if (status !== 200) throw new Error(`a claim was answered with ${status}: ${text}`);
      const { job } = answer.parse(JSON.parse(text));
      if (job.delivery !== 1) throw new Error(`job ${job.id} was delivered ${job.delivery} times`);
      return job.id;
    },
    close() {
      for (const socket of sockets.values()) socket.destroy();
    },
  };
}

/** One answer with a content-length, or without a body. */
function readAnswer(socket: Socket): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    const end = (settle: () => void) => {
      socket.off('data', take).off('close', lose).off('error', lose);
      settle();
    };
    const lose = () => end(() => reject(new Error('a claim was not answered')));
    const take = (chunk: Buffer) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const head = received.indexOf('\r\n\r\n');
      if (head < 0) return;
      const lines = received.toString('latin1', 0, head);
      const status = Number(lines.slice(9, 12));
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(lines)?.[1] ?? 0);
      if (status !== 204 && length === 0) {
        return end(() => reject(new Error(`a claim was answered without a length: ${lines}`)));
      }
      if (received.length < head + 4 + length) return;
      end(() => resolve({ status, text: received.toString('utf8', head + 4, head + 4 + length) }));
    };
    socket.on('data', take).on('close', lose).on('error', lose);
  });
}
