import type { StepJob } from '../model/job';
import { createMasker, type Masker } from '../model/masker';

/** The secrets of executions whose steps ran here: what is shown of them later has none in it. */
export interface SecretsOfExecutions {
  add(job: StepJob): void;
  /** `more` are masked too. */
  maskerOf(executionId: string, more?: readonly string[]): Masker;
}

/** Keeps the secrets of executions until they are no longer here, checked whenever a step is added. */
export function createSecretsOfExecutions(isHere: (executionId: string) => boolean): SecretsOfExecutions {
  const values = new Map<string, Set<string>>();
  return {
    add({ spec: { executionId, secrets } }) {
      for (const id of values.keys()) if (!isHere(id)) values.delete(id);
      const known = values.get(executionId) ?? new Set();
      for (const value of Object.values(secrets)) known.add(value);
      values.set(executionId, known);
    },
    maskerOf: (executionId, more = []) => createMasker([...(values.get(executionId) ?? []), ...more]),
  };
}
