import type { Clock } from '../../clock';
import { messageOf } from '../../model/errors';
import type { Logger } from '../../model/logger';
import type { JobStore } from '../../store/agent-store';

const pauseMs = 1_000;

/** Gives back what agents no longer hold, until the signal ends. Every control plane does it; it does no harm twice. */
export async function runJobExpiry(
  { clock, jobs, logger }: { clock: Clock; jobs: Pick<JobStore, 'expire'>; logger: Logger },
  limits: { maxDeliveries: number; offlineAfterMs: number },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(pauseMs, signal);
    if (signal.aborted) return;
    await jobs
      .expire(limits)
      .catch((error: unknown) =>
        logger.warn({ error: messageOf(error) }, 'leases of agents could not be looked through'),
      );
  }
}
