import type { Artifact } from '@/lib/model/artifact';
import type { Execution, ExecutionSummary, Step } from '@/lib/model/execution';
import type { LogLine, LogStream } from '@/lib/model/log-line';
import { isFinalExecution } from '@/lib/model/status';
import { untilEnded } from '../chaos/ended';
import type { PlainApi } from '../support/plain-api';

/** An API, and the backend that suites are launched on: the container engine unless set. */
export type CaseApi = PlainApi & { backend?: 'local' | 'process' };

/** An execution that has ended, with all that it printed and kept. */
export interface EndedRun {
  execution: Execution;
  artifacts: Artifact[];
  /** Throws when the suite has no such step. */
  step(id: string): Step;
  reason(id: string): string;
  /** The texts of a step's own output, or of one stream. */
  printed(id: string, stream?: LogStream): string[];
  /** How long the step ran, in seconds. */
  seconds(id: string): number;
  /** The statuses of all steps by their ids. */
  statuses(): Record<string, string>;
}

const pageLines = 5_000;

/** Launches a suite. */
export async function launchSuite(api: CaseApi, suiteId: string, profile?: string): Promise<string> {
  const { backend = 'local' } = api;
  const request = { suiteId, backend, ...(profile ? { profile } : {}) };
  const { id }: ExecutionSummary = await api.post('/api/v1/executions', request);
  return id;
}

/** Launches a suite and reads everything of it once it has ended. */
export async function runSuite(api: CaseApi, suiteId: string, profile?: string): Promise<EndedRun> {
  return readEnded(api, await launchSuite(api, suiteId, profile));
}

/** Waits for the end of an execution and reads everything of it. */
export async function readEnded(api: PlainApi, id: string): Promise<EndedRun> {
  const execution = await untilEnded({ api }, id);
  const lines = await readLines(api, id);
  const { items: artifacts }: { items: Artifact[] } = await api.get(`/api/v1/executions/${id}/artifacts`);
  const step = (stepId: string): Step => {
    const found = execution.steps.find((each) => each.id === stepId);
    if (!found) throw new Error(`the suite ${execution.suite.id} has no step ${stepId}`);
    return found;
  };
  return {
    execution,
    artifacts,
    step,
    reason: (stepId) => step(stepId).result?.reason ?? '',
    printed: (stepId, stream) =>
      lines
        .filter((line) => line.stepId === stepId)
        .filter((line) => (stream ? line.stream === stream : line.stream !== 'system'))
        .map(({ text }) => text),
    seconds: (stepId) => secondsBetween(step(stepId).startedAt, step(stepId).finishedAt),
    statuses: () => Object.fromEntries(execution.steps.map(({ id: stepId, status }) => [stepId, status])),
  };
}

/** Every line of an execution. */
export async function readLines(api: PlainApi, id: string, filter = ''): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const path = `/api/v1/executions/${id}/logs?limit=${pageLines}&after=${after}${filter}`;
    const page: { items: LogLine[]; nextAfter: number | null } = await api.get(path);
    lines.push(...page.items);
    after = page.nextAfter;
  }
  return lines;
}

/** The execution as soon as it is as wanted. Rejects when it has ended before. */
export async function untilExecution(
  api: PlainApi,
  id: string,
  isWanted: (execution: Execution) => boolean,
): Promise<Execution> {
  for (;;) {
    const execution: Execution = await api.get(`/api/v1/executions/${id}`);
    if (isWanted(execution)) return execution;
    if (isFinalExecution(execution.status))
      throw new Error(`execution ${id} ended before: ${execution.cause?.sentence ?? execution.status}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export function secondsBetween(from: string | null, to: string | null): number {
  if (from === null || to === null) return Number.NaN;
  return (Date.parse(to) - Date.parse(from)) / 1000;
}
