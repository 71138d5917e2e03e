import type { Clock } from '../../clock';
import { settledWithin } from './settled-within';

/** From the container's end to the end of a stream of its output, as long as nothing comes. */
const drainSilenceMs = 3_000;

/** Calls `act` once the container has ended and nothing has come for a while, unless `over` ends before. */
export async function whenSilent(
  clock: Clock,
  ended: Promise<unknown>,
  lastMs: () => number,
  over: AbortSignal,
  act: () => void,
): Promise<void> {
  await settledWithin(clock, ended, Number.POSITIVE_INFINITY, over);
  while (!over.aborted) {
    const leftMs = lastMs() + drainSilenceMs - clock.monotonicMs();
    if (leftMs <= 0) return act();
    await clock.sleep(leftMs, over);
  }
}
