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
      void clock.sleep(Math.max(0, node.timeoutMs - usedMs), ended.signal).then(() => {
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
