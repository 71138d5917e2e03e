/** One span of an execution's trace, before it is put into OTLP. Times are milliseconds since 1970. */
export interface TraceSpan {
  name: string;
  id: string;
  /** Null for the execution itself. */
  parentId: string | null;
  /** Ids of spans that had to end, or to be ready, before this one. */
  links: string[];
  startMs: number;
  endMs: number;
  /** Why it went wrong; null when it did not. */
  problem: string | null;
  attributes: Record<string, string | number>;
}

/** What is known of every attempt and step that has ended. */
export function outcomeOf(
  status: string,
  result: { reason: string | null; exitCode: number | null },
): { problem: string | null; attributes: Record<string, string | number> } {
  const isBad = status === 'failed' || status === 'errored' || status === 'timed_out';
  return {
    problem: isBad ? (result.reason ?? status) : null,
    attributes: {
      'gantry.status': status,
      ...(result.reason === null ? {} : { 'gantry.reason': result.reason }),
      ...(result.exitCode === null ? {} : { 'process.exit.code': result.exitCode }),
    },
  };
}
