import type { Clock } from '../clock';
import type { OutputLine } from '../model/log-line';

export interface LineDelivery {
  push(lines: readonly OutputLine[]): void;
  /** Resolves with true when more may be pushed, with false after `limitMs` of waiting for the receiver. */
  hasRoom(limitMs: number): Promise<boolean>;
  /** Resolves when everything is delivered. Rejects with what the receiver rejected with. */
  flush(): Promise<void>;
  /** Resolves with what the receiver rejected with; after that nothing more is delivered. */
  broken: Promise<unknown>;
  /** Drops what is not on its way yet, and resolves when nothing is on its way. */
  stop(): Promise<void>;
}

/** Why a wait is over; without a reason an error is made each time, which costs more than the wait. */
const batchLines = 'enough';
const gatherMs = 20;
const gatherBytes = 128 * 1024;
const maxPendingBytes = 1024 * 1024;
/** What a line costs beside its text. */
const lineOverhead = 64;

/** Hands lines over in order, one batch at a time; those that come soon after a batch are gathered for a moment. */
export function createLineDelivery(
  { clock }: { clock: Clock },
  onLines: (lines: OutputLine[]) => Promise<void>,
): LineDelivery {
  let pending: OutputLine[] = [];
  let pendingBytes = 0;
  let running: Promise<void> | null = null;
  let failure: { error: unknown } | null = null;
  let reportBroken: (error: unknown) => void = () => {};
  const broken = new Promise<unknown>((resolve) => {
    reportBroken = resolve;
  });
  let handedOverMs = Number.NEGATIVE_INFINITY;
  let isUrgent = false;
  let isStopped = false;
  let flushNow = new AbortController();
  let taken = new AbortController();

  function take(): OutputLine[] {
    const batch = pending;
    pending = [];
    pendingBytes = 0;
    taken.abort(batchLines);
    taken = new AbortController();
    return batch;
  }

  async function run(): Promise<void> {
    while (pending.length > 0 && !isStopped && !failure) {
      // The first lines after a silence go at once.
      const waitMs = handedOverMs + gatherMs - clock.monotonicMs();
      if (waitMs > 0 && !isUrgent && pendingBytes < gatherBytes) {
        flushNow = new AbortController();
        await clock.sleep(waitMs, flushNow.signal);
      }
      const batch = take();
      if (batch.length === 0) continue;
      handedOverMs = clock.monotonicMs();
      await onLines(batch).catch((error: unknown) => {
        failure = { error };
        reportBroken(error);
      });
    }
  }

  function start(): void {
    running ??= run().finally(() => {
      running = null;
    });
  }

  return {
    broken,
    push(lines) {
      if (isStopped || failure || lines.length === 0) return;
      for (const line of lines) {
        pending.push(line);
        pendingBytes += line.text.length + lineOverhead;
      }
      if (pendingBytes >= gatherBytes) flushNow.abort(batchLines);
      start();
    },
    async hasRoom(limitMs) {
      const deadline = clock.monotonicMs() + limitMs;
      while (pendingBytes >= maxPendingBytes && !isStopped && !failure) {
        const leftMs = deadline - clock.monotonicMs();
        if (leftMs <= 0) return false;
        await clock.sleep(leftMs, taken.signal);
      }
      return true;
    },
    async flush() {
      isUrgent = true;
      flushNow.abort(batchLines);
      while (running) await running;
      isUrgent = false;
      if (failure) throw failure.error;
    },
    async stop() {
      isStopped = true;
      pending = [];
      pendingBytes = 0;
      flushNow.abort(batchLines);
      taken.abort(batchLines);
      while (running) await running;
    },
  };
}
