import type { ExecutionSummary } from '@/lib/model/execution';
import type { SuiteRun } from '@/lib/model/suite-details';

/** So many of a suite are drawn. */
export const maxRuns = 20;

/** The runs that were known with what the overview says by now, by suite, the newest first. */
export function runsBySuite(
  known: readonly SuiteRun[],
  executions: readonly ExecutionSummary[],
): Map<string, SuiteRun[]> {
  const byId = new Map(known.map((run) => [run.id, run]));
  for (const execution of executions) byId.set(execution.id, { ...execution, suiteId: execution.suite.id });
  const bySuite = new Map<string, SuiteRun[]>();
  const newestFirst = [...byId.values()].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  for (const run of newestFirst) {
    const runs = bySuite.get(run.suiteId);
    if (runs) runs.push(run);
    else bySuite.set(run.suiteId, [run]);
  }
  return bySuite;
}
