import type { Backend } from '../backends/backend';
import { AppError, messageOf } from '../model/errors';
import type { NewEvent } from '../model/event';
import type { Execution } from '../model/execution';
import type { Plan } from '../model/plan';
import type { Store } from '../store/store';
import { removeEnvironment } from './environments/remove';
import type { RetryDependencies } from './retry-store';
import { deadlineOf, type ServiceDirectory } from './step-spec';

const closePausesMs = [1_000, 5_000, 15_000];

/** Whose environment it is. */
export interface EnvironmentTarget {
  execution: Execution;
  plan: Plan;
  backend: Backend | null;
  owner: string;
}

/** Null when it is open, else why it could not be opened. */
export async function openEnvironment(
  { logger }: RetryDependencies,
  { execution, plan, backend, owner }: EnvironmentTarget,
  services: ServiceDirectory,
): Promise<string | null> {
  if (!backend) return `the backend \`${execution.backend.id}\` is not configured any more`;
  try {
    await backend.openEnvironment({
      executionId: execution.id,
      suiteId: plan.suite.id,
      profile: plan.profile,
      owner,
      deadline: deadlineOf(plan, execution.createdAt),
      services: [...services.all],
      demands: plan.nodes.map(({ resources: { cpu, memoryBytes }, retries }) => ({
        cpu,
        memoryBytes,
        attempts: 1 + retries.max,
      })),
    });
    return null;
  } catch (error) {
    logger.warn({ execution: execution.id, error: messageOf(error) }, 'an environment could not be opened');
    return messageOf(error);
  }
}

/**
 * Removes what the execution made, and answers the event that says so. A backend that cannot be asked is asked
 * again for a while; what is left then is removed by the next sweep. Rejects with `fenced` when `abandoned` ends.
 */
export async function closeEnvironment(
  deps: RetryDependencies & { store: Pick<Store, 'environments'> },
  { execution, backend, owner }: EnvironmentTarget,
  abandoned: AbortSignal,
): Promise<NewEvent> {
  const { clock, logger } = deps;
  const type = 'execution.warning';
  if (!backend) {
    return {
      type,
      message: `The environment is left as it is: the backend \`${execution.backend.id}\` is not configured any more.`,
    };
  }
  for (let round = 0; ; round += 1) {
    try {
      const { receipt } = await removeEnvironment(deps, backend, execution.id, {
        by: owner,
        stopping: abandoned,
      });
      return { type: 'environment.closed', receipt };
    } catch (error) {
      if (error instanceof AppError && error.code === 'fenced') throw error;
      logger.warn(
        { execution: execution.id, error: messageOf(error) },
        'an environment could not be removed',
      );
      const pauseMs = closePausesMs[round];
      if (pauseMs === undefined) {
        return {
          type,
          message: `The environment could not be removed and is tried again later: ${messageOf(error)}`,
        };
      }
      await clock.sleep(pauseMs);
    }
  }
}
