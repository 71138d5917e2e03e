import type { Clock } from '../clock';
import type { Attempt } from '../model/execution';
import type { PlannedNode } from '../model/node';
import { staysUp } from '../model/step-kind';
import { formatDuration } from './evaluate-attempt';
import { createStopController, type StopController } from './stop-controller';

/** A step's switch with one attempt's own time limit. */
export interface AttemptLimit extends StopController {
  /** The step's program runs: the time begins. Services and mocks have no limit of their own. */
  start(): void;
  end(): void;
}

/**
 * An attempt that is gone on with has so long at least: it may have ended in time while nobody looked, and its backend
 * must be able to say so.
 */
const minAdoptedMs = 5_000;

export function limitAttempt(
  { clock }: { clock: Clock },
  stop: StopController,
  node: PlannedNode,
  adopted: Attempt | null,
): AttemptLimit {
  const own = createStopController();
  const ended = new AbortController();
  const forward = () => {
    const asked = stop.requested();
    if (asked) own.request(asked.request.why, asked.request.graceMs, asked.sentence);
  };
  stop.signal.addEventListener('abort', forward, { once: true });
  forward();
  const usedMs = adopted?.runningAt ? clock.now().getTime() - Date.parse(adopted.runningAt) : 0;
  return {
    ...own,
    start() {
      if (staysUp(node.kind)) return;
      const leftMs = Math.max(adopted ? minAdoptedMs : 0, node.timeoutMs - usedMs);
      void clock.sleep(leftMs, ended.signal).then(() => {
        if (ended.signal.aborted) return;
        own.request('timed_out', node.graceMs, `timed out after ${formatDuration(node.timeoutMs)}`);
      });
    },
    end() {
      ended.abort();
      stop.signal.removeEventListener('abort', forward);
    },
  };
}
