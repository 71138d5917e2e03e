import type { StepOutcome } from '../backends/backend';
import type { PlannedNode } from '../model/node';
import { staysUp } from '../model/step-kind';

/** The end times of programs by their backend's clock. Backends may report two ends in the wrong order. */
export interface StepEnds {
  note(stepId: string, end: Pick<StepOutcome, 'endedAtMs' | 'endClock'>): void;
  /** When the last step that needed this one ended, as far as known by the same clock; null if none is. */
  neededUntilMs(stepId: string, endClock?: string): number | null;
}

export function createStepEnds(nodes: readonly PlannedNode[]): StepEnds {
  const ends = new Map<string, { endedAtMs: number; endClock: string | undefined }>();
  const dependents = new Map<string, string[]>();
  for (const { id, after, onFailure } of nodes)
    for (const before of new Set([...after, ...onFailure]))
      dependents.set(before, [...(dependents.get(before) ?? []), id]);
  // Services are left out: they end when Gantry stops them.
  const ending = new Set(nodes.filter(({ kind }) => !staysUp(kind)).map(({ id }) => id));

  function allThatNeed(stepId: string): Iterable<string> {
    // A service without dependents stays up until all other steps have ended.
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
