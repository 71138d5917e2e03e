import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import type { ExecutionSummary } from '@/lib/model/execution';
import type { LogLine } from '@/lib/model/log-line';
import { makeControlPlane, token } from './control-plane';
import { pause } from './faults';
import type { SlowFault } from './slow-faults';

const readers = 50;
const mostGrowthMb = 100;

/** Clients that ask for a stream of a hundred megabytes and read nothing of it; one beside them reads all. */
export const ignoreStreams: SlowFault = async (_random, say) => {
  const plane = await makeControlPlane('readers', { DATABASE_URL: '' });
  const sockets: Socket[] = [];
  try {
    await plane.start();
    const before = await memoryMb(plane.pid());
    const { id }: ExecutionSummary = await plane.api.post('/api/v1/executions', { suiteId: 'chatty' });
    const { hostname, port } = new URL(plane.api.url);
    for (let index = 0; index < readers; index += 1) {
      const socket = connect(Number(port), hostname);
      socket.pause();
      socket.on('error', () => undefined);
      socket.write(
        `GET /api/v1/executions/${id}/logs HTTP/1.1\r\nhost: gantry\r\naccept: text/event-stream\r\nauthorization: Bearer ${token}\r\n\r\n`,
      );
      sockets.push(socket);
    }
    let most = before;
    let lines = 0;
    const watching = new AbortController();
    const watch = (async () => {
      while (!watching.signal.aborted) {
        most = Math.max(most, await memoryMb(plane.pid()));
        await pause(500, watching.signal);
      }
    })();
    const startedAt = performance.now();
    for await (const { data } of plane.api.stream(`/api/v1/executions/${id}/logs?batch=1`, watching.signal)) {
      const batch: LogLine[] = JSON.parse(data);
      lines += batch.length;
    }
    watching.abort();
    await watch;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    say(
      `${lines} lines reached the reader in ${seconds} s; memory grew from ${before} to ${most} MB at the most`,
    );
    return [
      ...(lines === 1_000_000 ? [] : [`the reader got ${lines} lines of a million`]),
      ...(most - before <= mostGrowthMb ? [] : [`memory grew by ${most - before} MB`]),
    ];
  } finally {
    for (const socket of sockets) socket.destroy();
    await plane.close();
  }
};

async function memoryMb(pid: number | null): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024);
}
