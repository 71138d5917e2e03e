import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import protobuf from 'protobufjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Logger } from '@/lib/model/logger';
import { runMetricsExport } from '@/lib/telemetry/export-metrics';
import { createFakeClock, type FakeClock } from '../support/fake-clock';

/** The answer of OTLP 1.x to metrics; field numbers are those of its published definition. */
const answerType = protobuf
  .parse(`syntax = "proto3";
message Answer { PartialSuccess partial_success = 1; }
message PartialSuccess { int64 rejected_data_points = 1; string error_message = 2; }`)
  .root.lookupType('Answer');

const intervalMs = 60_000;

let clock: FakeClock;
let stopping: AbortController;
let lines: { level: string; fields: unknown; message: string }[];
let close: () => Promise<void>;
let listener: RequestListener;
let url: string;
let requests: number;

beforeEach(async () => {
  // What the exporter waits by itself is by the system's clock, and longer than any test.
  vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '86400000');
  clock = createFakeClock();
  stopping = new AbortController();
  lines = [];
  requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    listener(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address && typeof address === 'object' ? address.port : 0;
  url = `http://127.0.0.1:${port}/v1/metrics?api-key=hidden`;
  close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await close();
});

function start(): Promise<void> {
  const write = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields, message });
  };
  const logger: Logger = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  };
  const values = [{ value: 1, labels: {} }];
  const metric = { name: 'gantry_up', help: 'Up.', type: 'gauge', values, aggregator: 'sum' };
  const collect = async () => [metric] as never;
  const settings = { metricsUrl: url, serviceName: 'gantry', intervalMs };
  return runMetricsExport({ clock, logger, collect, instance: 'one' }, settings, stopping.signal);
}

/** Lets one interval pass and its export end. */
async function exportOnce(): Promise<void> {
  await clock.whenSleeping(intervalMs);
  await clock.advance(intervalMs);
  await clock.whenSleeping(intervalMs);
}

const loud = () =>
  lines.filter(({ level }) => level !== 'debug').map(({ level, message }) => [level, message]);

describe('the export of metrics', () => {
  it('ends five seconds after it is stopped, also while a receiver does not answer', async () => {
    const asked = new Promise<void>((resolve) => {
      listener = () => resolve();
    });
    const done = start();
    await clock.whenSleeping(intervalMs);
    await clock.advance(intervalMs);
    await asked;
    stopping.abort();
    await clock.whenSleeping(5_000);
    await clock.advance(5_000);
    await done;
    expect(requests).toBe(1);
  });

  it('ends five seconds after it is stopped when the receiver does not answer the last one', async () => {
    const asked = new Promise<void>((resolve) => {
      listener = () => resolve();
    });
    const done = start();
    stopping.abort();
    await asked;
    await clock.whenSleeping(5_000);
    await clock.advance(5_000);
    await done;
    expect(requests).toBe(1);
  });

  it('logs that the receiver refused some values, once, and without what is secret in its address', async () => {
    const refused = answerType.encode({
      partialSuccess: { rejectedDataPoints: 1, errorMessage: 'too old' },
    });
    let answer = Buffer.from(refused.finish());
    listener = (request, response) => {
      request.resume().on('end', () => response.writeHead(200).end(answer));
    };
    const done = start();
    for (let round = 0; round < 3; round += 1) await exportOnce();
    expect(loud()).toEqual([['warn', 'the metrics could not be exported']]);
    expect(lines[0]?.fields).toEqual({
      host: new URL(url).host,
      error: 'the receiver refused 1 of the values: too old',
    });
    answer = Buffer.alloc(0);
    for (let round = 0; round < 2; round += 1) await exportOnce();
    expect(loud().slice(1)).toEqual([['info', 'the metrics are exported again']]);
    stopping.abort();
    await done;
    expect(requests).toBe(6);
    expect(JSON.stringify(lines)).not.toContain('hidden');
  });
});
