import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ToHub, ToTab } from '@/app/_components/streams/hub';
import { keepLink } from '@/app/_components/streams/keep-link';

const follow: ToHub = { type: 'follow', subscription: 'a', path: '/api/v1/agents/events', after: 0 };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A tab that follows its subscription again whenever its hub is another one, with the workers and page hubs that it opened. */
function openTab() {
  const workers: { got: ToHub[]; isClosed: boolean; send(message: ToTab): void; fail(): void }[] = [];
  const pageHubs: ToHub[][] = [];
  const heard: ToTab['type'][] = [];
  const link = keepLink(
    {
      openWorker(on) {
        const worker = { got: [] as ToHub[], isClosed: false, send: on.message, fail: on.error };
        workers.push(worker);
        return {
          post: (message) => void worker.got.push(message),
          close() {
            worker.isClosed = true;
          },
        };
      },
      openPageHub() {
        const got: ToHub[] = [];
        pageHubs.push(got);
        return { post: (message) => void got.push(message) };
      },
    },
    (message) => {
      heard.push(message.type);
      if (message.type === 'unknown') link.post(follow);
    },
  );
  link.post(follow);
  return { workers, pageHubs, heard };
}

async function pass(seconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(seconds * 1_000);
}

it('a tab whose worker says nothing goes to the hub of a page, and follows its subscriptions there', async () => {
  const { workers, pageHubs } = openTab();
  await pass(9);
  expect(pageHubs.length).toBe(0);
  await pass(2);
  expect(pageHubs).toEqual([[follow]]);
  expect(workers).toMatchObject([{ got: [follow, { type: 'bye' }], isClosed: true }]);
  await pass(600);
  expect([workers.length, pageHubs.length]).toEqual([1, 1]);
});

it('a tab whose worker had been well and has ended starts a new one, and then goes to the hub of a page', async () => {
  const { workers, pageHubs, heard } = openTab();
  for (let count = 0; count < 20; count += 1) {
    workers[0]?.send({ type: 'ping' });
    await pass(20);
  }
  expect([workers.length, pageHubs.length]).toEqual([1, 0]);
  await pass(55);
  expect(heard.filter((type) => type === 'unknown').length).toBe(1);
  expect(workers[0]?.got).toEqual([follow, { type: 'hello' }, { type: 'bye' }]);
  expect(workers[1]?.got).toEqual([follow]);
  await pass(11);
  expect(pageHubs).toEqual([[follow]]);
});

it('a tab that was frozen stays with a worker that answers', async () => {
  const { workers, pageHubs } = openTab();
  workers[0]?.send({ type: 'ping' });
  await pass(61);
  expect(workers[0]?.got.at(-1)).toEqual({ type: 'hello' });
  workers[0]?.send({ type: 'ping' });
  await pass(30);
  expect([workers.length, pageHubs.length, workers[0]?.isClosed]).toEqual([1, 0, false]);
});

it('what was sent to a worker whose script cannot be fetched is sent again to the hub of a page', async () => {
  const { workers, pageHubs } = openTab();
  workers[0]?.fail();
  expect(pageHubs).toEqual([[follow]]);
  await pass(600);
  expect([workers.length, pageHubs.length]).toEqual([1, 1]);
});
