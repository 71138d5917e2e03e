import { execSince, inspectSince, isSince } from '../../model/agent';
import { AppError } from '../../model/errors';
import { type ControlOrder, controlOrder, type JobResult } from '../../model/job';
import type { AgentEnvironment } from '../../store/agent-store';
import type { RemoteDependencies } from './dependencies';
import { waitForJob } from './wait-for-job';

export type OwningAgent = NonNullable<AgentEnvironment['agent']>;

/** What an agent is asked for, in the words for one that is not able to. */
export interface Ability {
  since: string;
  /** Wording for a plain client. */
  plain: string;
  /** Wording for an agent that is too old: what newer ones do. */
  current: string;
  /** Wording for an offline agent. */
  offline: string;
}

export const inspecting: Ability = {
  since: inspectSince,
  plain: 'which cannot be asked about what it runs',
  current: 'is asked about what it runs',
  offline: 'what runs on it cannot be seen',
};

export const running: Ability = {
  since: execSince,
  plain: 'which runs no commands in containers',
  current: 'runs commands in containers',
  offline: 'no command can be run on it',
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
): Promise<OwningAgent> {
  const [known] = await jobs.environments(offlineAfterMs, executionId);
  const agent = known?.agent;
  if (!agent) throw new AppError('not_found', `No agent has the environment ${executionId}.`);
  const why = whyUnavailable(agent, ability);
  if (why !== null) throw why;
  return agent;
}

/** Null when it can be asked. */
export function whyUnavailable(
  { id, isPlain, isOnline, version }: OwningAgent,
  { since, plain, current, offline }: Ability,
): AppError | null {
  if (isPlain) return new AppError('conflict', `Agent ${id} is a plain client, ${plain}.`);
  if (!isSince(version, since)) {
    return new AppError(
      'conflict',
      `Agent ${id} is of version ${version}, and ${current} since ${since}: fetch the agent anew.`,
    );
  }
  return isOnline ? null : new AppError('backend_unavailable', `Agent ${id} is offline: ${offline}.`);
}

/**
 * Its answer. An order that the agent could not read is refused here: it would keep its others from it. With `watchedMs`
 * nothing of it stays after so long, also where this process dies. What the agent refuses is rejected with the
 * code it gave, anything else that failed with `backend_failed`.
 */
export async function callAgent(
  deps: Pick<RemoteDependencies, 'clock' | 'jobs' | 'notifier'>,
  agentId: string,
  order: ControlOrder,
  limitMs: number,
  watchedMs?: number,
): Promise<JobResult> {
  const jobId = await deps.jobs.submitControl(agentId, controlOrder.parse(order), watchedMs);
  const result = await waitForJob(deps, jobId, limitMs, `agent ${agentId} did not answer`);
  if ('refusal' in result) throw new AppError(result.refusal.code, result.refusal.message);
  return result;
}

export function unexpected(agentId: string, result: JobResult): AppError {
  const answer = 'failure' in result ? JSON.stringify(result.failure) : 'something else than was asked';
  return new AppError('backend_failed', `agent ${agentId} answered with ${answer}`);
}
