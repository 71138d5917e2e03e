import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ExecutionSummary } from '@/lib/model/execution';
import type { LogLine } from '@/lib/model/log-line';
import { quantile } from '../bench/measure';
import { type ControlPlane, makeControlPlane, token } from './control-plane';
import { pause } from './faults';
import { writePrinter } from './printer-suite';
import type { SlowFault } from './slow-fault';

const readers = 50;
const maxGrowthMb = 100;
const seconds = 60;
const linesPerSecond = 10_000;
/** They are let go after half a minute. */
const lookAfterMs = 45_000;
const lookForMs = 5_000;

/**
 * Clients that ask for a stream of a megabyte a second for a minute and read nothing of it. One beside them reads
 * all; what memory and time that takes alone is measured first.
 */
export const ignoreStreams: SlowFault = async (_random, say) => {
  const suites = await mkdtemp(path.join(tmpdir(), 'gantry-chaos-suites-'));
  const plane = await makeControlPlane('readers', { DATABASE_URL: '', GANTRY_SUITES: suites });
  try {
    await writePrinter(suites, 'drip', { seconds, linesPerSecond });
    await plane.start();
    const alone = await readAll(plane, 0);
    const beside = await readAll(plane, readers);
    for (const run of [alone, beside])
      say(
        `${run.lines} lines reached the reader, p99 ${run.p99Ms} ms after their print; memory was ${run.mostMb} MB at the most, ${run.letGo} were let go`,
      );
    const growthMb = beside.mostMb - alone.mostMb;
    return [
      ...(beside.lines === seconds * linesPerSecond ? [] : [`the reader got ${beside.lines} lines`]),
      ...(growthMb <= maxGrowthMb ? [] : [`${readers} clients that read nothing took ${growthMb} MB`]),
      ...(beside.letGo === readers ? [] : [`only ${beside.letGo} of ${readers} were let go`]),
      ...(beside.p99Ms <= 1.5 * alone.p99Ms + 50
        ? []
        : [`p99 was ${alone.p99Ms} ms and became ${beside.p99Ms} ms`]),
    ];
  } finally {
    await plane.close();
    await rm(suites, { recursive: true, force: true });
  }
};

async function readAll(plane: ControlPlane, idle: number) {
  const { id }: ExecutionSummary = await plane.api.post('/api/v1/executions', { suiteId: 'drip' });
  const sockets = Array.from({ length: idle }, () => askAndIgnore(plane, id));
  let closed = 0;
  for (const socket of sockets) socket.once('close', () => (closed += 1));
  const reading = new AbortController();
  let maxMb = 0;
  const watch = async () => {
    while (!reading.signal.aborted) {
      maxMb = Math.max(maxMb, await memoryMb(plane.pid()));
      await pause(300, reading.signal);
    }
  };
  const watching = watch();
  // What is left on a connection that is over comes at once, and then its end; others go on with the stream.
  const looking = (async () => {
    await pause(lookAfterMs, reading.signal);
    for (const socket of sockets) socket.resume();
    await pause(lookForMs, reading.signal);
    return closed;
  })();
  const delays: number[] = [];
  let lines = 0;
  for await (const { data } of plane.api.stream(`/api/v1/executions/${id}/logs?batch=1`, reading.signal)) {
    const batch: LogLine[] = JSON.parse(data);
    lines += batch.length;
    delays.push(Date.now() - Number(batch[0]?.text.split(' ', 1)[0]));
  }
  reading.abort();
  await watching;
  const letGo = await looking;
  for (const socket of sockets) socket.destroy();
  return { lines, mostMb: maxMb, letGo, p99Ms: Math.round(quantile(delays, 0.99)) };
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
