import type { Backend, EnvironmentSnapshot, OnRemoved } from '../backends/backend';
import type { EnvironmentOrder } from '../model/job';
import type { RemovalReceipt } from '../model/receipt';

/** Environments on this machine. Opening and closing the environment of one execution never overlap. */
export interface Environments {
  open(environment: EnvironmentOrder): Promise<void>;
  close(executionId: string, onRemoved?: OnRemoved): Promise<RemovalReceipt>;
  list(): Promise<EnvironmentSnapshot[]>;
  /** Ids of the executions whose environment was opened here and not closed. */
  openIds(): string[];
}

export function createEnvironments(
  backend: Pick<Backend, 'openEnvironment' | 'closeEnvironment' | 'listEnvironments'>,
): Environments {
  const opened = new Map<string, Promise<void>>();
  const queues = new Map<string, Promise<unknown>>();

  function inTurn<T>(executionId: string, work: () => Promise<T>): Promise<T> {
    const turn = (queues.get(executionId) ?? Promise.resolve()).then(work, work);
    const settled = turn
      .catch(() => undefined)
      .then(() => {
        if (queues.get(executionId) === settled) queues.delete(executionId);
      });
    queues.set(executionId, settled);
    return turn;
  }

  return {
    open({ executionId, ...order }) {
      const before = opened.get(executionId);
      if (before) return before;
      const opening = inTurn(executionId, () => backend.openEnvironment({ executionId, ...order }));
      opened.set(executionId, opening);
      opening.catch(() => opened.delete(executionId));
      return opening;
    },
    close: (executionId, onRemoved) => {
      opened.delete(executionId);
      return inTurn(executionId, () => backend.closeEnvironment(executionId, onRemoved));
    },
    list: () => backend.listEnvironments(),
    openIds: () => [...opened.keys()],
  };
}
