import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '@/lib/config';
import { startControlPlane, type TestControlPlane } from '../agents/control-plane';
import type { ReceivedMetric } from '../support/otlp-metrics';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver';

const suites = { quick: 'steps: { a: { kind: test, run: "true" }, b: { kind: test, run: "exit 1" } }' };

describe('settings of the export of metrics', () => {
  const read = (env: Record<string, string>) => loadConfig(env, '/srv').metricsExport;

  it('are those of OpenTelemetry', () => {
    expect(read({})).toBeNull();
    expect(read({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' })).toEqual({
      metricsUrl: 'http://collector:4318/v1/metrics',
      serviceName: 'gantry',
      intervalMs: 60_000,
    });
    const own = {
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'https://metrics.example/in',
      OTEL_METRIC_EXPORT_INTERVAL: '5000',
      OTEL_SERVICE_NAME: 'ci',
    };
    expect(read(own)).toEqual({
      metricsUrl: 'https://metrics.example/in',
      serviceName: 'ci',
      intervalMs: 5_000,
    });
    expect(loadConfig(own, '/srv').tracing).toBeNull();
  });

  it('can turn them off without the traces, and refuse an interval that is none', () => {
    const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
    expect(read({ ...endpoint, OTEL_METRICS_EXPORTER: 'none' })).toBeNull();
    expect(loadConfig({ ...endpoint, OTEL_METRICS_EXPORTER: 'none' }, '/srv').tracing).not.toBeNull();
    expect(read({ ...endpoint, OTEL_SDK_DISABLED: 'true' })).toBeNull();
    for (const exporter of ['prometheus', 'console', 'none'])
      expect(read({ ...endpoint, OTEL_METRICS_EXPORTER: exporter })).toBeNull();
    expect(read({ ...endpoint, OTEL_METRICS_EXPORTER: 'prometheus,otlp' })).not.toBeNull();
    expect(() => read({ ...endpoint, OTEL_METRICS_EXPORTER: 'oltp' })).toThrow(
      'OTEL_METRICS_EXPORTER: expected some of otlp, prometheus, console, logging, none, separated by commas, found "oltp"',
    );
    expect(() => read({ ...endpoint, OTEL_METRIC_EXPORT_INTERVAL: '1s' })).toThrow(
      'OTEL_METRIC_EXPORT_INTERVAL: expected a number of milliseconds, 100 or more, found "1s"',
    );
  });
});

describe('a control plane with the address of a collector', () => {
  let receiver: OtlpReceiver;
  let plane: TestControlPlane | undefined;

  beforeEach(async () => {
    receiver = await startOtlpReceiver();
  });
  afterEach(async () => {
    await plane?.close();
    await receiver.close();
    for (const name of ['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', 'OTEL_METRIC_EXPORT_INTERVAL'])
      delete process.env[name];
  });

  const readValue = (metrics: ReceivedMetric[], name: string, attributes: Record<string, string> = {}) =>
    metrics
      .find((metric) => metric.name === name)
      ?.points.find((point) =>
        Object.entries(attributes).every(([key, value]) => point.attributes[key] === value),
      )?.value;

  it('sends it what Prometheus would fetch, also after refusals, and once more at its end', async () => {
    receiver.refusals.push(400, 400);
    plane = await startControlPlane(
      {
        GANTRY_PROCESS_BACKEND: '1',
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${receiver.url}/v1/metrics`,
        OTEL_METRIC_EXPORT_INTERVAL: '300',
      },
      suites,
    );
    const first = await receiver.untilMetrics(() => true);
    expect(receiver.refusals).toEqual([]);
    expect(readValue(first, 'gantry_executions_finished_total', { status: 'failed' })).toBe(0);
    const launched = await plane.post('/api/v1/executions', { suiteId: 'quick', backend: 'process' });
    expect(launched.status).toBe(201);
    const metrics = await receiver.untilMetrics(
      (sent) => readValue(sent, 'gantry_executions_finished_total', { status: 'failed' }) === 1,
    );

    // The same names, kinds and labels as in the text for Prometheus.
    const text = await (await fetch(`${plane.url}/metrics`)).text();
    const kinds = { counter: 'sum', gauge: 'gauge', histogram: 'histogram' };
    const declared = [...text.matchAll(/^# TYPE (\S+) (counter|gauge|histogram)$/gm)]
      // A metric without a value has no point to send.
      .filter(([, name]) => new RegExp(`^${name}(_bucket)?[ {]`, 'm').test(text))
      .map(([, name = '', kind]) => [name, kinds[kind as keyof typeof kinds]]);
    expect(declared.length).toBeGreaterThan(20);
    // What begins to have a value between the two is in the text and not yet in what was sent before it.
    const seen = receiver.metrics.length;
    const next = await receiver.untilMetrics((each) => receiver.metrics.indexOf(each) > seen);
    const sent = new Map(next.map(({ name, kind }) => [name, kind]));
    for (const [name = '', kind] of declared) expect([name, sent.get(name)]).toEqual([name, kind]);

    const finished = metrics.find(({ name }) => name === 'gantry_steps_finished_total');
    expect(finished).toMatchObject({ service: 'gantry', isMonotonic: true, temporality: 2 });
    expect(finished?.instance).not.toBe('');
    expect(readValue(metrics, 'gantry_steps_finished_total', { status: 'passed' })).toBe(1);
    expect(readValue(metrics, 'gantry_database_up')).toBe(1);
    expect(readValue(metrics, 'gantry_backends', { kind: 'process', available: 'true' })).toBe(1);
    for (const { points } of metrics)
      for (const { startMs, atMs } of points) expect(startMs).toBeLessThanOrEqual(atMs);

    const waits = metrics.find(({ name }) => name === 'gantry_step_wait_seconds')?.points[0];
    expect(waits?.boundaries).toEqual([0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1_800]);
    expect(waits?.counts).toHaveLength(13);
    expect(waits?.count).toBe(2);
    expect(waits?.counts.reduce((sum, each) => sum + each, 0)).toBe(2);

    const before = receiver.metrics.length;
    await plane.stop();
    expect(receiver.metrics.length).toBeGreaterThan(before);
  });
});
