import type { Clock } from '../../clock';
import type { Job } from '../../model/job';
import type { ClaimTimes, JobClaim } from '../agent-store';
import { assignSteps } from './assign-steps';
import { isAdmitted } from './claiming-agents';
import type { Database } from './database';
import { answerRepeatedClaims, type ClaimableJobs, findClaimable, leaseJobs } from './job-claims';

/** Another control plane may have leased what was chosen. */
const maxMissed = 3;
/** So long a look is worth something: a step that is given back meanwhile is older than those it saw. */
const freshMs = 100;

type OpenClaim = JobClaim & { index: number };
type Answers = (Job | null | 'unadmitted')[];

/**
 * The oldest steps that the agents may take, leased to them, however many ask: one update, after one look at the
 * queue or with what the last one has left over.
 */
export function createStepClaims(
  { clock }: { clock: Pick<Clock, 'monotonicMs'> },
  { sql }: Pick<Database, 'sql'>,
): (claims: readonly JobClaim[], times: ClaimTimes) => Promise<Answers> {
  let left: ClaimableJobs = { agents: new Map(), steps: [] };
  let leftUntilMs = 0;
  /** Agents that claimed a moment ago will claim again soon, so one query serves them too. */
  const lately = new Map<string, { claim: JobClaim; atMs: number }>();

  function note(claims: readonly JobClaim[], nowMs: number): void {
    for (const claim of claims) lately.set(`${claim.agentId} ${claim.tokenId}`, { claim, atMs: nowMs });
    for (const [key, { atMs }] of lately) if (nowMs - atMs > freshMs) lately.delete(key);
  }

  async function look(times: ClaimTimes, nowMs: number): Promise<ClaimableJobs> {
    const claims = [...lately.values()].map(({ claim }) => claim);
    left = await findClaimable(sql, claims, times);
    leftUntilMs = nowMs + freshMs;
    return left;
  }

  /** Leases jobs for open claims and fills their answers. A step that was tried is not tried again without a new query. */
  async function take(
    { agents, steps }: ClaimableJobs,
    open: readonly OpenClaim[],
    times: ClaimTimes,
    answers: Answers,
  ): Promise<{ tried: number; had: number }> {
    const assigned = assignSteps(
      open.filter((claim) => isAdmitted(claim, agents)),
      agents,
      steps,
    );
    if (assigned.length === 0) return { tried: 0, had: 0 };
    const tried = new Set(assigned.map(({ stepId }) => stepId));
    left = { ...left, steps: left.steps.filter(({ id }) => !tried.has(id)) };
    const leased = await leaseJobs(sql, assigned, times);
    for (const { job, index } of leased) answers[index] = job;
    // Someone else takes from the same queue: what was seen is no longer true.
    if (leased.length < assigned.length) left = { ...left, steps: [] };
    return { tried: assigned.length, had: leased.length };
  }

  return async (claims, times) => {
    const answers = claims.map((): Job | null | 'unadmitted' => null);
    const open = () => claims.flatMap((claim, index) => (answers[index] ? [] : [{ ...claim, index }]));
    const repeated = answerRepeatedClaims(sql, claims, times, answers);
    note(claims, clock.monotonicMs());
    if (left.steps.length > 0 && clock.monotonicMs() < leftUntilMs) {
      await Promise.all([take(left, open(), times, answers), repeated]);
    }
    for (let missed = 0; missed < maxMissed && open().length > 0; ) {
      const nowMs = clock.monotonicMs();
      note(open(), nowMs);
      const [seen] = await Promise.all([look(times, nowMs), repeated]);
      for (const claim of open()) if (!isAdmitted(claim, seen.agents)) answers[claim.index] = 'unadmitted';
      const { tried, had } = await take(seen, open(), times, answers);
      if (tried === 0) break;
      missed = had === 0 ? missed + 1 : 0;
    }
    return answers;
  };
}
