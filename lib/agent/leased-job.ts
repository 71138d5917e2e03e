import type { Clock } from '../clock';
import { messageOf } from '../model/errors';
import type { DesiredState } from '../model/job';
import type { Logger } from '../model/logger';
import type { ControlPlane, HeldJob } from './control-plane';
import { renewLease } from './lease-renewal';
import { createOutbox, type Outbox } from './outbox';

/** A job under its lease, with the outbox for its reports. */
export interface LeasedJob {
  /** Aborted when the lease is lost: from then on the control plane rejects every report. */
  lost: AbortSignal;
  outbox: Outbox;
  /** Stops renewing the lease and drops what the outbox still has. Never rejects. */
  release(): Promise<void>;
}

/** `claimedMs`: when the claim was answered, monotonic. `what` is it, for the log. */
export function startLeasedJob(
  deps: { clock: Clock; logger: Logger; plane: Pick<ControlPlane, 'lease' | 'report' | 'sendLines'> },
  job: HeldJob & { leaseMs: number; ackedSeq: number },
  claimedMs: number,
  what: object,
  { onDesired, onLost }: { onDesired(desired: DesiredState, graceMs: number): void; onLost(): void },
): LeasedJob {
  const { logger } = deps;
  const lost = new AbortController();
  const over = new AbortController();
  const dropped = AbortSignal.any([lost.signal, over.signal]);

  function lose(reason: string): void {
    if (dropped.aborted) return;
    logger.warn({ ...what, reason }, 'a job is not ours any more; what runs for it is stopped');
    lost.abort();
    onLost();
  }

  const keeping = renewLease(deps, job, claimedMs, onDesired, over.signal).then(
    (reason) => {
      if (reason !== null) lose(reason);
    },
    (error: unknown) => logger.error({ ...what, error: messageOf(error) }, 'a lease was not kept'),
  );

  return {
    lost: lost.signal,
    outbox: createOutbox(deps, job, job.ackedSeq, dropped, lose),
    async release() {
      over.abort();
      await keeping;
    },
  };
}
