import type { Clock } from '../clock';
import { AppError, messageOf } from '../model/errors';
import { type DesiredState, maxWaitMs } from '../model/job';
import type { Logger } from '../model/logger';
import type { ControlPlane, HeldJob } from './control-plane';
import { ControlPlaneUnavailable, withJitter } from './retry';

/** For an answer beyond the time it was asked to wait. */
const answerMs = 5_000;
const maxPauseMs = 1_000;

/**
 * Renews the lease at a third of its time, or as late as the control plane keeps an answer back, until `done` ends, and hears what is wanted while it waits. Resolves with
 * the reason when the lease is lost: the control plane said so, or could not be reached until it ran out. Counted
 * from before each request was sent, by a clock that never jumps, so that ours is never longer than the control
 * plane's.
 */
export async function renewLease(
  { clock, logger, plane }: { clock: Clock; logger: Logger; plane: Pick<ControlPlane, 'lease'> },
  held: HeldJob & { leaseMs: number },
  claimedMs: number,
  onDesired: (desired: DesiredState, graceMs: number) => void,
  done: AbortSignal,
): Promise<string | null> {
  const pauseMs = Math.min(held.leaseMs / 3, maxWaitMs);
  let validUntilMs = claimedMs + held.leaseMs;
  let isWanted = true;
  let isCut = false;
  while (!done.aborted) {
    const sentMs = clock.monotonicMs();
    const leftMs = validUntilMs - sentMs;
    if (leftMs <= 0) return 'the control plane could not be reached until the lease ran out';
    // After a failure it is asked for a quick answer first: what hangs now would cost the lease.
    const waitMs = isWanted && !isCut ? pauseMs : 0;
    try {
      const answer = await plane.lease(held, Math.round(waitMs), Math.min(waitMs + answerMs, leftMs), done);
      validUntilMs = sentMs + answer.leaseMs;
      isCut = false;
      if (answer.desired !== 'run') {
        if (isWanted) onDesired(answer.desired, answer.graceMs);
        isWanted = false;
        await clock.sleep(pauseMs, done);
      }
    } catch (error) {
      if (done.aborted) break;
      if (error instanceof AppError) return messageOf(error);
      if (!(error instanceof ControlPlaneUnavailable)) throw error;
      isCut = true;
      logger.debug({ job: held.id, error: error.message }, 'a lease could not be renewed; trying again');
      await clock.sleep(withJitter(Math.min(maxPauseMs, held.leaseMs / 20)), done);
    }
  }
  return null;
}
