import { afterEach, expect, it, vi } from 'vitest';
import { followSubscription } from '@/app/_components/streams/follow-subscription';
import type { ToHub, ToTab } from '@/app/_components/streams/hub';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it('a hub that asks for all subscriptions anew is told to forget the old ids, so that none is streamed twice', () => {
  vi.useFakeTimers();
  const posted: ToHub[] = [];
  interface Port {
    postMessage(message: ToHub): void;
    onmessage?: (event: { data: ToTab }) => void;
  }
  const ports: Port[] = [];
  class Worker {
    port: Port = { postMessage: (message) => posted.push(message) };
    constructor() {
      ports.push(this.port);
    }
  }
  vi.stubGlobal('SharedWorker', Worker);
  vi.stubGlobal('addEventListener', () => undefined);
  const states: string[] = [];
  followSubscription({
    path: '/api/v1/agents/events',
    after: 3,
    onItems: () => undefined,
    onState: ({ name }) => states.push(name),
  });
  ports[0]?.onmessage?.({ data: { type: 'unknown' } });
  const [first, left, again] = posted;
  expect(posted.map(({ type }) => type)).toEqual(['follow', 'leave', 'follow']);
  expect(left).toEqual({ type: 'leave', subscription: Object(first).subscription });
  expect(again).toEqual({ ...first, subscription: Object(again).subscription });
  expect(Object(again).subscription).not.toBe(Object(first).subscription);
  // What the old hub still sends is for nobody.
  const news = (subscription: string): ToTab => ({ type: 'state', subscription, state: { name: 'live' } });
  ports[0]?.onmessage?.({ data: news(Object(first).subscription) });
  expect(states).toEqual([]);
  ports[0]?.onmessage?.({ data: news(Object(again).subscription) });
  expect(states).toEqual(['live']);
});
