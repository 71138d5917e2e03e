import { createHash } from 'node:crypto';

/** Trace id of an execution: 32 hexadecimal digits, the same on every control plane. */
export function traceIdOf(executionId: string): string {
  return digest('trace', [executionId]).slice(0, 32);
}

/** Span id of a part of an execution, 16 hexadecimal digits. An empty path is the execution itself. */
export function spanIdOf(executionId: string, ...path: (string | number)[]): string {
  return digest('span', [executionId, ...path]).slice(0, 16);
}

/** The W3C `traceparent` under which the programs of an attempt continue the trace. */
export function traceparentOf(executionId: string, stepId: string, attempt: number): string {
  return `00-${traceIdOf(executionId)}-${spanIdOf(executionId, stepId, attempt)}-01`;
}

function digest(what: string, path: (string | number)[]): string {
  return createHash('sha256')
    .update(JSON.stringify(['gantry', what, ...path]))
    .digest('hex');
}
