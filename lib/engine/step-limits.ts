import { createFairSemaphore, type FairSemaphore } from './fair-semaphore';

/** The step slots on one backend. */
export interface StepLimit {
  semaphore: FairSemaphore;
  /** Steps that stand there, or are about to, and have not begun, the oldest first. They take places that nobody waits for. */
  standing: Set<StandingStep>;
  /** What a step waits for that finds none. */
  sentence: string;
}

export interface StandingStep {
  executionId: string;
  /** Removes what stands; the step starts as it would without. */
  giveUp(): void;
}

/** For a step that finds no place: of another execution, whose steps may not run soon, the last to stand is given up. */
export function giveUpOne({ standing }: Pick<StepLimit, 'standing'>, executionId: string): void {
  [...standing].findLast((each) => each.executionId !== executionId)?.giveUp();
}

/** Answers a backend's places. When its capacity is changed, runs that begin then share new ones. */
export function createStepLimits(): (backendId: string, capacity: number) => StepLimit {
  const limits = new Map<string, { capacity: number; limit: StepLimit }>();
  return (backendId, capacity) => {
    const before = limits.get(backendId);
    if (before?.capacity === capacity) return before.limit;
    const sentence =
      capacity === 1
        ? `Waiting for the only step slot on \`${backendId}\`.`
        : `Waiting for one of the ${capacity} step slots on \`${backendId}\`.`;
    const limit = { semaphore: createFairSemaphore(capacity), standing: new Set<StandingStep>(), sentence };
    limits.set(backendId, { capacity, limit });
    return limit;
  };
}
