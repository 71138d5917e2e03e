import {
  convertLegacyHttpOptions,
  createOtlpHttpExportDelegate,
} from '@opentelemetry/otlp-exporter-base/node-http';
import {
  type IExportMetricsServiceResponse,
  MetricsExporterMetricsHelper,
  ProtobufMetricsSerializer,
} from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { type Clock, untilAborted, waitAtMost } from '../clock';
import { messageOf } from '../model/errors';
import type { Logger } from '../model/logger';
import type { MetricsExport } from '../model/telemetry';
import type { CollectedMetric } from './metrics';
import { toOtlpMetrics } from './otlp-metrics';

const closeLimitMs = 5_000;

interface MetricsExporter {
  clock: Clock;
  logger: Logger;
  collect(): Promise<CollectedMetric[]>;
  /** Tells the metrics of this control plane from those of others. */
  instance: string;
}

/**
 * Sends the metrics by OTLP at every interval until `stopping`, and then once more. Never rejects, and resolves five
 * seconds after `stopping` at the latest. A receiver that does not take them is a line in the log when that begins and
 * when it ends; the next interval sends the current values. Headers, compression, time limit and certificates are those
 * of the `OTEL_EXPORTER_OTLP_…` variables.
 */
export async function runMetricsExport(
  { clock, logger, collect, instance }: MetricsExporter,
  settings: MetricsExport | null,
  stopping: AbortSignal,
): Promise<void> {
  if (!settings) return;
  const exporter = openExporter(settings.metricsUrl);
  const resource = resourceFromAttributes({
    'service.name': settings.serviceName,
    'service.instance.id': instance,
  });
  const startMs = clock.now().getTime();
  // The rest of the address may hold credentials.
  const { host } = new URL(settings.metricsUrl);
  let isFailing = false;

  async function send(): Promise<void> {
    try {
      const metrics = toOtlpMetrics(await collect(), startMs, clock.now().getTime());
      await exporter.send({ resource, scopeMetrics: [{ scope: { name: 'gantry' }, metrics }] });
      if (isFailing) logger.info({ host }, 'the metrics are exported again');
      isFailing = false;
    } catch (error) {
      const level = isFailing ? 'debug' : 'warn';
      logger[level]({ host, error: messageOf(error) }, 'the metrics could not be exported');
      isFailing = true;
    }
  }

  const stopped = untilAborted(stopping);
  let sending = Promise.resolve();
  while (!stopping.aborted) {
    await clock.sleep(settings.intervalMs, stopping);
    if (stopping.aborted) break;
    sending = send();
    await Promise.race([sending, stopped]);
  }
  const closed = sending.then(send).then(exporter.close);
  try {
    await waitAtMost(clock, closeLimitMs, closed);
  } catch (error) {
    logger.warn({ host, error: messageOf(error) }, 'the last metrics may not have been sent');
  }
}

interface Exporter {
  /** Rejects if the receiver does not take all of them. */
  send(metrics: ResourceMetrics): Promise<void>;
  close(): Promise<void>;
}

function openExporter(url: string): Exporter {
  let rejected: string | null = null;
  const delegate = createOtlpHttpExportDelegate<ResourceMetrics, IExportMetricsServiceResponse>(
    convertLegacyHttpOptions({ url }, 'METRICS', 'v1/metrics', { 'content-type': 'application/x-protobuf' }),
    {
      ...ProtobufMetricsSerializer,
      deserializeResponse(data) {
        const response = ProtobufMetricsSerializer.deserializeResponse(data);
        const { rejectedDataPoints = 0, errorMessage = '' } = response.partialSuccess ?? {};
        if (Number(rejectedDataPoints) > 0)
          rejected = `the receiver refused ${rejectedDataPoints} of the values: ${errorMessage}`;
        return response;
      },
    },
    'otlp_http_metric_exporter',
    MetricsExporterMetricsHelper,
    undefined,
  );
  return {
    send: (metrics) =>
      new Promise((resolve, reject) => {
        rejected = null;
        delegate.export(metrics, ({ code, error }) => {
          if (code !== 0) reject(error ?? new Error('the receiver refused them'));
          else if (rejected !== null) reject(new Error(rejected));
          else resolve();
        });
      }),
    close: () => delegate.shutdown(),
  };
}
