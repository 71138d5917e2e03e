import type { EnvironmentRecord } from '@/lib/model/environment';
import type { ExecutionEvent } from '@/lib/model/event';
import type { Execution } from '@/lib/model/execution';
import type { LogLine } from '@/lib/model/log-line';
import { checkRun } from './check-run';
import { type ControlPlane, token } from './control-plane';
import { createRandom } from './random';
import { readStream } from './stream-reader';
import type { LaunchedRun } from './workload';

/** Of an execution that has ended. */
const streamLimitMs = 30_000;

/**
 * Waits for their ends, for so long at most; afterwards the streams of either control plane are the same, the same
 * as what a reader got meanwhile, and what the suites say.
 */
export async function checkRuns(
  planes: readonly ControlPlane[],
  runs: readonly LaunchedRun[],
  { reading, limitMs }: { reading: AbortController; limitMs: number },
  /** Null: nobody counts them. */
  startsOf: ((id: string) => (stepId: string, attempt: number) => number) | null,
): Promise<{ found: string[]; statuses: Record<string, number> }> {
  const found: string[] = [];
  const statuses: Record<string, number> = {};
  const limit = setTimeout(() => reading.abort(), limitMs);
  for (const { id, suite, events } of runs) {
    const streamed = await events.catch((error: Error) => {
      found.push(error.message);
      return [];
    });
    const base = `/api/v1/executions/${id}`;
    const [first] = planes;
    const execution: Execution = await first?.api.get(base);
    const record: EnvironmentRecord = await first?.api.get(`/api/v1/sandboxes/${id}`);
    statuses[execution.status] = (statuses[execution.status] ?? 0) + 1;
    const [histories, logs] = await Promise.all([
      Promise.all(planes.map((plane) => wholeStream<ExecutionEvent>(plane, `${base}/events`))),
      Promise.all(planes.map((plane) => wholeStream<LogLine>(plane, `${base}/logs`))),
    ]);
    found.push(
      ...checkRun({
        suite,
        execution,
        record,
        histories: [...histories, streamed],
        logs,
        startsOf: startsOf?.(id) ?? null,
      }),
    );
  }
  clearTimeout(limit);
  return { found, statuses };
}

function wholeStream<T extends { seq: number }>(plane: ControlPlane, path: string): Promise<T[]> {
  const limit = AbortSignal.timeout(streamLimitMs);
  return readStream<T>([plane], createRandom(0), path, token, limit, Number.POSITIVE_INFINITY);
}
