import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import type { ExecutionSummary } from '@/lib/model/execution';
import type { LogLine } from '@/lib/model/log-line';
import { type ControlPlane, makeControlPlane, token } from './control-plane';
import { pause } from './faults';
import type { SlowFault } from './slow-fault';

const readers = 50;
const mostGrowthMb = 100;

/**
 * Clients that ask for a stream of a hundred megabytes and read nothing of it. One beside them reads all; what
 * memory that takes alone is measured first.
 */
export const ignoreStreams: SlowFault = async (_random, say) => {
  const plane = await makeControlPlane('readers', { DATABASE_URL: '' });
  try {
    await plane.start();
    const alone = await readAll(plane, 0);
    const beside = await readAll(plane, readers);
    for (const { lines, seconds, mostMb } of [alone, beside])
      say(`${lines} lines reached the reader in ${seconds} s; memory was ${mostMb} MB at the most`);
    const growthMb = beside.mostMb - alone.mostMb;
    return [
      ...(beside.lines === 1_000_000 ? [] : [`the reader got ${beside.lines} lines of a million`]),
      ...(growthMb <= mostGrowthMb ? [] : [`${readers} clients that read nothing took ${growthMb} MB`]),
    ];
  } finally {
    await plane.close();
  }
};

async function readAll(plane: ControlPlane, idle: number) {
  const { id }: ExecutionSummary = await plane.api.post('/api/v1/executions', { suiteId: 'chatty' });
  const sockets = Array.from({ length: idle }, () => askAndIgnore(plane, id));
  const reading = new AbortController();
  let mostMb = 0;
  const watch = async () => {
    while (!reading.signal.aborted) {
      mostMb = Math.max(mostMb, await memoryMb(plane.pid()));
      await pause(300, reading.signal);
    }
  };
  const watching = watch();
  const startedAt = performance.now();
  let lines = 0;
  for await (const { data } of plane.api.stream(`/api/v1/executions/${id}/logs?batch=1`, reading.signal)) {
    const batch: LogLine[] = JSON.parse(data);
    lines += batch.length;
  }
  reading.abort();
  await watching;
  for (const socket of sockets) socket.destroy();
  return { lines, mostMb, seconds: ((performance.now() - startedAt) / 1000).toFixed(1) };
}

function askAndIgnore({ api }: ControlPlane, id: string): Socket {
  const { hostname, port } = new URL(api.url);
  const socket = connect(Number(port), hostname);
  socket.pause();
  socket.on('error', () => undefined);
  const head = [
    `GET /api/v1/executions/${id}/logs HTTP/1.1`,
    'host: gantry',
    'accept: text/event-stream',
    `authorization: Bearer ${token}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  return socket;
}

async function memoryMb(pid: number | null): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024);
}
