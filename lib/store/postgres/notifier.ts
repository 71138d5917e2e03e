import type { Clock } from '../../clock';
import { messageOf } from '../../model/errors';
import type { Logger } from '../../model/logger';
import { createLatchedSubscriptions } from '../latched-subscriptions';
import type { Notifier, OpenPubSubTransport } from '../notifier';
import type { Database } from './database';
import { newId } from './new-id';

/** The one channel of LISTEN and NOTIFY. A payload is the sender's name, a space and the topic. */
export const channel = 'gantry';

export interface PostgresNotifier extends Notifier {
  /** For a NOTIFY inside a transaction, which `notifyHere` completes after the commit. */
  payloads(topics: readonly string[]): string[];
  /** Rings only in this process. */
  notifyHere(topics: readonly string[]): void;
  close(): Promise<void>;
}

/** Rings of one topic within this time cost one NOTIFY; listeners in this process are rung at once. */
const gatherMs = 5;
const retryMs = 500;

/**
 * What a transaction rings goes with its commit, as a NOTIFY of it: it cannot be lost. Other rings go over the
 * carrier, where there is one and it answers, else as a NOTIFY of their own; one that could not be sent is sent
 * again until it could. After the listening connection broke, postgres.js listens again, and everyone here is
 * rung once, for what was sent in between is lost; likewise when the carrier may have missed something.
 */
export async function openNotifier(
  {
    clock,
    logger,
    openTransport,
  }: { clock: Clock; logger: Logger; openTransport: OpenPubSubTransport | null },
  { sql }: Database,
): Promise<PostgresNotifier> {
  const subscriptions = createLatchedSubscriptions();
  const closing = new AbortController();
  const sender = newId();
  const unsent = new Set<string>();
  let isSending = false;

  await sql.listen(
    channel,
    (payload) => {
      const space = payload.indexOf(' ');
      if (payload.slice(0, space) !== sender) subscriptions.notify(payload.slice(space + 1));
    },
    () => subscriptions.notifyAll(),
  );
  const transport =
    openTransport?.({
      onMessage(rings) {
        const [from, ...topics] = rings.split('\n');
        if (from !== sender) for (const topic of topics) subscriptions.notify(topic);
      },
      onGap: subscriptions.notifyAll,
    }) ?? null;

  async function send(): Promise<void> {
    isSending = true;
    while (unsent.size > 0 && !closing.signal.aborted) {
      const topics = [...unsent];
      unsent.clear();
      try {
        const isCarried = (await transport?.send([sender, ...topics].join('\n'))) ?? false;
        if (!isCarried)
          await sql`select pg_notify(${channel}, payload) from unnest(${payloads(topics)}::text[]) payload`;
        await clock.sleep(gatherMs, closing.signal);
      } catch (error) {
        for (const topic of topics) unsent.add(topic);
        logger.debug({ reason: messageOf(error) }, 'wake-ups could not be sent; trying again');
        await clock.sleep(retryMs, closing.signal);
      }
    }
    isSending = false;
  }

  function payloads(topics: readonly string[]): string[] {
    return topics.map((topic) => `${sender} ${topic}`);
  }

  return {
    notify(topic) {
      subscriptions.notify(topic);
      unsent.add(topic);
      if (!isSending) void send();
    },
    subscribe: subscriptions.subscribe,
    transport: () => transport?.state() ?? null,
    payloads,
    notifyHere(topics) {
      for (const topic of topics) subscriptions.notify(topic);
    },
    async close() {
      closing.abort();
      await transport?.close();
    },
  };
}
