import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildToolbox } from '@/lib/cli/toolbox';
import { systemClock } from '@/lib/clock';
import { loadConfig } from '@/lib/config';
import { createTraces, type Traces } from '@/lib/telemetry/traces/traces';
import { openWorld, type World } from '../engine/world';
import { makeSuiteFolder } from '../suites/suite-folder';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver';
import { makePlan } from '../support/plan';
import { type RealEngine, startRealEngine } from '../support/real-engine';
import { describeWith } from '../support/requirements';
import { silentLogger } from '../support/silent-logger';

const deps = { clock: systemClock, logger: silentLogger };

function tracesTo(env: Record<string, string>): Traces {
  return createTraces(deps, loadConfig(env, '/srv').tracing);
}

describe('settings of traces', () => {
  const read = (env: Record<string, string>) => loadConfig(env, '/srv').tracing;

  it('are those of OpenTelemetry, and steps get no address that means their own container', () => {
    expect(read({})).toBeNull();
    expect(read({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' })).toEqual({
      tracesUrl: 'http://collector:4318/v1/traces',
      serviceName: 'gantry',
      stepEndpoint: 'http://collector:4318/',
    });
    expect(
      read({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', OTEL_SERVICE_NAME: 'ci' }),
    ).toMatchObject({ serviceName: 'ci', stepEndpoint: null });
    expect(
      read({
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.example/in',
        GANTRY_STEP_OTLP_ENDPOINT: 'http://10.0.0.1:4318',
      }),
    ).toMatchObject({ tracesUrl: 'https://traces.example/in', stepEndpoint: 'http://10.0.0.1:4318' });
  });

  it('can turn traces off, and refuse a protocol that is not there', () => {
    const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
    expect(read({ ...endpoint, OTEL_TRACES_EXPORTER: 'none' })).toBeNull();
    expect(read({ ...endpoint, OTEL_SDK_DISABLED: 'true' })).toBeNull();
    expect(() => read({ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toThrow(
      'OTEL_EXPORTER_OTLP_PROTOCOL: expected http/protobuf',
    );
  });
});

describe('traces of scripted executions', () => {
  let receiver: OtlpReceiver;
  let world: World;
  let traces: Traces;

  beforeEach(async () => {
    receiver = await startOtlpReceiver();
    traces = tracesTo({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    world = await openWorld({
      script: {
        flaky: [{ runsMs: 20, exitCode: 3 }, { runsMs: 20 }],
        broken: { exitCode: 1, reason: 'no' },
      },
    });
    world.startEngine({ store: traces.instrument(world.store), tracing: traces, limits: { maxSteps: 1 } });
  });

  afterEach(async () => {
    await world.close();
    await traces.close();
    await receiver.close();
  });

  it('have each step, attempt and wait under its parent, the same whoever exports them', async () => {
    const execution = await world.run(
      makePlan({
        nodes: [
          { id: 'db', kind: 'service' },
          { id: 'flaky', after: ['db'], retries: { max: 1, backoffMs: 50 } },
          { id: 'broken', kind: 'test', after: ['db'] },
          { id: 'never', after: ['broken', 'flaky'] },
        ],
      }),
    );
    expect(execution.status).toBe('failed');
    await traces.close();

    const { spans } = receiver;
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
    const ids = new Map(spans.map((span) => [span.spanId, span]));
    const root = spans.find(({ parentSpanId }) => parentSpanId === '');
    expect(root).toMatchObject({
      name: 'suite',
      service: 'gantry',
      code: 2,
      message: execution.cause?.sentence,
      attributes: {
        'gantry.execution.id': execution.id,
        'cicd.pipeline.result': 'failure',
        'gantry.steps': 4,
      },
    });
    for (const span of spans) {
      const parent = ids.get(span.parentSpanId);
      if (span === root) continue;
      expect(parent, span.name).toBeDefined();
      expect(span.startMs, span.name).toBeGreaterThanOrEqual(parent?.startMs ?? 0);
      expect(span.endMs, span.name).toBeLessThanOrEqual(parent?.endMs ?? 0);
    }
    const under = (parent: string, name: string) =>
      spans.filter((span) => span.name === name && ids.get(span.parentSpanId)?.name === parent);
    for (const step of execution.steps) {
      expect(under('suite', step.id)).toHaveLength(1);
      for (const attempt of step.attempts)
        expect(under(step.id, `attempt ${attempt.number}`)).toMatchObject([
          {
            startMs: Date.parse(attempt.startedAt),
            endMs: Date.parse(attempt.finishedAt ?? ''),
            code: attempt.status === 'passed' ? 0 : 2,
          },
        ]);
    }
    expect(under('attempt 1', 'running').length).toBeGreaterThanOrEqual(3);
    expect(under('attempt 1', 'ready')).toHaveLength(1);
    const waits = under('flaky', 'waiting').map(({ attributes }) => attributes['gantry.waits_for']);
    expect(waits[0]).toBe('db, until it was ready');
    expect(waits.at(-1)).toMatch(/^the retry at 20/);
    const [never] = under('suite', 'never');
    expect(never?.attributes['gantry.status']).toBe('skipped');
    expect(never?.links.map((id) => ids.get(id)?.name)).toEqual(['broken', 'flaky']);
    expect(under('never', 'attempt 1')).toEqual([]);
  });

  it('are sent again to a receiver that was busy, and do without one that refuses', async () => {
    receiver.refusals.push(503);
    const first = await world.run(makePlan());
    await receiver.until(({ attributes }) => attributes['gantry.execution.id'] === first.id);
    receiver.refusals.push(400);
    const second = await world.run(makePlan());
    const third = await world.run(makePlan());
    await receiver.until(({ attributes }) => attributes['gantry.execution.id'] === third.id);
    expect(receiver.spans.some(({ attributes }) => attributes['gantry.execution.id'] === second.id)).toBe(
      false,
    );
    expect(second.status).toBe('passed');
  });
});

const suite = `title: Traced
defaults: { image: "gantry/toolbox:local", resources: { memory: 64Mi } }
steps:
  api: { kind: service, run: "echo up; sleep 1000", ready: { log: up } }
  test:
    kind: test
    after: api
    run: [node, test.mjs]
  own:
    kind: task
    env: { TRACEPARENT: mine }
    run: test "$TRACEPARENT" = mine
`;

/** What a program with an OpenTelemetry SDK would send. */
const program = `
const [, traceId, parentSpanId] = process.env.TRACEPARENT.split('-');
const now = BigInt(Date.now()) * 1000000n;
const span = { traceId, parentSpanId, spanId: '00f067aa0ba902b7', name: 'GET /cart', kind: 3,
  startTimeUnixNano: String(now), endTimeUnixNano: String(now + 1000000n) };
const attributes = process.env.OTEL_RESOURCE_ATTRIBUTES.split(',').map((pair) => pair.split('='))
  .map(([key, stringValue]) => ({ key, value: { stringValue } }));
const response = await fetch(process.env.OTEL_EXPORTER_OTLP_ENDPOINT + '/v1/traces', {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans: [span] }] }] }),
});
process.exit(response.ok ? 0 : 1);
`;

describeWith('docker', 'traces of executions on Docker', () => {
  let receiver: OtlpReceiver;
  let gantry: RealEngine;
  let traces: Traces;
  let root: string;

  beforeAll(async () => {
    await buildToolbox({ log: () => undefined });
    root = await mkdtemp(path.join(tmpdir(), 'gantry-traced-'));
    makeSuiteFolder({ 'suite.yaml': suite, 'test.mjs': program }, path.join(root, 'traced'));
    receiver = await startOtlpReceiver();
    traces = tracesTo({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      GANTRY_STEP_OTLP_ENDPOINT: receiver.outerUrl,
    });
    gantry = await startRealEngine({ suiteRoots: [root], traces });
  });

  afterAll(async () => {
    await gantry?.close();
    await traces?.close();
    await receiver?.close();
    rmSync(root, { recursive: true, force: true });
  });

  it('are joined by the spans of what runs in a step', async () => {
    const execution = await gantry.run({ suiteId: 'traced', backend: 'local' });
    expect(execution.cause).toBeNull();
    const own = await receiver.until(({ name }) => name === 'GET /cart');
    const attempt = await receiver.until(({ spanId }) => spanId === own.parentSpanId);
    expect(attempt).toMatchObject({
      name: 'attempt 1',
      traceId: own.traceId,
      attributes: { 'gantry.step.id': 'test', 'gantry.status': 'passed' },
    });
    const step = await receiver.until(({ spanId }) => spanId === attempt.parentSpanId);
    const whole = await receiver.until(({ spanId }) => spanId === step.parentSpanId);
    expect([step.name, whole.name, whole.parentSpanId]).toEqual(['test', 'traced', '']);
    for (const stage of ['queued', 'open environment', 'close environment'])
      expect(receiver.spans.find(({ name }) => name === stage)?.parentSpanId).toBe(whole.spanId);
  });
});
