import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import type { CollectedMetric } from './metrics';

/** A value of a histogram of prom-client; `metricName` ends in `_bucket`, `_sum` or `_count`. */
type Value = CollectedMetric['values'][number] & { metricName?: string };

interface Times {
  startTime: HrTime;
  endTime: HrTime;
}

/**
 * Converts metrics of Prometheus to those of OpenTelemetry, with the same names and labels: counters to monotonic sums
 * since `startMs`, gauges to gauges, histograms to histograms with the same boundaries.
 */
export function toOtlpMetrics(
  metrics: readonly CollectedMetric[],
  startMs: number,
  nowMs: number,
): MetricData[] {
  const times = { startTime: toHrTime(startMs), endTime: toHrTime(nowMs) };
  return metrics.map((metric) => convert(metric, times)).filter((metric) => metric.dataPoints.length > 0);
}

function convert({ name, help, type, values }: CollectedMetric, times: Times): MetricData {
  const common = {
    descriptor: { name, description: help, unit: '', valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  switch (String(type)) {
    case 'histogram':
      return { ...common, dataPointType: DataPointType.HISTOGRAM, dataPoints: histogramsOf(values, times) };
    case 'counter':
      return {
        ...common,
        dataPointType: DataPointType.SUM,
        isMonotonic: true,
        dataPoints: numbersOf(values, times),
      };
    case 'gauge':
      return { ...common, dataPointType: DataPointType.GAUGE, dataPoints: numbersOf(values, times) };
    default:
      throw new Error(`the metric ${name} is a ${type}; expected a counter, gauge or histogram`);
  }
}

function numbersOf(values: readonly Value[], times: Times) {
  return values
    .filter(({ value }) => Number.isFinite(value))
    .map(({ value, labels }) => ({ ...times, value, attributes: attributesOf(labels) }));
}

/** The buckets of Prometheus count everything up to their boundary; those of OpenTelemetry what is between two. */
function histogramsOf(values: readonly Value[], times: Times) {
  const groups = new Map<string, { attributes: Attributes; values: Value[] }>();
  for (const value of values) {
    const { le: _, ...labels } = value.labels;
    const attributes = attributesOf(labels);
    const key = JSON.stringify(attributes);
    const group = groups.get(key) ?? { attributes, values: [] };
    group.values.push(value);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ attributes, values: own }) => {
    const single = (suffix: string) => own.find(({ metricName }) => metricName?.endsWith(suffix))?.value ?? 0;
    const count = single('_count');
    const buckets = own
      .filter(({ metricName, labels }) => metricName?.endsWith('_bucket') && labels.le !== '+Inf')
      .map(({ labels, value }) => ({ boundary: Number(labels.le), upTo: value }))
      .sort((a, b) => a.boundary - b.boundary);
    const totals = [...buckets.map(({ upTo }) => upTo), count];
    const counts = totals.map((total, at) => total - (totals[at - 1] ?? 0));
    const boundaries = buckets.map(({ boundary }) => boundary);
    return { ...times, attributes, value: { buckets: { boundaries, counts }, sum: single('_sum'), count } };
  });
}

function attributesOf(labels: Value['labels']): Attributes {
  const entries = Object.entries(labels).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, String(value)] as const],
  );
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function toHrTime(ms: number): HrTime {
  return [Math.floor(ms / 1_000), Math.round(ms % 1_000) * 1_000_000];
}
