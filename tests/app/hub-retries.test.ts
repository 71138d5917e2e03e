import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createStreamHub, type StreamHub, type StreamState } from '@/app/_components/streams/hub';
import type { StreamSubscription, SubscriptionNews } from '@/lib/model/stream-subscription';

const path = '/api/v1/agents/events';
const encoder = new TextEncoder();
let hub: StreamHub;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  hub.close();
  vi.useRealTimers();
});

const frame = (news: SubscriptionNews) => `event: subscription\ndata: ${JSON.stringify(news)}\n\n`;
const open = (subscription: string) => frame({ subscription, state: 'open' });
const cut = (subscription: string) => frame({ subscription, state: 'cut' });
const item = (subscription: string, id: number) => `${frame({ subscription })}id: ${id}\ndata: {}\n\n`;

/** A hub whose every connection is answered with these frames, and then stays open unless `isWhole`. */
function openHub(
  answer: (connection: number, subscriptions: StreamSubscription[]) => string | Response,
  isWhole = false,
) {
  const at: number[] = [];
  hub = createStreamHub({
    async connect(subscriptions, signal) {
      at.push(Date.now());
      const frames = answer(at.length, subscriptions);
      if (typeof frames !== 'string') return frames;
      return new Response(
        new ReadableStream<Uint8Array>({
          start(controller) {
            controller.enqueue(encoder.encode(frames));
            if (isWhole) return controller.close();
            const pinging = setInterval(() => controller.enqueue(encoder.encode(': ping\n\n')), 15_000);
            signal.addEventListener('abort', () => {
              clearInterval(pinging);
              controller.error(signal.reason);
            });
          },
        }),
      );
    },
  });
  const states: Record<string, StreamState> = {};
  const tab = hub.attach((message) => {
    if (message.type === 'state') states[message.subscription] = message.state;
    else if (message.type === 'ping') tab.receive({ type: 'alive' });
  });
  return {
    states,
    follow(subscriptions: string[]) {
      for (const subscription of subscriptions) tab.receive({ type: 'follow', subscription, path, after: 0 });
    },
    leave: (subscription: string) => tab.receive({ type: 'leave', subscription }),
    /** Lets this time pass. Returns how many connections began in it. */
    async pass(seconds: number): Promise<number> {
      const before = at.length;
      // In steps, so that the pings and what streams send are seen between them.
      for (let step = 0; step < seconds; step += 1) await vi.advanceTimersByTimeAsync(1_000);
      return at.length - before;
    },
  };
}

it.each([
  ['while others are open', false],
  ['alone', true],
])('a subscription that fails every time is requested ever more rarely, %s', async (_, isWhole) => {
  const tab = openHub(() => (isWhole ? cut('bad') : open('good') + cut('bad')), isWhole);
  tab.follow(isWhole ? ['bad'] : ['good', 'bad']);
  expect(await tab.pass(60)).toBeLessThanOrEqual(6);
  await tab.pass(600);
  // At most once in a minute and a half, as jitter takes a quarter off two minutes.
  expect(await tab.pass(900)).toBeLessThanOrEqual(10);
  expect(await tab.pass(900)).toBeGreaterThan(0);
  expect(tab.states.bad).toEqual({ name: 'catching up' });
  if (!isWhole) expect(tab.states.good).toEqual({ name: 'live' });
});

it('a subscription that has given an item since it failed is soon requested again', async () => {
  const tab = openHub((connection) =>
    connection > 6 ? open('bad') + item('bad', 1) + cut('bad') : cut('bad'),
  );
  tab.follow(['bad']);
  await tab.pass(600);
  expect(await tab.pass(60)).toBeGreaterThanOrEqual(7);
});

it('a server that goes away while a subscription rests is tried again within seconds', async () => {
  const away = () => new Response(null, { status: 503 });
  const tab = openHub((connection) => (connection < 8 ? open('good') + cut('bad') : away()));
  tab.follow(['good', 'bad']);
  await tab.pass(600);
  expect(tab.states.good?.name).toBe('offline');
  expect(await tab.pass(60)).toBeGreaterThanOrEqual(5);
});

it('what is refused is requested again after some minutes, and what is not understood asks for a reload', async () => {
  const problem = { status: 404, code: 'execution_not_found', detail: 'There is no such execution.' };
  const refused = frame({ subscription: 'a', state: 'refused', problem });
  const invalid = frame({ subscription: 'b', state: 'refused', problem: { ...problem, status: 400 } });
  const tab = openHub((connection) => (connection === 1 ? refused + invalid : open('a') + invalid));
  tab.follow(['a', 'b']);
  expect(await tab.pass(100)).toBe(1);
  expect(tab.states.a).toEqual({ name: 'refused', detail: problem.detail });
  expect(Object(tab.states.b).detail).toContain('reload the page');
  await tab.pass(200);
  expect(tab.states.a).toEqual({ name: 'live' });
});

it('a server that does not understand the request at all asks for a reload', async () => {
  const tab = openHub(() => new Response('{}', { status: 400 }));
  tab.follow(['a']);
  expect(await tab.pass(100)).toBe(1);
  expect(Object(tab.states.a).detail).toContain('reload the page');
});

it('subscriptions beyond the limit of one connection say so, and come once others have left', async () => {
  const tab = openHub((_, subscriptions) => subscriptions.map(({ id }) => open(id)).join(''));
  tab.follow(Array.from({ length: 501 }, (_, at) => `subscription-${at}`));
  await tab.pass(2);
  expect(tab.states['subscription-499']).toEqual({ name: 'live' });
  expect(tab.states['subscription-500']).toMatchObject({ name: 'refused' });
  expect(Object(tab.states['subscription-500']).detail).toContain('500');
  tab.leave('subscription-0');
  await tab.pass(3);
  expect(tab.states['subscription-500']).toEqual({ name: 'live' });
});

it('a tab gets a ping at once and whenever it asks, and one that says goodbye takes its subscriptions along', async () => {
  const asked: string[][] = [];
  hub = createStreamHub({
    connect(subscriptions, signal) {
      asked.push(subscriptions.map(({ id }) => id));
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    },
  });
  const got: string[] = [];
  const tab = hub.attach(({ type }) => got.push(type));
  const other = hub.attach(() => undefined);
  await vi.waitFor(() => expect(got).toEqual(['ping']));
  tab.receive({ type: 'hello' });
  expect(got).toEqual(['ping', 'ping']);
  tab.receive({ type: 'follow', subscription: 'a', path, after: 0 });
  other.receive({ type: 'follow', subscription: 'b', path, after: 0 });
  await vi.advanceTimersByTimeAsync(100);
  tab.receive({ type: 'bye' });
  await vi.advanceTimersByTimeAsync(2_000);
  expect(asked).toEqual([['a', 'b'], ['b']]);
  expect(got).toEqual(['ping', 'ping']);
});
