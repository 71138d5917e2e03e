import type { Clock } from '../clock';
import { messageOf } from '../model/errors';
import type { DesiredState } from '../model/job';
import type { Logger } from '../model/logger';
import type { ControlPlane, HeldJob } from './control-plane';
import { keepLease } from './keep-lease';
import { createOutbox, type Outbox } from './outbox';

/** A job under its lease, and the way out for what it has to say. */
export interface Hold {
  /** Ends when the job is not ours any more: nothing that is said of it counts. */
  lost: AbortSignal;
  outbox: Outbox;
  /** The lease is renewed no more, and what the outbox still has is dropped. Never rejects. */
  release(): Promise<void>;
}

/** `claimedMs`: when the claim was answered, monotonic. `what` is it, for the log. */
export function holdJob(
  deps: { clock: Clock; logger: Logger; plane: Pick<ControlPlane, 'lease' | 'report' | 'sendLines'> },
  job: HeldJob & { leaseMs: number; ackedSeq: number },
  claimedMs: number,
  what: object,
  { onDesired, onLost }: { onDesired(desired: DesiredState, graceMs: number): void; onLost(): void },
): Hold {
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

  const keeping = keepLease(deps, job, claimedMs, onDesired, over.signal).then(
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
