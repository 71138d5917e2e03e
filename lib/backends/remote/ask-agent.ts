import { canLookInto, lookingSince } from '../../model/agent';
import { AppError } from '../../model/errors';
import type { ControlOrder, JobResult } from '../../model/job';
import type { AgentEnvironment } from '../../store/agent-store';
import type { RemoteDependencies } from './dependencies';
import { waitForJob } from './wait-for-job';

export type KnownAgent = NonNullable<AgentEnvironment['agent']>;

/**
 * The agent that has the environment and can be asked about it. Rejects with `not_found` when none has it,
 * `conflict` when it is a plain client or older than such questions, `backend_unavailable` when it is offline.
 */
export async function findAgent(
  { jobs }: Pick<RemoteDependencies, 'jobs'>,
  offlineAfterMs: number,
  executionId: string,
): Promise<KnownAgent> {
  const [known] = await jobs.environments(offlineAfterMs, executionId);
  const agent = known?.agent;
  if (!agent) throw new AppError('not_found', `No agent has the environment ${executionId}.`);
  const why = whyNotAsked(agent);
  if (why !== null) throw why;
  return agent;
}

/** Null when it can be asked. */
export function whyNotAsked({ id, isPlain, isOnline, version }: KnownAgent): AppError | null {
  if (isPlain) {
    return new AppError(
      'conflict',
      `Agent ${id} is a plain client, which cannot be asked about what it runs.`,
    );
  }
  if (!canLookInto(version)) {
    return new AppError(
      'conflict',
      `Agent ${id} is of version ${version}, and is asked about what it runs since ${lookingSince}: fetch the agent anew.`,
    );
  }
  if (isOnline) return null;
  return new AppError('backend_unavailable', `Agent ${id} is offline: what runs on it cannot be seen.`);
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
