import type { Clock } from '../../clock';
import { StoreFull } from '../../model/errors';
import type { Store } from '../store';

/** How long a refusal counts as lack of space: refused writers retry within 5 s. */
const memoryMs = 12_000;
type Writers = Pick<Store, 'events' | 'logs' | 'artifacts'>;

/**
 * A database whose disk is full still answers questions. So that someone says it, writes that were refused for
 * want of space are remembered for a moment: `check` throws what the last one was told.
 */
export function watchDiskSpace(
  { clock }: { clock: Clock },
  { events, logs, artifacts }: Writers,
): { writers: Writers; check(): void } {
  let refusal: { atMs: number; error: StoreFull } | null = null;

  async function watched<R>(work: () => Promise<R>): Promise<R> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof StoreFull) refusal = { atMs: clock.monotonicMs(), error };
      throw error;
    }
  }

  return {
    writers: {
      events: { ...events, append: (...given) => watched(() => events.append(...given)) },
      logs: { ...logs, append: (...given) => watched(() => logs.append(...given)) },
      artifacts: {
        ...artifacts,
        put: (...given) => watched(() => artifacts.put(...given)),
        putMany: (...given) => watched(() => artifacts.putMany(...given)),
      },
    },
    check() {
      if (refusal && clock.monotonicMs() - refusal.atMs < memoryMs) throw refusal.error;
    },
  };
}
