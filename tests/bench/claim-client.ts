import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

const answer = z.object({ job: z.object({ id: z.string(), delivery: z.number() }) });

export interface ClaimClient {
  /** The id of the job, or null when there was none. */
  claim(agentId: string, waitMs: number): Promise<string | null>;
  close(): void;
}

/** Over connections that are kept, and with Node's own client: fetch costs more than what it measures. */
export function claimClient(url: string, token: string): ClaimClient {
  const agent = new Agent({ keepAlive: true });
  return {
    async claim(agentId, waitMs) {
      const body = JSON.stringify({ agentId, waitMs });
      const sent = request(`${url}/api/v1/agent-control/claims/next`, {
        agent,
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        },
      });
      sent.end(body);
      const [response]: IncomingMessage[] = await once(sent, 'response');
      if (!response) throw new Error('a claim was not answered');
      const said = await text(response);
      if (response.statusCode === 204) return null;
      if (response.statusCode !== 200) {
        throw new Error(`a claim was answered with ${response.statusCode}: ${said}`);
      }
      const { job } = answer.parse(JSON.parse(said));
      if (job.delivery !== 1) throw new Error(`job ${job.id} was delivered ${job.delivery} times`);
      return job.id;
    },
    close: () => agent.destroy(),
  };
}
