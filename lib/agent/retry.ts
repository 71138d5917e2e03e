import type { Clock } from '../clock';
import { messageOf } from '../model/errors';
import type { Logger } from '../model/logger';

const firstPauseMs = 200;
const maxPauseMs = 5_000;

/** Thrown when the control plane does not answer or is overloaded: a retry may succeed. */
export class ControlPlaneUnavailable extends Error {
  override readonly name = 'Away';
}

/**
 * Repeats the work until it succeeds. Pauses grow to 5 s, each with jitter, so that a thousand agents do not return at
 * once. Rejects with any error but `Away`, and with the last `Away` when the signal ends.
 */
export async function retry<T>(
  { clock, logger }: { clock: Clock; logger: Logger },
  what: string,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, maxPauseMs)) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ControlPlaneUnavailable) || signal.aborted) throw error;
      logger.warn({ error: messageOf(error) }, `${what}: trying again`);
      await clock.sleep(withJitter(pauseMs), signal);
    }
  }
}

/** Returns a random time between half of `ms` and `ms`. */
export function withJitter(ms: number): number {
  return ms * (0.5 + Math.random() / 2);
}
