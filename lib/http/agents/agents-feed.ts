import { type Clock, waitAtMost } from '../../clock';
import type { AgentSummary } from '../../model/agent';
import { messageOf } from '../../model/errors';
import type { Logger } from '../../model/logger';
import type { Store } from '../../store/store';
import { createSnapshotFeed, type Snapshot, type SnapshotFeed } from '../../streams/snapshot-feed';
import { frame } from '../sse';

/** Nobody rings when an agent falls silent, nor for each of a thousand claims a second. */
const lookMs = 1_000;
const encoder = new TextEncoder();

/** The agents, looked at while somebody watches: once for all who do. */
export function createAgentsFeed(
  { clock, store, logger }: { clock: Clock; store: Store; logger: Logger },
  offlineAfterMs: number,
  signal: AbortSignal,
): SnapshotFeed<AgentSummary[]> {
  return createSnapshotFeed<AgentSummary[]>({
    clock,
    subscribe(listening) {
      const subscription = store.notifier.subscribe(store.agents.topic, listening);
      let notified: Promise<void> | null = null;
      return {
        next() {
          // The one that is waited for stays so when the time is over first.
          notified ??= subscription.next().then(() => {
            notified = null;
          });
          return waitAtMost(clock, lookMs, notified);
        },
      };
    },
    read: () => store.agents.list(offlineAfterMs),
    intervalMs: 200,
    signal,
    onError: (error) =>
      logger.warn({ error: messageOf(error) }, 'the agents could not be read and are tried again'),
  });
}

/** All agents, whenever anything of them is otherwise than before. */
export async function* agentFrames(
  snapshots: AsyncIterable<Snapshot<AgentSummary[]>>,
): AsyncGenerator<Uint8Array> {
  let sent = '';
  for await (const { version, value } of snapshots) {
    const json = JSON.stringify({ items: value });
    if (json === sent) continue;
    sent = json;
    yield encoder.encode(frame(version, json));
  }
}
