import type { Clock } from '../clock';
import { messageOf } from '../model/errors';
import type { Overview } from '../model/launch';
import type { Logger } from '../model/logger';
import type { SuiteScope } from '../model/suite-right';
import type { Store } from '../store/store';
import { createSnapshotFeed, type SnapshotFeed } from '../streams/snapshot-feed';

const limits = { running: 30, queued: 20, finished: 100 };
const minPauseMs = 200;
/** Bytes a second, about, that go to each page that shows the overview. */
const maxRate = 20_000;

/** The most feeds that are kept for reuse. There is one for each set of suites that callers see. */
const maxFeeds = 1_000;

/** Overview feeds. Callers who see the same suites share one. */
export type OverviewFeeds = (scope: SuiteScope | null) => SnapshotFeed<Overview>;

export function createOverviewFeeds(...given: Parameters<typeof createOverviewFeed>): OverviewFeeds {
  const [deps, signal] = given;
  const feeds = new Map<string, SnapshotFeed<Overview>>();
  return (scope) => {
    const key = JSON.stringify(scope);
    const feed = feeds.get(key) ?? createOverviewFeed(deps, signal, scope);
    // Followers of a feed that is dropped here keep it.
    if (feeds.size >= maxFeeds) feeds.clear();
    feeds.set(key, feed);
    return feed;
  };
}

function createOverviewFeed(
  { clock, store, logger }: { clock: Clock; store: Store; logger: Logger },
  signal: AbortSignal,
  scope: SuiteScope | null = null,
): SnapshotFeed<Overview> {
  return createSnapshotFeed<Overview>({
    clock,
    subscribe: (stopped) => store.notifier.subscribe('overview', stopped),
    read: () => readOverview({ clock, store }, scope),
    intervalMs: overviewPauseMs,
    signal,
    onError: (error) =>
      logger.warn({ error: messageOf(error) }, 'the overview could not be read and is tried again'),
  });
}

export async function readOverview(
  { clock, store }: { clock: Clock; store: Store },
  scope: SuiteScope | null,
): Promise<Overview> {
  return { ...(await store.executions.overview({ ...limits, scope })), at: clock.now().toISOString() };
}

/** Milliseconds from this picture to the next one: the larger it is, the less often it goes out. */
export function overviewPauseMs(overview: Overview): number {
  return Math.max(minPauseMs, (JSON.stringify(overview).length / maxRate) * 1_000);
}
