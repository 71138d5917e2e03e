import type { Clock } from '../clock';
import { AppError, messageOf } from '../model/errors';
import type { Logger } from '../model/logger';

const longestPauseMs = 5_000;

export interface PersistDependencies {
  clock: Clock;
  logger: Logger;
}

/**
 * Does a piece of work on the store however long the store is away. Rejects with what the store says otherwise
 * (`fenced` above all), and with `fenced` when `abandoned` ends first.
 *
 * A connection that broke during a commit leaves open whether it happened: `findDone` looks before the work is
 * tried again, and answers its result when it was done.
 */
export async function persist<T>(
  { clock, logger }: PersistDependencies,
  what: object,
  abandoned: AbortSignal,
  work: () => Promise<T>,
  findDone?: () => Promise<T | null>,
): Promise<T> {
  let mayBeDone = false;
  for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    if (abandoned.aborted) throw new AppError('fenced', 'the execution is no longer ours to write to');
    try {
      const done = mayBeDone && findDone ? await findDone() : null;
      if (done !== null) return done;
      return await work();
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'store_unavailable') throw error;
      mayBeDone = true;
      logger.warn(
        { ...what, error: messageOf(error), pauseMs },
        'the store is away; this is kept and tried again',
      );
      await clock.sleep(pauseMs, abandoned);
    }
  }
}
