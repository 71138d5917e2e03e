import { z } from 'zod';

/** How steps learn of the trace that their execution becomes. */
export interface StepTracing {
  /** For the environment of one attempt, below everything that the suite sets; empty when no traces are exported. */
  variablesOf(executionId: string, stepId: string, attempt: number): Record<string, string>;
}

/** Where traces go, and what steps are told of it. */
export interface TracingSettings {
  /** Spans are posted there, as OTLP over HTTP in protobuf. */
  tracesUrl: string;
  serviceName: string;
  /** The OTLP address for the programs of steps; null when the control plane's leads to its own machine. */
  stepEndpoint: string | null;
}

/** Variables that steps have when traces are exported. */
export const tracingVariables = [
  'TRACEPARENT',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_PROTOCOL',
  'OTEL_RESOURCE_ATTRIBUTES',
] as const;

const address = z.url({ protocol: /^https?$/, error: 'a URL such as http://collector.example:4318' });

/** The names that OpenTelemetry knows. Gantry exports by the first; the others are no error. */
const metricsExporters = ['otlp', 'prometheus', 'console', 'logging', 'none'];

const splitNames = (names: string) => names.split(',').map((each) => each.trim());

/** The settings of traces and metrics in the environment, by the names that OpenTelemetry gives them. */
export const telemetryEnvironment = {
  OTEL_EXPORTER_OTLP_ENDPOINT: address.optional().meta({
    description: 'OpenTelemetry collector for traces and metrics, by HTTP: [traces.md](traces.md).',
  }),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: address.optional().meta({
    description: 'The whole URL for traces, where it is not `/v1/traces` of the collector.',
    whenAbsent: 'below the collector',
  }),
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: address.optional().meta({
    description: 'The whole URL for metrics, where it is not `/v1/metrics` of the collector.',
    whenAbsent: 'below the collector',
  }),
  OTEL_EXPORTER_OTLP_PROTOCOL: z
    .literal('http/protobuf', 'http/protobuf, the one protocol that Gantry exports')
    .optional()
    .meta({ description: 'The one protocol that Gantry exports.', whenAbsent: '`http/protobuf`' }),
  OTEL_SERVICE_NAME: z
    .string()
    .default('gantry')
    .meta({ description: 'Name of the service in traces and metrics.' }),
  OTEL_TRACES_EXPORTER: z
    .enum(['otlp', 'none'], 'otlp or none')
    .default('otlp')
    .meta({ description: '`none` exports no traces.' }),
  OTEL_METRICS_EXPORTER: z
    .string()
    .refine(
      (names) => splitNames(names).every((each) => metricsExporters.includes(each)),
      `some of ${metricsExporters.join(', ')}, separated by commas`,
    )
    .default('otlp')
    .meta({
      description: 'Metrics are exported only if `otlp` is among its names; `none` exports no metrics.',
    }),
  OTEL_METRIC_EXPORT_INTERVAL: z
    .string()
    .regex(/^[1-9]\d{2,8}$/, 'a number of milliseconds, 100 or more')
    .transform(Number)
    .default(60_000)
    .meta({ description: 'Milliseconds between two exports of metrics.' }),
  OTEL_SDK_DISABLED: z
    .enum(['true', 'false'], 'true or false')
    .default('false')
    .meta({ description: '`true` exports nothing.' }),
  GANTRY_STEP_OTLP_ENDPOINT: address.optional().meta({
    description: 'The collector as the programs of steps reach it.',
    whenAbsent: 'the collector',
  }),
};

/** Null when nothing says where traces go, or when they are turned off. */
export function readTracing(
  settings: z.infer<z.ZodObject<typeof telemetryEnvironment>>,
): TracingSettings | null {
  const base = settings.OTEL_EXPORTER_OTLP_ENDPOINT;
  const tracesUrl =
    settings.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? (base && `${base.replace(/\/+$/, '')}/v1/traces`);
  if (!tracesUrl || settings.OTEL_TRACES_EXPORTER === 'none' || settings.OTEL_SDK_DISABLED === 'true')
    return null;
  const reachable = base && !isOwnMachine(new URL(base).hostname) ? base : null;
  return {
    tracesUrl,
    serviceName: settings.OTEL_SERVICE_NAME,
    stepEndpoint: settings.GANTRY_STEP_OTLP_ENDPOINT ?? reachable,
  };
}

/** Where metrics are sent, as OTLP over HTTP in protobuf, and how often. */
export interface MetricsExport {
  metricsUrl: string;
  serviceName: string;
  intervalMs: number;
}

/** Null when nothing says where metrics go, or when they are turned off. */
export function readMetricsExport(
  settings: z.infer<z.ZodObject<typeof telemetryEnvironment>>,
): MetricsExport | null {
  const base = settings.OTEL_EXPORTER_OTLP_ENDPOINT;
  const metricsUrl =
    settings.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT ?? (base && `${base.replace(/\/+$/, '')}/v1/metrics`);
  const isChosen = splitNames(settings.OTEL_METRICS_EXPORTER).includes('otlp');
  if (!metricsUrl || !isChosen || settings.OTEL_SDK_DISABLED === 'true') return null;
  const { OTEL_SERVICE_NAME: serviceName, OTEL_METRIC_EXPORT_INTERVAL: intervalMs } = settings;
  return { metricsUrl, serviceName, intervalMs };
}

/** There it means the step's own container. */
function isOwnMachine(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host === '0.0.0.0' || host.startsWith('127.');
}
