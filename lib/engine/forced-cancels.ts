import type { EventLog } from '../store/store';

const pageSize = 1_000;

/** Tells whether a cancel of an execution was forced, by reading each of its events once. */
export interface ForcedCancels {
  isForced(executionId: string): Promise<boolean>;
  forget(executionId: string): void;
}

export function createForcedCancels(events: Pick<EventLog, 'read'>): ForcedCancels {
  const known = new Map<string, { seq: number; isForced: boolean }>();
  return {
    async isForced(executionId) {
      const state = known.get(executionId) ?? { seq: 0, isForced: false };
      known.set(executionId, state);
      while (!state.isForced) {
        const page = await events.read(executionId, state.seq, pageSize);
        state.seq = page.at(-1)?.seq ?? state.seq;
        state.isForced = page.some((event) => event.type === 'execution.cancel_requested' && event.force);
        if (page.length < pageSize) break;
      }
      return state.isForced;
    },
    forget: (executionId) => known.delete(executionId),
  };
}
