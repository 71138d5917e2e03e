import type { ApiClient } from '../../client/api-client';
import type { Execution, Fault, Step } from '../../model/execution';
import { isFinalExecution } from '../../model/status';
import { waitingSteps } from '../../model/waiting';
import { faultLines } from '../describe-faults';
import { statusWords } from '../format';

interface Shown extends Execution {
  faults: Fault[];
}

/** Where an execution stands, in lines: its end and what went wrong, or what runs and what waits for what. */
export function executionLines({ url }: ApiClient, execution: Shown): string[] {
  const { id, suite, profile, backend, status, cause, steps, faults } = execution;
  const isOver = isFinalExecution(status);
  const waiting = waitingSteps(execution);
  return [
    `Execution ${id} of ${suite.id} (profile ${profile}, ${backend.label}): ${statusWords(status)}`,
    `${url}/executions/${id}`,
    countsOf(steps),
    ...(cause ? [`Cause: ${cause.sentence}`] : []),
    ...faultLines(faults),
    ...(isOver
      ? []
      : steps.flatMap((step) => {
          const why = waiting.get(step.id)?.sentence;
          if (step.status === 'starting' || step.status === 'running')
            return [`${step.id}: ${statusWords(step.status)}`];
          return why ? [`${step.id}: ${why}`] : [];
        })),
  ];
}

/** The facts of an execution that programs read. */
export function executionFacts({ url }: ApiClient, execution: Shown): Record<string, unknown> {
  const { id, suite, profile, backend, status, cause, steps, faults } = execution;
  return {
    id,
    page: `${url}/executions/${id}`,
    suite: suite.id,
    profile,
    backend: backend.id,
    status,
    isFinished: isFinalExecution(status),
    cause,
    faults,
    steps: steps.map((step) => ({ id: step.id, kind: step.kind, status: step.status })),
  };
}

function countsOf(steps: readonly Step[]): string {
  const counts = new Map<string, number>();
  for (const { status } of steps) counts.set(status, (counts.get(status) ?? 0) + 1);
  const parts = [...counts].map(([status, count]) => `${count} ${status.replace('_', ' ')}`);
  return `${steps.length} steps: ${parts.join(', ')}`;
}
