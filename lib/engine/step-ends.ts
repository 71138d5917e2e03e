import type { StepOutcome } from '../backends/backend';
import { type PlannedNode, staysUp } from '../model/node';

/** When programs ended, each by its backend's own clock: the news of two ends may come in another order. */
export interface StepEnds {
  note(stepId: string, end: Pick<StepOutcome, 'endedAtMs' | 'endClock'>): void;
  /** The end of the last step that needed this one, of those that are known by the same clock; null when none is. */
  neededUntilMs(stepId: string, endClock?: string): number | null;
}

export function createStepEnds(nodes: readonly PlannedNode[]): StepEnds {
  const ends = new Map<string, { endedAtMs: number; endClock: string | undefined }>();
  const dependents = new Map<string, string[]>();
  for (const { id, after, onFailure } of nodes)
    for (const before of new Set([...after, ...onFailure]))
      dependents.set(before, [...(dependents.get(before) ?? []), id]);
  // Services end when they are told to, which is after the last that needed them.
  const ending = new Set(nodes.filter(({ kind }) => !staysUp(kind)).map(({ id }) => id));

  function allThatNeed(stepId: string): Iterable<string> {
    // What nothing comes after stays up for all the others.
    if (!dependents.has(stepId)) return ending;
    const found = new Set<string>();
    const left = [...(dependents.get(stepId) ?? [])];
    for (let id = left.pop(); id !== undefined; id = left.pop()) {
      if (found.has(id)) continue;
      found.add(id);
      left.push(...(dependents.get(id) ?? []));
    }
    return found;
  }

  return {
    note(stepId, { endedAtMs, endClock }) {
      if (endedAtMs !== undefined && ending.has(stepId)) ends.set(stepId, { endedAtMs, endClock });
    },
    neededUntilMs(stepId, endClock) {
      let latest: number | null = null;
      for (const id of allThatNeed(stepId)) {
        const end = ends.get(id);
        if (end && end.endClock === endClock) latest = Math.max(latest ?? end.endedAtMs, end.endedAtMs);
      }
      return latest;
    },
  };
}
