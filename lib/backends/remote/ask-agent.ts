import { execSince, isSince, lookingSince } from '../../model/agent';
import { AppError } from '../../model/errors';
import type { ControlOrder, JobResult } from '../../model/job';
import type { AgentEnvironment } from '../../store/agent-store';
import type { RemoteDependencies } from './dependencies';
import { waitForJob } from './wait-for-job';

export type KnownAgent = NonNullable<AgentEnvironment['agent']>;

/** What an agent is asked for, in the words for one that is not able to. */
export interface Ability {
  since: string;
  /** Of a plain client. */
  never: string;
  /** Of an agent that is new enough. */
  now: string;
  /** Of one that is offline. */
  away: string;
}

export const looking: Ability = {
  since: lookingSince,
  never: 'which cannot be asked about what it runs',
  now: 'is asked about what it runs',
  away: 'what runs on it cannot be seen',
};

export const running: Ability = {
  since: execSince,
  never: 'which runs no commands in containers',
  now: 'runs commands in containers',
  away: 'no command can be run on it',
};

/**
 * The agent that has the environment and is able to. Rejects with `not_found` when none has it, `conflict` when it
 * is a plain client or too old, `backend_unavailable` when it is offline.
 */
export async function findAgent(
  { jobs }: Pick<RemoteDependencies, 'jobs'>,
  offlineAfterMs: number,
  executionId: string,
  ability: Ability,
): Promise<KnownAgent> {
  const [known] = await jobs.environments(offlineAfterMs, executionId);
  const agent = known?.agent;
  if (!agent) throw new AppError('not_found', `No agent has the environment ${executionId}.`);
  const why = whyNotAsked(agent, ability);
  if (why !== null) throw why;
  return agent;
}

/** Null when it can be asked. */
export function whyNotAsked(
  { id, isPlain, isOnline, version }: KnownAgent,
  { since, never, now, away }: Ability,
): AppError | null {
  if (isPlain) return new AppError('conflict', `Agent ${id} is a plain client, ${never}.`);
  if (!isSince(version, since)) {
    return new AppError(
      'conflict',
      `Agent ${id} is of version ${version}, and ${now} since ${since}: fetch the agent anew.`,
    );
  }
  return isOnline ? null : new AppError('backend_unavailable', `Agent ${id} is offline: ${away}.`);
}

/** Its answer. What it refuses is rejected with the code it gave, anything else that failed with `backend_failed`. */
export async function askAgent(
  deps: Pick<RemoteDependencies, 'clock' | 'jobs' | 'doorbell'>,
  agentId: string,
  order: ControlOrder,
  limitMs: number,
): Promise<JobResult> {
  const jobId = await deps.jobs.submitControl(agentId, order);
  const result = await waitForJob(deps, jobId, limitMs, `agent ${agentId} did not answer`);
  if ('refusal' in result) throw new AppError(result.refusal.code, result.refusal.message);
  return result;
}

export function unexpected(agentId: string, result: JobResult): AppError {
  const said = 'failure' in result ? JSON.stringify(result.failure) : 'something else than was asked';
  return new AppError('backend_failed', `agent ${agentId} answered with ${said}`);
}
