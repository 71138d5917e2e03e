import type { EnvironmentSnapshot } from '../../backends/backend';
import type { EnvironmentState, ZombieCause } from '../../model/environment';
import { isFinalExecution, type StepStatus } from '../../model/status';
import type { EnvironmentFacts } from '../../store/environment-store';

/** Grace periods before an environment counts as a zombie: the backend's list and the rows are read at different times. */
export const graceMs = { finished: 10_000, unknown: 60_000, ownerLost: 30_000 };

export interface Classification {
  state: EnvironmentState;
  zombieCause: ZombieCause | null;
  /** Why the environment exists, in one sentence. */
  reason: string;
}

/** Classifies an environment. `facts` is null when the database has no such execution. */
export function classifyEnvironment(
  snapshot: Pick<EnvironmentSnapshot, 'executionId' | 'createdAt' | 'deadline'>,
  facts: EnvironmentFacts | null,
  nowMs: number,
): Classification {
  if (!facts) return classifyUnknown(snapshot, nowMs);
  if (isFinalExecution(facts.status)) return classifyFinished(facts, nowMs);
  if (facts.leaseLostMs !== null && facts.leaseLostMs > graceMs.ownerLost) {
    return zombie(
      'owner_lost',
      `The execution is stalled: control plane ${facts.owner} stopped responding and none has adopted it.`,
    );
  }
  return active(sentenceOf(facts));
}

function classifyUnknown(
  { createdAt, deadline }: Pick<EnvironmentSnapshot, 'createdAt' | 'deadline'>,
  nowMs: number,
): Classification {
  const ageMs = createdAt === null ? Number.POSITIVE_INFINITY : nowMs - Date.parse(createdAt);
  if (ageMs < graceMs.unknown) {
    return ending('It is new, and its execution is not known here yet.');
  }
  const late = isPast(deadline, nowMs) ? ', and its deadline has passed' : '';
  return zombie('unknown', `No such execution is known here${late}.`);
}

function classifyFinished(
  { status, finishedAt, keptUntil }: EnvironmentFacts,
  nowMs: number,
): Classification {
  const word = status.replace('_', ' ');
  if (keptUntil !== null) {
    if (!isPast(keptUntil, nowMs)) {
      return {
        state: 'kept',
        zombieCause: null,
        reason: `Its execution has ended (${word}), and it is kept.`,
      };
    }
    return zombie(
      'deadline',
      `Its execution has ended (${word}), and the time for which it was kept is over.`,
    );
  }
  const sinceMs = finishedAt === null ? Number.POSITIVE_INFINITY : nowMs - Date.parse(finishedAt);
  if (sinceMs < graceMs.finished) return ending(`Its execution has just ended (${word}).`);
  return zombie('finished', `Its execution has ended (${word}), and this was not removed.`);
}

/** Whether a deadline has passed. A missing or unreadable deadline has not. */
export function isPast(time: string | null, nowMs: number): boolean {
  return time !== null && Date.parse(time) < nowMs;
}

function sentenceOf({ status, cancelRequestedAt, stepCounts }: EnvironmentFacts): string {
  if (cancelRequestedAt) return 'Its execution is being cancelled.';
  if (status === 'queued') return 'Its execution waits for its turn.';
  const up = (['running', 'ready', 'starting', 'queued'] satisfies StepStatus[])
    .filter((each) => stepCounts[each])
    .map((each) => `${stepCounts[each]} ${each}`);
  return up.length > 0 ? `Its execution runs: ${up.join(', ')}.` : 'Its execution is being cleaned up.';
}

function zombie(zombieCause: ZombieCause, reason: string): Classification {
  return { state: 'zombie', zombieCause, reason };
}

function active(reason: string): Classification {
  return { state: 'active', zombieCause: null, reason };
}

function ending(reason: string): Classification {
  return { state: 'ending', zombieCause: null, reason };
}
