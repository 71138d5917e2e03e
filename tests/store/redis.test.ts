import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { systemClock } from '@/lib/clock';
import { runCheck } from '@/lib/http/readiness';
import { openPostgresStore } from '@/lib/store/postgres/postgres-store';
import { openRedisTransport } from '@/lib/store/redis/pub-sub-transport';
import type { Store } from '@/lib/store/store';
import { openBreakableProxy } from '../support/breakable-proxy';
import { openTestDatabase, silentLogger } from '../support/database';
import { openPrivateRedis, type PrivateRedis } from '../support/private-redis';
import { describeWith, redisUrl } from '../support/requirements';

const clock = systemClock;
const logger = silentLogger;
const cleanups: (() => unknown)[] = [];
let database: Awaited<ReturnType<typeof openTestDatabase>>;

async function open(url: string): Promise<Store> {
  const store = await openPostgresStore(
    { clock, logger },
    database.url,
    (installation) => (ears) =>
      openRedisTransport({ clock, logger }, { url, channel: channelOf(installation), ...ears }),
  );
  cleanups.push(() => store.close());
  return store;
}

function channelOf(installation: string): string {
  return `gantry-test:${installation}`;
}

function listen(store: Store, topic: string): { next(): Promise<void> } {
  const controller = new AbortController();
  cleanups.push(() => controller.abort());
  return store.notifier.subscribe(topic, controller.signal);
}

/** The state of a carrier changes without a word: it is asked until it is as expected. */
async function untilCarrier(store: Store, isUp: boolean): Promise<void> {
  while (store.notifier.transport()?.isUp !== isUp) await clock.sleep(10);
}

/** A ring from one to the other, however it goes. */
async function expectRing(from: Store, to: Store, topic: string): Promise<void> {
  const bell = listen(to, topic);
  from.notifier.notify(topic);
  await bell.next();
}

function cacheOf(store: Store) {
  const none = async () => [];
  return runCheck({ clock, store, backendOptions: none, launchSuites: none }, 'cache');
}

beforeAll(async () => {
  database = await openTestDatabase();
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
afterAll(() => database.drop());

describeWith('redis', 'Redis as the carrier of wake-ups', () => {
  test('carries rings from one control plane to another, on the channel of the installation', async () => {
    const [here, there] = [await open(redisUrl), await open(redisUrl)];
    await Promise.all([untilCarrier(here, true), untilCarrier(there, true)]);
    const spy = new Redis(redisUrl);
    cleanups.push(() => spy.disconnect());
    await spy.subscribe(channelOf(here.installation.id));
    const seen = new Promise<string>((resolve) => spy.once('message', (_channel, ring) => resolve(ring)));
    await expectRing(here, there, 'over Redis');
    expect(await seen).toMatch(/\nover Redis$/);
    expect(await cacheOf(here)).toMatchObject({ status: 'ok', detail: 'Redis carries the wake-ups' });
  });
});

describeWith('redis', 'A Redis that dies', () => {
  let redis: PrivateRedis;

  beforeAll(async () => {
    redis = await openPrivateRedis();
  });
  afterAll(() => redis.kill());

  test('is replaced by PostgreSQL, and takes over again when it is back', async () => {
    const [here, there] = [await open(redis.url), await open(redis.url)];
    await Promise.all([untilCarrier(here, true), untilCarrier(there, true)]);
    const waiting = listen(there, 'nobody rings');
    await redis.kill();
    await waiting.next();
    for (const topic of ['a', 'b', 'c']) await expectRing(here, there, topic);
    await untilCarrier(here, false);
    expect(await cacheOf(here)).toMatchObject({
      status: 'degraded',
      detail: expect.stringContaining('PostgreSQL carries the wake-ups'),
    });
    await redis.start();
    await Promise.all([untilCarrier(here, true), untilCarrier(there, true)]);
    await expectRing(here, there, 'd');
    expect(await cacheOf(there)).toMatchObject({ status: 'ok' });
  });

  test('or hangs is given up, and no ring is lost', async () => {
    const [here, there] = [await open(redis.url), await open(redis.url)];
    await Promise.all([untilCarrier(here, true), untilCarrier(there, true)]);
    redis.signal('SIGSTOP');
    try {
      await expectRing(here, there, 'while it hangs');
      await Promise.all([untilCarrier(here, false), untilCarrier(there, false)]);
      await expectRing(there, here, 'after it was given up');
    } finally {
      redis.signal('SIGCONT');
    }
    await untilCarrier(here, true);
  });

  test('only for the one who listens loses none of its rings either', async () => {
    const proxy = await openBreakableProxy(redis.url);
    cleanups.push(() => proxy.close());
    const [here, there] = [await open(redis.url), await open(proxy.url)];
    await Promise.all([untilCarrier(here, true), untilCarrier(there, true)]);
    await proxy.breakOff();
    await untilCarrier(there, false);
    await expectRing(here, there, 'said to Redis alone');
    expect(here.notifier.transport()?.isUp).toBe(true);
    await proxy.mend();
    await untilCarrier(there, true);
  });

  test('before Gantry starts does not keep it from starting', async () => {
    await redis.kill();
    const [here, there] = [await open(redis.url), await open(redis.url)];
    expect(await cacheOf(here)).toMatchObject({ status: 'degraded' });
    await expectRing(here, there, 'without Redis');
    await redis.start();
    await Promise.all([untilCarrier(here, true), untilCarrier(there, true)]);
  });
});
