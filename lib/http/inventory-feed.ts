import type { Clock } from '../clock';
import type { LiveInventory } from '../model/environment';
import { messageOf } from '../model/errors';
import type { Logger } from '../model/logger';
import { createSnapshotFeed, type SnapshotFeed } from '../streams/snapshot-feed';

const intervalMs = 500;

/** The environments of all backends as they are now, read once for all who look. */
export function createInventoryFeed(
  { clock, logger }: { clock: Clock; logger: Logger },
  { subscribe, read }: Pick<Parameters<typeof createSnapshotFeed<LiveInventory>>[0], 'subscribe' | 'read'>,
  signal: AbortSignal,
): SnapshotFeed<LiveInventory> {
  return createSnapshotFeed<LiveInventory>({
    clock,
    subscribe,
    read,
    intervalMs,
    signal,
    onError: (error) =>
      logger.warn({ error: messageOf(error) }, 'the environments could not be read and are tried again'),
  });
}
