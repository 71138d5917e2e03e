import { messageOf } from '../model/errors';
import type { EngineDependencies } from './engine';

const roundMs = 60 * 60_000;
const pauseMs = 50;

/** Forgets what is older than the operator wants to keep: a round an hour, each in small batches with pauses. */
export async function runRetention(
  { clock, store, limits, logger }: Pick<EngineDependencies, 'clock' | 'store' | 'limits' | 'logger'>,
  stopping: AbortSignal,
): Promise<void> {
  while (!stopping.aborted) {
    try {
      let batches = 0;
      while (!stopping.aborted && (await store.deleteExpired(limits.retention))) {
        batches += 1;
        await clock.sleep(pauseMs, stopping);
      }
      if (batches > 0) logger.info({ batches }, 'old executions, logs and artifacts were removed');
    } catch (error) {
      logger.warn({ error: messageOf(error) }, 'what is old could not be removed and is tried again');
    }
    await clock.sleep(roundMs, stopping);
  }
}
