import type { Clock } from '../clock';
import { AppError, messageOf, StoreFull } from '../model/errors';
import type { Logger } from '../model/logger';
import { formatDuration } from './evaluate-attempt';

const maxPauseMs = 5_000;

export interface RetryDependencies {
  clock: Clock;
  logger: Logger;
}

/**
 * Does a piece of work on the store however long the store is away. Rejects with what the store says otherwise
 * (`fenced` above all), and with `fenced` when `abandoned` ends first.
 *
 * A connection that broke during a commit leaves open whether it happened: `findDone` looks before the work is
 * tried again, and answers its result when it was done. A store without space is waited for in the same way, but for
 * `noSpaceMs` at most: then it rejects with a StoreFull that says so.
 */
export async function retryStore<T>(
  { clock, logger }: RetryDependencies,
  what: object,
  abandoned: AbortSignal,
  work: () => Promise<T>,
  findDone?: () => Promise<T | null>,
  noSpaceMs = Number.POSITIVE_INFINITY,
): Promise<T> {
  let mayBeDone = false;
  let fullSinceMs: number | null = null;
  for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
    if (abandoned.aborted) throw new AppError('fenced', 'the execution is no longer ours to write to');
    try {
      const done = mayBeDone && findDone ? await findDone() : null;
      if (done !== null) return done;
      return await work();
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'store_unavailable') throw error;
      mayBeDone = true;
      if (error instanceof StoreFull) {
        fullSinceMs ??= clock.monotonicMs();
        if (clock.monotonicMs() - fullSinceMs >= noSpaceMs) throw noSpace(noSpaceMs, error);
      }
      logger.warn(
        { ...what, error: messageOf(error), pauseMs },
        'the store is away; this is kept and tried again',
      );
      await clock.sleep(pauseMs, abandoned);
    }
  }
}

function noSpace(forMs: number, cause: StoreFull): StoreFull {
  return new StoreFull(`no space: the disk of Gantry's database was full for ${formatDuration(forMs)}`, {
    cause,
  });
}
