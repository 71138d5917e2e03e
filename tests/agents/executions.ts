import type { Execution } from '@/lib/model/execution';
import { isFinalExecution } from '@/lib/model/status';
import type { TestControlPlane } from './control-plane';

/** Launches over the API; rejects with the answer when it is refused. */
export async function launch(plane: TestControlPlane, request: object): Promise<string> {
  const response = await plane.post('/api/v1/executions', { backend: 'remote-agent', ...request });
  if (response.status !== 201) throw new Error(await response.text());
  const { id } = await response.json();
  return id;
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
