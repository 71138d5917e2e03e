import { type Attributes, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { type Clock, waitAtMost } from '../../clock';
import { messageOf } from '../../model/errors';
import type { ExecutionEvent } from '../../model/event';
import type { Logger } from '../../model/logger';
import type { StepTracing, TracingSettings } from '../../model/telemetry';
import type { Store } from '../../store/store';
import { executionSpans } from './execution-spans';
import { traceIdOf, traceparentOf } from './ids';
import type { TraceSpan } from './span';

/** Traces of executions, exported by OTLP when they have ended. */
export interface Traces extends StepTracing {
  /** The store to be used from now on, so that ends of executions are heard of. */
  instrument(store: Store): Store;
  /** Resolves when what was under way is exported, or after five seconds. Idempotent. */
  close(): Promise<void>;
}

const spansAtOnce = 512;
const eventsAtOnce = 1_000;
const closeLimitMs = 5_000;

/** Traces that go nowhere. */
export const noTraces: Traces = {
  variablesOf: () => ({}),
  instrument: (store) => store,
  close: async () => undefined,
};

/** Headers, compression, time limit and certificates are those of the `OTEL_EXPORTER_OTLP_…` variables. */
export function createTraces(
  { clock, logger }: { clock: Clock; logger: Logger },
  settings: TracingSettings | null,
): Traces {
  if (!settings) return noTraces;
  const exporter = new OTLPTraceExporter({ url: settings.tracesUrl });
  const resource = resourceFromAttributes({ 'service.name': settings.serviceName });
  let work: Promise<void> = Promise.resolve();

  async function exportTrace(store: Store, id: string): Promise<void> {
    try {
      const spans = executionSpans(id, await readAll(store, id));
      for (let at = 0; at < spans.length; at += spansAtOnce) {
        const some = spans.slice(at, at + spansAtOnce);
        await send(some.map((span) => readable(traceIdOf(id), resource, span)));
      }
      logger.debug({ execution: id, trace: traceIdOf(id), spans: spans.length }, 'a trace was exported');
    } catch (error) {
      logger.warn(
        { execution: id, error: messageOf(error) },
        'the trace of an execution could not be exported',
      );
    }
  }

  function send(spans: ReadableSpan[]): Promise<void> {
    return new Promise((resolve, reject) => {
      exporter.export(spans, ({ code, error }) =>
        code === 0 ? resolve() : reject(error ?? new Error('the receiver refused it')),
      );
    });
  }

  return {
    variablesOf: (executionId, stepId, attempt) => ({
      TRACEPARENT: traceparentOf(executionId, stepId, attempt),
      OTEL_RESOURCE_ATTRIBUTES: `gantry.execution.id=${executionId},gantry.step.id=${encodeURIComponent(stepId)}`,
      ...(settings.stepEndpoint === null
        ? {}
        : {
            OTEL_EXPORTER_OTLP_ENDPOINT: settings.stepEndpoint,
            OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
          }),
    }),
    instrument(store) {
      const { events } = store;
      return {
        ...store,
        events: {
          ...events,
          async append(id, given, fence, known) {
            const written = await events.append(id, given, fence, known);
            // One after the other: the engine does not wait for it.
            if (written.some(({ type }) => type === 'execution.finished'))
              work = work.then(() => exportTrace(store, id));
            return written;
          },
        },
      };
    },
    async close() {
      await waitAtMost(clock, closeLimitMs, work);
      await exporter.shutdown().catch((error: unknown) => {
        logger.warn({ error: messageOf(error) }, 'the last traces may not have been sent');
      });
    },
  };
}

async function readAll({ events }: Store, id: string): Promise<ExecutionEvent[]> {
  const all: ExecutionEvent[] = [];
  for (;;) {
    const some = await events.read(id, all.at(-1)?.seq ?? 0, eventsAtOnce);
    all.push(...some);
    if (some.length === 0) return all;
  }
}

function readable(traceId: string, resource: Resource, span: TraceSpan): ReadableSpan {
  const contextOf = (spanId: string) => ({ traceId, spanId, traceFlags: TraceFlags.SAMPLED });
  const attributes: Attributes = span.attributes;
  return {
    name: span.name,
    kind: SpanKind.INTERNAL,
    spanContext: () => contextOf(span.id),
    ...(span.parentId === null ? {} : { parentSpanContext: contextOf(span.parentId) }),
    startTime: timeOf(span.startMs),
    endTime: timeOf(span.endMs),
    duration: timeOf(span.endMs - span.startMs),
    status:
      span.problem === null
        ? { code: SpanStatusCode.UNSET }
        : { code: SpanStatusCode.ERROR, message: span.problem },
    attributes,
    links: span.links.map((id) => ({ context: contextOf(id) })),
    events: [],
    ended: true,
    resource,
    instrumentationScope: { name: 'gantry' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function timeOf(ms: number): [seconds: number, nanoseconds: number] {
  return [Math.floor(ms / 1_000), Math.round(ms % 1_000) * 1_000_000];
}
