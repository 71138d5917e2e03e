import { Redis, type RedisOptions } from 'ioredis';
import type { Clock } from '../../clock';
import { messageOf } from '../../model/errors';
import type { Logger } from '../../model/logger';
import type { OpenPubSubTransport, PubSubTransport } from '../notifier';

const beatMs = 1_000;
const retryMs = 500;
/** A Redis that hangs is given up after so long. */
const answerLimitMs = 1_000;

const options: RedisOptions = {
  connectTimeout: 2_000,
  commandTimeout: answerLimitMs,
  retryStrategy: () => retryMs,
  // Nothing waits for a Redis that is away: the database carries it instead.
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  // Gantry resubscribes itself, to know when nothing is missed any more.
  autoResubscribe: false,
};

/**
 * Carries rings over a channel of Redis. May be opened while Redis is away. While this process cannot hear, it
 * says once a second that something may have been missed, for a sender may not have noticed.
 */
export function openRedisTransport(
  { clock, logger }: { clock: Clock; logger: Logger },
  {
    url,
    channel,
    onMessage,
    onGap,
  }: { url: string; channel: string; onMessage(message: string): void; onGap(): void },
): PubSubTransport {
  const closing = new AbortController();
  const sender = new Redis(url, options);
  const receiver = new Redis(url, options);
  let isSending = false;
  let isReceiving = false;
  let problem = 'Redis has not answered yet';
  let wasUp = true;

  function noteProblem(error: unknown): void {
    problem = messageOf(error);
  }

  for (const client of [sender, receiver]) client.on('error', noteProblem);
  sender.on('ready', () => {
    isSending = true;
  });
  sender.on('close', () => {
    isSending = false;
  });
  receiver.on('ready', () => void listen().catch(noteProblem));
  receiver.on('close', () => {
    isReceiving = false;
    onGap();
  });
  receiver.on('message', (_channel, message) => onMessage(message));

  async function listen(): Promise<void> {
    await receiver.subscribe(channel);
    isReceiving = true;
    onGap();
  }

  /** Tells a connection that hangs from one that is only quiet, and ends it. */
  async function checkConnections(): Promise<void> {
    while (!closing.signal.aborted) {
      await clock.sleep(beatMs, closing.signal);
      if (closing.signal.aborted) return;
      const [hasSender, hasReceiver] = await Promise.all([answers(sender), answers(receiver)]);
      if (!hasSender) isSending = false;
      if (!hasReceiver) isReceiving = false;
      if (!isReceiving) onGap();
      report();
    }
  }

  async function answers(client: Redis): Promise<boolean> {
    if (client.status !== 'ready') return false;
    try {
      await client.ping();
      return true;
    } catch (error) {
      noteProblem(error);
      client.disconnect(true);
      return false;
    }
  }

  function report(): void {
    const isUp = isSending && isReceiving;
    if (isUp === wasUp) return;
    wasUp = isUp;
    if (isUp) logger.info({}, 'Redis carries the wake-ups again');
    else logger.warn({ problem }, 'Redis is away; PostgreSQL carries the wake-ups');
  }

  const checking = checkConnections();
  return {
    async send(message) {
      if (!isSending) return false;
      try {
        await sender.publish(channel, message);
        return true;
      } catch (error) {
        isSending = false;
        noteProblem(error);
        return false;
      }
    },
    state: () =>
      isSending && isReceiving
        ? { isUp: true, detail: 'Redis carries the wake-ups' }
        : { isUp: false, detail: `Redis is away (${problem}); PostgreSQL carries the wake-ups` },
    async close() {
      closing.abort();
      for (const client of [sender, receiver]) client.disconnect();
      await checking;
    },
  };
}

/** Installations may share a Redis: each has a channel of its own. */
export function redisTransportOf(
  deps: { clock: Clock; logger: Logger },
  url: string | null,
): ((installation: string) => OpenPubSubTransport) | null {
  if (!url) return null;
  return (installation) => (handlers) =>
    openRedisTransport(deps, { url, channel: `gantry:${installation}`, ...handlers });
}
