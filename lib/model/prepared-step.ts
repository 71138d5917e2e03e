import { z } from 'zod';
import type { RegistryLogin } from './registry-login';
import type { StepSpec } from './step-spec';

/**
 * How much of an attempt is there before it may run. `prepared`: its container, with all files and volumes in place and
 * not started. `standing`: it is started, and its first process waits. Not a line of the suite's program has run.
 */
export const aheadStage = z.enum(['prepared', 'standing']);
export type AheadStage = z.infer<typeof aheadStage>;

export interface PreparedStep {
  /** Null: nothing is made for it, and it starts as it would without. */
  stage: AheadStage | null;
  /** Why it cannot come further, as the end of a sentence; null when it can, or is there. */
  reason: string | null;
}

export interface PrepareWatch {
  /** `standing` goes on from `prepared`, as far as the step allows it. */
  stage: AheadStage;
  /** Ends with the run's hold on the execution: what was made is left to its next owner, or to `closeEnvironment`. */
  signal: AbortSignal;
  /** As of StepWatch. */
  registryLogin?(host: string): Promise<RegistryLogin | null>;
}

/** What a backend may offer to shorten the time between two steps. */
export interface StepPreparer {
  /**
   * Makes an attempt ready ahead of need. Idempotent, for an attempt that has not started. `runStep` with an equal spec
   * releases it, and otherwise removes it first and runs the step as if it had not been. Never rejects: what cannot be
   * made is told by `runStep` if it comes to that.
   */
  prepareStep(step: StepSpec, watch: PrepareWatch): Promise<PreparedStep>;
  /** Removes what was made ahead for an attempt that is not needed. Never rejects: `closeEnvironment` has what is left. */
  discardStep(step: StepSpec): Promise<void>;
}
