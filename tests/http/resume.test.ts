import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildToolbox } from '@/lib/cli/toolbox';
import type { ExecutionEvent } from '@/lib/model/event';
import type { ExecutionSummary } from '@/lib/model/execution';
import type { LogLine } from '@/lib/model/log-line';
import { describeWith } from '../support/requirements';
import { type RunningGantry, servers, startGantry, startLimitMs } from '../support/server';
import { type Connection, readStream } from '../support/stream-client';

const limitMs = 300_000;
let gantry: RunningGantry;

async function launch(backend: string, lines: number): Promise<string> {
  const body = JSON.stringify({
    suiteId: 'chatty',
    profile: 'short',
    backend,
    env: { LINES: String(lines) },
  });
  const summary: ExecutionSummary = await (
    await gantry.call('/api/v1/executions', { method: 'POST', body })
  ).json();
  return summary.id;
}

async function ended(id: string): Promise<void> {
  const last = await readStream(gantry, `/api/v1/executions/${id}/events`, {
    bytes: Infinity,
    after: 0,
    by: 'query',
  });
  expect(last.ended).toBe(true);
}

/** Reads a stream to its end over at least fifty connections, each cut off after some bytes. */
async function readInPieces(path: string, maxBytes: number) {
  const seqs: number[] = [];
  const data: string[] = [];
  let last: Connection | null = null;
  let connections = 0;
  let after = 0;
  while (!last?.ended && last?.status !== 204) {
    connections += 1;
    const bytes = connections > 50 ? Infinity : 1 + Math.floor(Math.random() * maxBytes);
    const by = Math.random() < 0.5 ? 'header' : 'query';
    last = await readStream(gantry, path, { bytes, after, by });
    expect([200, 204]).toContain(last.status);
    for (const message of last.messages) {
      after = Number(message.id);
      seqs.push(after);
      data.push(message.data);
    }
  }
  return { seqs, data, connections };
}

const upTo = (count: number) => Array.from({ length: count }, (_, position) => position + 1);

async function expectEverythingOnce(backend: string): Promise<void> {
  const id = await launch(backend, 10_000);
  const [logs, events] = await Promise.all([
    readInPieces(`/api/v1/executions/${id}/logs`, 60_000),
    readInPieces(`/api/v1/executions/${id}/events`, 400),
  ]);
  expect(logs.connections).toBeGreaterThan(50);
  expect(logs.seqs).toEqual(upTo(logs.seqs.length));
  const lines = logs.data.map((data): LogLine => JSON.parse(data));
  const printed = lines.filter(({ stream }) => stream === 'stdout').map(({ text }) => `${text}\n`);
  expect(printed.join('')).toBe(whatItPrints(10_000));

  expect(events.seqs).toEqual(upTo(events.seqs.length));
  const history = events.data.map((data): ExecutionEvent => JSON.parse(data));
  expect(history[0]?.type).toBe('execution.created');
  expect(history.at(-1)).toMatchObject({ type: 'execution.finished', status: 'passed' });

  for (const [path, count] of [
    [`/api/v1/executions/${id}/logs`, logs.seqs.length],
    [`/api/v1/executions/${id}/events`, events.seqs.length],
  ] as const) {
    for (const by of ['header', 'query'] as const) {
      const past = await readStream(gantry, path, { bytes: Infinity, after: count, by });
      expect(past).toMatchObject({ status: 204, messages: [] });
      const before = await readStream(gantry, path, { bytes: Infinity, after: count - 1, by });
      expect(before).toMatchObject({ status: 200, ended: true, messages: [{ id: String(count) }] });
    }
  }
}

function whatItPrints(lines: number): string {
  const file = fileURLToPath(new URL('../../suites/chatty/print.mjs', import.meta.url));
  const { stdout } = spawnSync(process.execPath, [file], {
    env: { ...process.env, LINES: String(lines) },
    maxBuffer: 1e9,
    encoding: 'utf8',
  });
  return stdout;
}

describe.each(servers)('under %s', (server) => {
  beforeAll(async () => {
    gantry = await startGantry({ server, env: { GANTRY_PROCESS_BACKEND: '1' } });
  }, startLimitMs);

  afterAll(() => gantry?.stop());

  describe('streams that are cut off and resumed fifty times', () => {
    it('deliver every line and every event of a process exactly once', { timeout: limitMs }, async () => {
      await expectEverythingOnce('process');
    });
  });

  describeWith('docker', 'streams of a container that are cut off and resumed fifty times', () => {
    it('deliver every line and every event exactly once', { timeout: limitMs }, async () => {
      await buildToolbox({ log: () => undefined });
      await expectEverythingOnce('local');
    });
  });

  describe('a place to go on from', () => {
    it('is refused when it is none, or does not exist yet', { timeout: limitMs }, async () => {
      const body = JSON.stringify({ suiteId: 'hello', backend: 'process' });
      const { id } = await (await gantry.call('/api/v1/executions', { method: 'POST', body })).json();
      const path = `/api/v1/executions/${id}/logs`;
      const future = await readStream(gantry, path, { bytes: Infinity, after: 999_999, by: 'header' });
      expect(future.status).toBe(400);
      await ended(id);
      for (const garbage of ['abc', '-1', '1e9', '1.5', '0x10', "1' OR 1=1--", '9'.repeat(40)]) {
        const headers = { authorization: `Bearer ${gantry.token}` };
        const byHeader = await fetch(new URL(path, gantry.url), {
          headers: { ...headers, 'last-event-id': garbage },
        });
        const byQuery = await fetch(new URL(`${path}?after=${encodeURIComponent(garbage)}`, gantry.url), {
          headers,
        });
        for (const response of [byHeader, byQuery]) {
          expect([garbage, response.status]).toEqual([garbage, 400]);
          expect(await response.json()).toMatchObject({ code: 'bad_request' });
        }
      }
    });
  });

  describe('readers that read nothing', () => {
    it('cost no memory and hold nobody up', { timeout: limitMs }, async () => {
      const lines = 150_000;
      const id = await launch('process', lines);
      const before = residentBytes();
      const stalled = await Promise.all(
        Array.from({ length: 30 }, () => connectAndStall(`/api/v1/executions/${id}/logs`)),
      );
      try {
        const { seqs } = await readAllInBatches(id);
        expect(seqs).toEqual(upTo(seqs.length));
        expect(seqs.length).toBeGreaterThanOrEqual(lines);
        expect(residentBytes() - before).toBeLessThan(200 * 1024 * 1024);
      } finally {
        for (const socket of stalled) socket.destroy();
      }
    });
  });
});

async function readAllInBatches(id: string) {
  const path = `/api/v1/executions/${id}/logs?batch=1`;
  const { messages, ended } = await readStream(gantry, path, { bytes: Infinity, after: 0, by: 'query' });
  expect(ended).toBe(true);
  return { seqs: messages.flatMap(({ data }) => (JSON.parse(data) as LogLine[]).map(({ seq }) => seq)) };
}

function residentBytes(): number {
  const status = readFileSync(`/proc/${gantry.process.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

/** Asks, sees the first bytes of the answer, and reads no more. */
function connectAndStall(path: string): Promise<Socket> {
  const { hostname, port, host } = new URL(gantry.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(
        `GET ${path} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${gantry.token}\r\naccept: text/event-stream\r\n\r\n`,
      );
    });
    socket.once('error', reject);
    socket.once('data', () => {
      socket.pause();
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}
