import type { Backend } from '../backends/backend';
import { messageOf } from '../model/errors';
import { isFinalExecution } from '../model/status';
import type { EngineDependencies } from './engine';

const pauseMs = 60_000;

/**
 * Removes environments whose executions have ended: left by a crash between the two, or by a backend that could
 * not be asked at the time. Executions that have not ended are their owners' business, unknown ones nobody's here.
 */
export async function sweep(
  deps: Pick<EngineDependencies, 'clock' | 'store' | 'backends' | 'logger'>,
  stopping: AbortSignal,
): Promise<void> {
  const { clock, backends, logger } = deps;
  while (!stopping.aborted) {
    try {
      for (const option of await backends.options()) {
        const backend = option.available ? await backends.get(option.id) : null;
        if (backend) await sweepBackend(deps, backend, stopping);
      }
    } catch (error) {
      logger.warn({ error: messageOf(error) }, 'left environments could not be looked for');
    }
    await clock.sleep(pauseMs, stopping);
  }
}

async function sweepBackend(
  { store, logger }: Pick<EngineDependencies, 'store' | 'logger'>,
  backend: Backend,
  stopping: AbortSignal,
): Promise<void> {
  try {
    for (const { executionId } of await backend.listEnvironments()) {
      const summary = stopping.aborted ? null : await store.executions.summary(executionId);
      if (!summary || !isFinalExecution(summary.status)) continue;
      const receipt = await backend.closeEnvironment(executionId);
      logger.info(
        { execution: executionId, ...receipt },
        'the environment of an ended execution was removed',
      );
    }
  } catch (error) {
    logger.warn({ backend: backend.id, error: messageOf(error) }, 'left environments could not be removed');
  }
}
