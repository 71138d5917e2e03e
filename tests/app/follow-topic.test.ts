import { afterEach, expect, it, vi } from 'vitest';
import { followTopic } from '@/app/_components/streams/follow-topic';
import type { ToHub, ToTab } from '@/app/_components/streams/hub';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it('a hub that asks for all topics anew is told to forget the old ids, so that none is streamed twice', () => {
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
  followTopic({
    path: '/api/v1/agents/events',
    after: 3,
    onItems: () => undefined,
    onState: ({ name }) => states.push(name),
  });
  ports[0]?.onmessage?.({ data: { type: 'unknown' } });
  const [first, left, again] = posted;
  expect(posted.map(({ type }) => type)).toEqual(['follow', 'leave', 'follow']);
  expect(left).toEqual({ type: 'leave', topic: Object(first).topic });
  expect(again).toEqual({ ...first, topic: Object(again).topic });
  expect(Object(again).topic).not.toBe(Object(first).topic);
  // What the old hub still sends is for nobody.
  const news = (topic: string): ToTab => ({ type: 'state', topic, state: { name: 'live' } });
  ports[0]?.onmessage?.({ data: news(Object(first).topic) });
  expect(states).toEqual([]);
  ports[0]?.onmessage?.({ data: news(Object(again).topic) });
  expect(states).toEqual(['live']);
});
