import {
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  type MetricObjectWithValues,
  type MetricValue,
  Registry,
} from 'prom-client';
import type { Clock } from '../clock';
import { agentState } from '../model/agent';
import { environmentState } from '../model/environment';
import type { Logger } from '../model/logger';
import { finalExecutionStatus, finalStepStatus } from '../model/status-schema';
import type { Store } from '../store/store';
import { createGaugeReader, type GaugeReadings, type MetricsSources } from './gauges';
import { instrumentStore } from './instrumented-store';
import { memoize } from './memoize';

/** Metrics for Prometheus and OpenTelemetry. They need no authentication: they count by state and kind and contain no names. */
export interface Metrics {
  /** The store to be used from now on, so that what comes in is counted. */
  instrument(store: Store): Store;
  /** The text of all metrics, at most a second old. Never rejects for a source that is away. */
  expose(sources: MetricsSources): Promise<string>;
  contentType: string;
  /** The same metrics as values, as they are now. Never rejects for a source that is away. */
  collect(sources: MetricsSources): Promise<CollectedMetric[]>;
}

export type CollectedMetric = MetricObjectWithValues<MetricValue<string>>;

const textMs = 1_000;

export function createMetrics(
  deps: { clock: Clock; logger: Logger },
  { offlineAfterMs }: { offlineAfterMs: number },
): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const finished = new Counter({
    name: 'gantry_executions_finished_total',
    help: 'Executions that this control plane has ended since it started.',
    labelNames: ['status'],
    registers,
  });
  const steps = new Counter({
    name: 'gantry_steps_finished_total',
    help: 'Steps that this control plane has ended since it started.',
    labelNames: ['status'],
    registers,
  });
  const waits = new Histogram({
    name: 'gantry_step_wait_seconds',
    help: 'For room, from ready to run until the first attempt of a step began; 0 for one that has not waited.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1_800],
    registers,
  });
  const lines = new Counter({
    name: 'gantry_log_lines_stored_total',
    help: 'Lines of output that this control plane has stored since it started.',
    registers,
  });
  for (const status of finalExecutionStatus.options) finished.inc({ status }, 0);
  for (const status of finalStepStatus.options) steps.inc({ status }, 0);
  const show = createGauges(registry);
  const read = createGaugeReader(deps, offlineAfterMs);
  let isProcessCounted = false;
  async function refresh(sources: MetricsSources): Promise<void> {
    // It watches the event loop from then on: only once somebody reads the metrics.
    if (!isProcessCounted) collectDefaultMetrics({ register: registry });
    isProcessCounted = true;
    show(await read(sources));
  }

  return {
    instrument: (store) =>
      instrumentStore(store, {
        executionFinished: (status) => finished.inc({ status }),
        stepFinished: (status) => steps.inc({ status }),
        stepWaited: (seconds) => waits.observe(seconds),
        linesStored: (count) => lines.inc(count),
      }),
    expose: memoize(deps, textMs, async (sources: MetricsSources) => {
      await refresh(sources);
      return registry.metrics();
    }),
    async collect(sources) {
      await refresh(sources);
      return registry.getMetricsAsJSON();
    },
    contentType: registry.contentType,
  };
}

/** Sets the gauges. A value that could not be read is left out, so that no old number is taken for a new one. */
function createGauges(registry: Registry): (readings: GaugeReadings) => void {
  const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Gauge({ name: `gantry_${name}`, help, labelNames, registers: [registry] });
  const database = gauge('database_up', 'Whether the database answers.');
  const streams = gauge('streams_open', 'Server-Sent Events streams that are open here.');
  const executions = gauge('executions', 'Executions that have not ended, of all control planes.', 'status');
  const agents = gauge('agents', 'Remote agents.', 'state');
  const backends = gauge('backends', 'Backends that are set up.', 'kind', 'available');
  const environments = gauge('environments', 'What executions own on the backends.', 'state');
  return (readings) => {
    database.set(readings.counts ? 1 : 0);
    streams.set(readings.openStreams);
    for (const each of [executions, agents, backends, environments]) each.reset();
    for (const status of ['queued', 'running'] as const)
      if (readings.counts) executions.set({ status }, readings.counts.executions[status]);
    for (const state of agentState.options)
      if (readings.counts) agents.set({ state }, readings.counts.agents[state]);
    for (const { kind, available } of readings.backends ?? [])
      backends.inc({ kind, available: String(available) });
    if (!readings.environments) return;
    for (const state of environmentState.options) environments.set({ state }, 0);
    for (const { state } of readings.environments) environments.inc({ state });
  };
}
