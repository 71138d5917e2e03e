import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { networkInterfaces } from 'node:os';
import { gunzipSync } from 'node:zlib';
import protobuf from 'protobufjs';
import { decodeMetrics, type ReceivedMetric } from './otlp-metrics';

export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  service: string;
  startMs: number;
  endMs: number;
  /** 0 unset, 1 ok, 2 error. */
  code: number;
  message: string;
  attributes: Record<string, string | number>;
  links: string[];
}

export interface OtlpReceiver {
  /** For this machine. */
  url: string;
  /** For the containers of this machine. */
  outerUrl: string;
  spans: ReceivedSpan[];
  /** Each request's on their own, the oldest first. */
  metrics: ReceivedMetric[][];
  headers: IncomingMessage['headers'][];
  /** Statuses to answer with before anything is taken. */
  refusals: number[];
  /** Resolves when such a span has come. */
  until(what: (span: ReceivedSpan) => boolean): Promise<ReceivedSpan>;
  /** Resolves when a request with such metrics has come. */
  untilMetrics(what: (metrics: ReceivedMetric[]) => boolean): Promise<ReceivedMetric[]>;
  close(): Promise<void>;
}

/** The parts of OTLP 1.x that hold spans; field numbers are those of its published definition. */
const definition = `syntax = "proto3";
message Request { repeated ResourceSpans resource_spans = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
message Resource { repeated KeyValue attributes = 1; }
message ScopeSpans { repeated Span spans = 2; }
message KeyValue { string key = 1; AnyValue value = 2; }
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
message Status { string message = 2; int32 code = 3; }
message Link { bytes trace_id = 1; bytes span_id = 2; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5;
  fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8;
  repeated KeyValue attributes = 9; repeated Link links = 13; Status status = 15;
}`;
const requestType = protobuf.parse(definition).root.lookupType('Request');

interface Attribute {
  key: string;
  value?: { stringValue?: string; intValue?: string | number; doubleValue?: number };
}
interface WireSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes?: Attribute[];
  links?: { spanId: string }[];
  status?: { message?: string; code?: number };
}
interface WireRequest {
  resourceSpans?: { resource?: { attributes?: Attribute[] }; scopeSpans?: { spans?: WireSpan[] }[] }[];
}

/** Takes OTLP over HTTP, in protobuf and in JSON. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const metrics: ReceivedMetric[][] = [];
  const headers: IncomingMessage['headers'][] = [];
  const refusals: number[] = [];
  const watchers = new Set<() => void>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const isKnown = request.url === '/v1/traces' || request.url === '/v1/metrics';
    const refusal = isKnown ? refusals.shift() : 404;
    if (refusal !== undefined) {
      response.writeHead(refusal).end();
      return;
    }
    headers.push(request.headers);
    const sent = Buffer.concat(chunks);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
    const isJson = request.headers['content-type'] === 'application/json';
    if (request.url === '/v1/metrics') metrics.push(decodeMetrics(body));
    else spans.push(...read(isJson ? JSON.parse(body.toString()) : decode(body)));
    response.writeHead(200, { 'content-type': request.headers['content-type'] }).end(isJson ? '{}' : '');
    for (const watcher of watchers) watcher();
  });
  server.listen(0, '0.0.0.0');
  await once(server, 'listening');
  const address = server.address();
  const port = address && typeof address === 'object' ? address.port : 0;
  const outer = Object.values(networkInterfaces())
    .flat()
    .find((each) => each && !each.internal && each.family === 'IPv4');
  function found<T>(find: () => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const look = () => {
        const each = find();
        if (each === undefined) return;
        watchers.delete(look);
        resolve(each);
      };
      watchers.add(look);
      look();
    });
  }
  return {
    url: `http://127.0.0.1:${port}`,
    outerUrl: `http://${outer?.address ?? '127.0.0.1'}:${port}`,
    spans,
    metrics,
    headers,
    refusals,
    until: (what) => found(() => spans.find(what)),
    untilMetrics: (what) => found(() => metrics.find(what)),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function decode(body: Buffer): WireRequest {
  const hex = (base64: string) => Buffer.from(base64, 'base64').toString('hex');
  const request: WireRequest = requestType.toObject(requestType.decode(body), {
    longs: String,
    bytes: String,
  });
  for (const { scopeSpans } of request.resourceSpans ?? [])
    for (const span of scopeSpans?.flatMap((scope) => scope.spans ?? []) ?? []) {
      span.traceId = hex(span.traceId);
      span.spanId = hex(span.spanId);
      span.parentSpanId = hex(span.parentSpanId ?? '');
      for (const link of span.links ?? []) link.spanId = hex(link.spanId);
    }
  return request;
}

function read({ resourceSpans }: WireRequest): ReceivedSpan[] {
  return (resourceSpans ?? []).flatMap(({ resource, scopeSpans }) =>
    (scopeSpans ?? [])
      .flatMap((scope) => scope.spans ?? [])
      .map((span) => ({
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId ?? '',
        name: span.name,
        service: String(attributesOf(resource?.attributes)['service.name']),
        startMs: Number(BigInt(span.startTimeUnixNano) / 1_000_000n),
        endMs: Number(BigInt(span.endTimeUnixNano) / 1_000_000n),
        code: span.status?.code ?? 0,
        message: span.status?.message ?? '',
        attributes: attributesOf(span.attributes),
        links: (span.links ?? []).map(({ spanId }) => spanId),
      })),
  );
}

function attributesOf(attributes: Attribute[] = []): Record<string, string | number> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value?.stringValue ?? Number(value?.intValue ?? value?.doubleValue ?? 0),
    ]),
  );
}
