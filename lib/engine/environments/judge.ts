import type { EnvironmentSnapshot } from '../../backends/backend';
import type { EnvironmentState, ZombieCause } from '../../model/environment';
import { isFinalExecution, type StepStatus } from '../../model/status';
import type { EnvironmentFacts } from '../../store/environment-store';

/** Before nobody is taken for gone: a list and the rows beside it are read at two moments. */
export const graceMs = { finished: 10_000, unknown: 60_000, ownerLost: 30_000 };

export interface Judgement {
  state: EnvironmentState;
  zombieCause: ZombieCause | null;
  /** Why it is there, in one sentence. */
  reason: string;
}

/** Whether anybody needs an environment. `facts` is null when the database knows no such execution. */
export function judge(
  snapshot: Pick<EnvironmentSnapshot, 'executionId' | 'createdAt' | 'deadline'>,
  facts: EnvironmentFacts | null,
  nowMs: number,
): Judgement {
  if (!facts) return judgeUnknown(snapshot, nowMs);
  if (isFinalExecution(facts.status)) return judgeFinished(facts, nowMs);
  if (facts.leaseLostMs !== null && facts.leaseLostMs > graceMs.ownerLost) {
    return zombie(
      'owner_lost',
      `Its execution stands still: the control plane ${facts.owner} is silent, and no other has taken it over.`,
    );
  }
  return active(sentenceOf(facts));
}

function judgeUnknown(
  { createdAt, deadline }: Pick<EnvironmentSnapshot, 'createdAt' | 'deadline'>,
  nowMs: number,
): Judgement {
  const ageMs = createdAt === null ? Number.POSITIVE_INFINITY : nowMs - Date.parse(createdAt);
  if (ageMs < graceMs.unknown) {
    return ending('It is new, and its execution is not known here yet.');
  }
  const late = isPast(deadline, nowMs) ? ', and its deadline has passed' : '';
  return zombie('unknown', `No such execution is known here${late}.`);
}

function judgeFinished({ status, finishedAt, keptUntil }: EnvironmentFacts, nowMs: number): Judgement {
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

/** A deadline that is not there or cannot be read has not passed. */
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

function zombie(zombieCause: ZombieCause, reason: string): Judgement {
  return { state: 'zombie', zombieCause, reason };
}

function active(reason: string): Judgement {
  return { state: 'active', zombieCause: null, reason };
}

function ending(reason: string): Judgement {
  return { state: 'ending', zombieCause: null, reason };
}
