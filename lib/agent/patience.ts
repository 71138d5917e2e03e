import type { Clock } from '../clock';
import { messageOf } from '../model/errors';
import type { Logger } from '../model/logger';

const firstPauseMs = 200;
const longestPauseMs = 5_000;

/** The control plane does not answer, or says that it cannot now: the same again may work later. */
export class Away extends Error {
  override readonly name = 'Away';
}

/**
 * Does it until it works. Pauses grow to 5 s, each with jitter, so that a thousand agents do not come back at once.
 * Rejects with anything but `Away`, and with the last `Away` when the signal ends.
 */
export async function persistently<T>(
  { clock, logger }: { clock: Clock; logger: Logger },
  what: string,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Away) || signal.aborted) throw error;
      logger.warn({ error: messageOf(error) }, `${what}: trying again`);
      await clock.sleep(withJitter(pauseMs), signal);
    }
  }
}

/** From half of it to all of it. */
export function withJitter(ms: number): number {
  return ms * (0.5 + Math.random() / 2);
}
