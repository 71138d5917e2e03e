import type { Backend } from '../backends/backend';
import type { Execution } from '../model/execution';
import type { Plan } from '../model/plan';
import type { ClaimedExecution } from '../store/store';
import type { StepLimit } from './step-limits';

/** The handle by which the scheduler speaks to a run. */
export interface ExecutionRun {
  /** `isForced`: steps that always run are ended, too, and nothing that is ended now has a grace time. */
  cancel(by: string, isForced?: boolean): void;
  /** Lets go at once and leaves the steps running; `done` resolves soon after. Nothing is written any more. */
  detach(): void;
  /** Resolves with true when the execution has ended, false when it was handed over. Never rejects. */
  done: Promise<boolean>;
}

export interface RunContext {
  claimed: ClaimedExecution;
  execution: Execution;
  plan: Plan;
  backend: Backend | null;
  owner: string;
  places: StepLimit;
}
