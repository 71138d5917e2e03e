import type { ApiClient } from '../../client/api-client';
import { ApiProblem } from '../../client/api-errors';
import { applyEvents, executionFromFirstEvent } from '../../model/apply-event';
import { messageOf } from '../../model/errors';
import type { Execution } from '../../model/execution';
import { CommandError, exitCodes } from '../exit-codes';
import type { Terminal } from '../terminal';
import { readLastLines, wholeLines } from './read-lines';
import type { RunView } from './run-view';
import type { StopRequests } from './stop-requests';

const shownLastLines = 20;

interface Following {
  api: ApiClient;
  terminal: Terminal;
  view: RunView;
  stops: StopRequests;
  /** The control plane is there for this run alone, and removes what a run that is left has made. */
  isEmbedded: boolean;
}

/** Follows an execution to its end, restarts of the control plane included, and answers its record. */
export async function followRun(following: Following, id: string): Promise<Execution> {
  const { api, terminal, view, stops, isEmbedded } = following;
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, stops.leave]);
  stops.onCancel(() => void cancel(api, terminal, id));
  try {
    const lines = view.takesLines ? followLines(api, view, id, signal) : null;
    const [execution] = await Promise.all([followEvents(api, view, id, signal), lines]);
    if (stops.leave.aborted || !execution) throw left(api, id, isEmbedded);
    const stepId = execution.status === 'passed' ? null : execution.cause?.stepId;
    const lastLines = stepId ? await readLastLines(api, id, stepId, shownLastLines) : [];
    view.end(execution, lastLines);
    return execution;
  } finally {
    ended.abort();
  }
}

async function followEvents(
  api: ApiClient,
  view: RunView,
  id: string,
  signal: AbortSignal,
): Promise<Execution | null> {
  let execution: Execution | null = null;
  for await (const { data } of api.stream('/api/v1/executions/{id}/events', { params: { id }, signal })) {
    const event = data;
    execution = execution ? applyEvents(execution, [event]) : executionFromFirstEvent(id, event);
    await view.onEvent(execution, event);
  }
  return execution;
}

async function followLines(api: ApiClient, view: RunView, id: string, signal: AbortSignal): Promise<void> {
  const query = { batch: 1 };
  for await (const { data } of api.stream('/api/v1/executions/{id}/logs', {
    params: { id },
    query,
    signal,
  })) {
    view.onLines(wholeLines(data));
  }
}

async function cancel(api: ApiClient, terminal: Terminal, id: string): Promise<void> {
  try {
    await api.post('/api/v1/executions/{id}/cancel', { params: { id }, retryForMs: 120_000 });
  } catch (error) {
    // It has ended meanwhile.
    if (error instanceof ApiProblem && error.status === 409) return;
    terminal.note(`The run could not be cancelled: ${messageOf(error)}`);
  }
}

function left(api: ApiClient, id: string, isEmbedded: boolean): CommandError {
  return new CommandError(
    exitCodes.stopped,
    isEmbedded
      ? 'stopped without waiting for its end; what it made is removed'
      : `left it running: ${api.url}/executions/${id}. Go on with: gantry events ${id} -f`,
  );
}
