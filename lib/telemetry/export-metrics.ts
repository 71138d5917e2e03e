import {
  convertLegacyHttpOptions,
  createOtlpHttpExportDelegate,
} from '@opentelemetry/otlp-exporter-base/node-http';
import { MetricsExporterMetricsHelper, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { Clock } from '../clock';
import { messageOf } from '../model/errors';
import type { Logger } from '../model/logger';
import type { MetricsExport } from '../model/tracing';
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
 * Sends the metrics by OTLP at every interval until `stopping`, and then once more within five seconds. A receiver that
 * does not take them is a line in the log, and the next interval sends what the metrics are then. Headers, compression,
 * time limit and certificates are those of the `OTEL_EXPORTER_OTLP_…` variables.
 */
export async function runMetricsExport(
  { clock, logger, collect, instance }: MetricsExporter,
  settings: MetricsExport | null,
  stopping: AbortSignal,
): Promise<void> {
  if (!settings) return;
  const exporter = createOtlpHttpExportDelegate<ResourceMetrics, unknown>(
    convertLegacyHttpOptions({ url: settings.metricsUrl }, 'METRICS', 'v1/metrics', {
      'content-type': 'application/x-protobuf',
    }),
    ProtobufMetricsSerializer,
    'otlp_http_metric_exporter',
    MetricsExporterMetricsHelper,
    undefined,
  );
  const resource = resourceFromAttributes({
    'service.name': settings.serviceName,
    'service.instance.id': instance,
  });
  const startMs = clock.now().getTime();

  async function send(): Promise<void> {
    try {
      const metrics = toOtlpMetrics(await collect(), startMs, clock.now().getTime());
      const scopeMetrics = [{ scope: { name: 'gantry' }, metrics }];
      await new Promise<void>((resolve, reject) => {
        exporter.export({ resource, scopeMetrics }, ({ code, error }) =>
          code === 0 ? resolve() : reject(error ?? new Error('the receiver refused them')),
        );
      });
    } catch (error) {
      logger.warn(
        { url: settings?.metricsUrl, error: messageOf(error) },
        'the metrics could not be exported',
      );
    }
  }

  while (!stopping.aborted) {
    await clock.sleep(settings.intervalMs, stopping);
    if (!stopping.aborted) await send();
  }
  const isOver = new AbortController();
  await Promise.race([send(), clock.sleep(closeLimitMs, isOver.signal)]);
  isOver.abort();
  await exporter.shutdown();
}
