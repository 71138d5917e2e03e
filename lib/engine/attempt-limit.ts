import type { Clock } from '../clock';
import type { Attempt } from '../model/execution';
import { type PlannedNode, staysUp } from '../model/node';
import { duration } from './evaluate';
import { createStopSwitch, type StopSwitch } from './stop-switch';

/** A step's switch with one attempt's own time limit. */
export interface AttemptLimit extends StopSwitch {
  /** The step's program runs: the time begins. Services and mocks have no limit of their own. */
  start(): void;
  end(): void;
}

/**
 * An attempt that is gone on with has so long at least: it may have ended in time while nobody looked, and its backend
 * must be able to say so.
 */
const leastAdoptedMs = 5_000;

export function limitAttempt(
  { clock }: { clock: Clock },
  stop: StopSwitch,
  node: PlannedNode,
  adopted: Attempt | null,
): AttemptLimit {
  const own = createStopSwitch();
  const ended = new AbortController();
  const forward = () => {
    const asked = stop.asked();
    if (asked) own.request(asked.request.why, asked.request.graceMs, asked.sentence);
  };
  stop.signal.addEventListener('abort', forward, { once: true });
  forward();
  const usedMs = adopted?.runningAt ? clock.now().getTime() - Date.parse(adopted.runningAt) : 0;
  return {
    ...own,
    start() {
      if (staysUp(node.kind)) return;
      const leftMs = Math.max(adopted ? leastAdoptedMs : 0, node.timeoutMs - usedMs);
      void clock.sleep(leftMs, ended.signal).then(() => {
        if (ended.signal.aborted) return;
        own.request('timed_out', node.graceMs, `timed out after ${duration(node.timeoutMs)}`);
      });
    },
    end() {
      ended.abort();
      stop.signal.removeEventListener('abort', forward);
    },
  };
}
