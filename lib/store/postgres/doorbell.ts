import type { Clock } from '../../clock';
import { messageOf } from '../../model/errors';
import type { Logger } from '../../model/logger';
import { createLatches } from '../latches';
import type { Doorbell } from '../store';
import type { Database } from './database';
import { newId } from './new-id';

/** The one channel of LISTEN and NOTIFY. A payload is the sender's name, a space and the topic. */
export const channel = 'gantry';

export interface PostgresDoorbell extends Doorbell {
  /** For a NOTIFY inside a transaction, which `ringHere` completes after the commit. */
  payloads(topics: readonly string[]): string[];
  /** Rings only in this process. */
  ringHere(topics: readonly string[]): void;
  close(): void;
}

/** Rings of one topic within this time cost one NOTIFY; listeners in this process are rung at once. */
const gatherMs = 5;
const retryMs = 500;

/**
 * A ring that could not be sent is sent again until it could. After the listening connection broke,
 * postgres.js listens again, and everyone here is rung once, for what was sent in between is lost.
 */
export async function openDoorbell(
  { clock, logger }: { clock: Clock; logger: Logger },
  { sql }: Database,
): Promise<PostgresDoorbell> {
  const latches = createLatches();
  const closing = new AbortController();
  const sender = newId();
  const unsent = new Set<string>();
  let isSending = false;

  await sql.listen(
    channel,
    (payload) => {
      const space = payload.indexOf(' ');
      if (payload.slice(0, space) !== sender) latches.ring(payload.slice(space + 1));
    },
    () => latches.ringAll(),
  );

  async function send(): Promise<void> {
    isSending = true;
    while (unsent.size > 0 && !closing.signal.aborted) {
      const topics = [...unsent];
      unsent.clear();
      try {
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
    ring(topic) {
      latches.ring(topic);
      unsent.add(topic);
      if (!isSending) void send();
    },
    listen: latches.listen,
    payloads,
    ringHere(topics) {
      for (const topic of topics) latches.ring(topic);
    },
    close: () => closing.abort(),
  };
}
