import protobuf from 'protobufjs';

export interface ReceivedMetric {
  service: string;
  instance: string;
  name: string;
  description: string;
  kind: 'gauge' | 'sum' | 'histogram';
  /** Of a sum. */
  isMonotonic: boolean;
  /** 2: cumulative; of a gauge 0. */
  temporality: number;
  points: ReceivedPoint[];
}

export interface ReceivedPoint {
  attributes: Record<string, string>;
  startMs: number;
  atMs: number;
  /** Of a gauge or a sum. */
  value: number;
  /** Of a histogram. */
  count: number;
  sum: number;
  boundaries: number[];
  counts: number[];
}

/** The parts of OTLP 1.x that hold metrics; field numbers are those of its published definition. */
const definition = `syntax = "proto3";
message Request { repeated ResourceMetrics resource_metrics = 1; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
message Resource { repeated KeyValue attributes = 1; }
message ScopeMetrics { repeated Metric metrics = 2; }
message KeyValue { string key = 1; AnyValue value = 2; }
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
message Metric { string name = 1; string description = 2; string unit = 3;
  oneof data { Gauge gauge = 5; Sum sum = 7; Histogram histogram = 9; } }
message Gauge { repeated NumberPoint data_points = 1; }
message Sum { repeated NumberPoint data_points = 1; int32 aggregation_temporality = 2; bool is_monotonic = 3; }
message Histogram { repeated HistogramPoint data_points = 1; int32 aggregation_temporality = 2; }
message NumberPoint { repeated KeyValue attributes = 7; fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3;
  oneof value { double as_double = 4; sfixed64 as_int = 6; } }
message HistogramPoint { repeated KeyValue attributes = 9; fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3;
  fixed64 count = 4; optional double sum = 5; repeated fixed64 bucket_counts = 6; repeated double explicit_bounds = 7; }`;
const requestType = protobuf.parse(definition).root.lookupType('Request');

interface Attribute {
  key: string;
  value?: { stringValue?: string };
}
interface WirePoint {
  attributes?: Attribute[];
  startTimeUnixNano?: string;
  timeUnixNano?: string;
  asDouble?: number;
  asInt?: string;
  count?: string;
  sum?: number;
  bucketCounts?: string[];
  explicitBounds?: number[];
}
interface WireData {
  dataPoints?: WirePoint[];
  aggregationTemporality?: number;
  isMonotonic?: boolean;
}
interface WireRequest {
  resourceMetrics?: {
    resource?: { attributes?: Attribute[] };
    scopeMetrics?: {
      metrics?: {
        name: string;
        description?: string;
        gauge?: WireData;
        sum?: WireData;
        histogram?: WireData;
      }[];
    }[];
  }[];
}

/** Decodes a request to `/v1/metrics` in protobuf. */
export function decodeMetrics(body: Buffer): ReceivedMetric[] {
  const request: WireRequest = requestType.toObject(requestType.decode(body), { longs: String });
  return (request.resourceMetrics ?? []).flatMap(({ resource, scopeMetrics }) => {
    const own = attributesOf(resource?.attributes);
    return (scopeMetrics ?? [])
      .flatMap(({ metrics }) => metrics ?? [])
      .map(({ name, description = '', gauge, sum, histogram }) => {
        const data = gauge ?? sum ?? histogram ?? {};
        return {
          service: own['service.name'] ?? '',
          instance: own['service.instance.id'] ?? '',
          name,
          description,
          kind: gauge ? ('gauge' as const) : sum ? ('sum' as const) : ('histogram' as const),
          isMonotonic: data.isMonotonic ?? false,
          temporality: data.aggregationTemporality ?? 0,
          points: (data.dataPoints ?? []).map(pointOf),
        };
      });
  });
}

function pointOf(point: WirePoint): ReceivedPoint {
  return {
    attributes: attributesOf(point.attributes),
    startMs: Number(BigInt(point.startTimeUnixNano ?? 0) / 1_000_000n),
    atMs: Number(BigInt(point.timeUnixNano ?? 0) / 1_000_000n),
    value: point.asDouble ?? Number(point.asInt ?? 0),
    count: Number(point.count ?? 0),
    sum: point.sum ?? 0,
    boundaries: point.explicitBounds ?? [],
    counts: (point.bucketCounts ?? []).map(Number),
  };
}

function attributesOf(attributes: Attribute[] = []): Record<string, string> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value?.stringValue ?? '']));
}
