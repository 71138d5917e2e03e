import type { Clock } from '../clock';
import { messageOf } from '../model/errors';
import type { Overview } from '../model/launch';
import type { Logger } from '../model/logger';
import type { Store } from '../store/store';
import { createSnapshotFeed, type SnapshotFeed } from '../streams/snapshot-feed';

const limits = { running: 30, queued: 20, finished: 100 };
const minPauseMs = 200;
/** Bytes a second, about, that go to each page that shows the overview. */
const maxRate = 20_000;

/** The overview as everybody who follows it shares it. */
export function createOverviewFeed(
  { clock, store, logger }: { clock: Clock; store: Store; logger: Logger },
  signal: AbortSignal,
): SnapshotFeed<Overview> {
  return createSnapshotFeed<Overview>({
    clock,
    subscribe: (stopped) => store.notifier.subscribe('overview', stopped),
    read: () => readOverview({ clock, store }),
    intervalMs: overviewPauseMs,
    signal,
    onError: (error) =>
      logger.warn({ error: messageOf(error) }, 'the overview could not be read and is tried again'),
  });
}

export async function readOverview({ clock, store }: { clock: Clock; store: Store }): Promise<Overview> {
  return { ...(await store.executions.overview(limits)), at: clock.now().toISOString() };
}

/** Milliseconds from this picture to the next one: the larger it is, the less often it goes out. */
export function overviewPauseMs(overview: Overview): number {
  return Math.max(minPauseMs, (JSON.stringify(overview).length / maxRate) * 1_000);
}
