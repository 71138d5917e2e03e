import { setTimeout as pause } from 'node:timers/promises';
import type { Execution } from '@/lib/model/execution';
import { isFinalExecution } from '@/lib/model/status';
import type { TestControlPlane } from './control-plane';

/**
 * Launches over the API; rejects with the answer when it is refused. An agent that a loaded machine kept from speaking
 * in time counts as offline for a moment: a launch that is told so is asked for again.
 */
export async function launch(plane: TestControlPlane, request: object): Promise<string> {
  for (;;) {
    const response = await plane.post('/api/v1/executions', { backend: 'remote-agent', ...request });
    const text = await response.text();
    if (response.status === 201) return JSON.parse(text).id;
    if (response.status !== 503 || !text.includes('no agent is online')) throw new Error(text);
    await pause(200);
  }
}

/** Resolves with the execution when it is as asked for; the store of this moment is asked, also after a restart. */
export async function until(
  plane: TestControlPlane,
  id: string,
  what: (execution: Execution) => boolean,
): Promise<Execution> {
  const { store, closing } = plane.server();
  const bell = store.notifier.subscribe(store.events.topic(id), closing);
  for (;;) {
    const execution = await store.executions.get(id);
    if (execution && what(execution)) return execution;
    if (closing.aborted)
      throw new Error(`the control plane stopped; ${id} stood at ${JSON.stringify(execution)}`);
    await bell.next();
  }
}

export function ended(plane: TestControlPlane, id: string): Promise<Execution> {
  return until(plane, id, (execution) => isFinalExecution(execution.status));
}

/** What a step printed, as it is stored. */
export async function texts(plane: TestControlPlane, id: string, stepId: string): Promise<string[]> {
  const page = await plane.server().store.logs.read(id, 0, 1_000_000, { stepId });
  return page.lines.filter(({ stream }) => stream !== 'system').map(({ text }) => text);
}
