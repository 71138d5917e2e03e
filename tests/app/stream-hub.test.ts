import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { createStreamHub, type StreamHub, type ToTab } from '@/app/_components/streams/hub';
import type { SubscriptionItem } from '@/app/_components/streams/read-subscriptions';
import type { StreamSubscription } from '@/lib/model/stream-subscription';
import { startControlPlane, type TestControlPlane } from '../agents/control-plane';
import { type BreakableProxy, openBreakableProxy } from '../support/breakable-proxy';

/** Prints until the file of the test is there. */
const gate = `const timer = setInterval(() => {
  console.log('tick');
  if (require('fs').existsSync(process.env.GATE)) clearInterval(timer);
}, 20);`;
const suite = `steps:
  gate: { kind: task, run: [node, -e, ${JSON.stringify(gate)}] }
  last: { kind: task, run: [node, -e, ""], after: [gate] }`;

let plane: TestControlPlane;
let proxy: BreakableProxy;
const hubs: StreamHub[] = [];
beforeAll(async () => {
  plane = await startControlPlane({ GANTRY_PROCESS_BACKEND: '1' }, { gate: suite });
  proxy = await openBreakableProxy(plane.url);
});
afterEach(() => {
  for (const hub of hubs.splice(0)) hub.close();
});
afterAll(async () => {
  await proxy?.close();
  await plane?.close();
});

async function launch(): Promise<{ id: string; open(): Promise<void> }> {
  const file = path.join(tmpdir(), `gantry-gate-${Date.now()}-${Math.random()}`);
  const made = await plane.post('/api/v1/executions', {
    suiteId: 'gate',
    backend: 'process',
    env: { GATE: file },
  });
  return { id: (await made.json()).id, open: () => writeFile(file, '') };
}

/** A hub that counts its connections, through a proxy that can break. */
function openHub(token = plane.admin) {
  const connections: { subscriptions: StreamSubscription[]; signal: AbortSignal }[] = [];
  const hub = createStreamHub({
    connect(subscriptions, signal) {
      connections.push({ subscriptions, signal });
      return fetch(new URL('/api/v1/streams', proxy.url), {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ subscriptions }),
        signal,
      });
    },
  });
  hubs.push(hub);
  return { hub, connections, open: () => connections.filter(({ signal }) => !signal.aborted).length };
}

/** A tab with what it was given by subscription. */
function openTab(hub: StreamHub) {
  const items: Record<string, SubscriptionItem[]> = {};
  const states: Record<string, string[]> = {};
  const others: ToTab[] = [];
  const pings = { count: 0 };
  const tab = hub.attach((message) => {
    if (message.type === 'items') {
      items[message.subscription] = [...(items[message.subscription] ?? []), ...message.items];
    } else if (message.type === 'state') {
      states[message.subscription] = [...(states[message.subscription] ?? []), message.state.name];
    } else if (message.type !== 'ping') others.push(message);
    else pings.count += 1;
  });
  return {
    tab,
    items,
    states,
    others,
    pings,
    seqs: (subscription: string) =>
      (items[subscription] ?? []).flatMap(({ data }): number[] => {
        const value = JSON.parse(data);
        return Array.isArray(value) ? value.map(({ seq }) => seq) : [value.seq];
      }),
    follow: (subscription: string, at: string, after = 0) =>
      tab.receive({ type: 'follow', subscription, path: at, after }),
  };
}

const eventsOf = (id: string) => `/api/v1/executions/${id}/events`;
const linesOf = (id: string) => `/api/v1/executions/${id}/logs?batch=1`;
const upTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1);
const until = (check: () => boolean) => vi.waitFor(() => expect(check()).toBe(true), { timeout: 120_000 });

async function lastSeqOf(at: string): Promise<number> {
  const page = await plane.call(at, { headers: { accept: 'application/json' } });
  return (await page.json()).lastSeq;
}

it('follows the subscriptions of all tabs over one connection; those that come and go leave the others whole', async () => {
  const run = await launch();
  const { hub, connections, open } = openHub();
  const [first, second] = [openTab(hub), openTab(hub)];
  first.follow('a', eventsOf(run.id));
  first.follow('b', linesOf(run.id));
  await until(() => first.seqs('b').length > 3);
  second.follow('c', linesOf(run.id));
  await until(() => second.seqs('c').length > 3);
  first.tab.receive({ type: 'leave', subscription: 'a' });
  await until(() => connections.at(-1)?.subscriptions.length === 2);
  expect(open()).toBe(1);
  expect(connections.map(({ subscriptions }) => subscriptions.map(({ id }) => id).join(''))).toEqual([
    'ab',
    'abc',
    'bc',
  ]);
  await run.open();
  await until(() => first.states.b?.at(-1) === 'ended' && second.states.c?.at(-1) === 'ended');
  const count = await lastSeqOf(linesOf(run.id));
  expect(first.seqs('b')).toEqual(upTo(count));
  expect(second.seqs('c')).toEqual(upTo(count));
  // What was live stayed so while the connection was replaced.
  expect(first.states.b).toEqual(['live', 'ended']);
});

it('goes on with each subscription after a cut, without a gap and without doubles', async () => {
  const run = await launch();
  const { hub } = openHub();
  const tab = openTab(hub);
  tab.follow('events', eventsOf(run.id));
  tab.follow('lines', linesOf(run.id));
  await until(() => tab.seqs('lines').length > 3);
  await proxy.breakOff();
  await until(() => tab.states.lines?.at(-1) === 'offline');
  await proxy.mend();
  await until(() => tab.states.lines?.at(-1) === 'live');
  await run.open();
  await until(() => tab.states.lines?.at(-1) === 'ended' && tab.states.events?.at(-1) === 'ended');
  expect(tab.states.events).toEqual(['live', 'catching up', 'offline', 'live', 'ended']);
  expect(tab.seqs('lines')).toEqual(upTo(await lastSeqOf(linesOf(run.id))));
  expect(tab.seqs('events')).toEqual(upTo(await lastSeqOf(eventsOf(run.id))));
});

it('says which subscription is refused, and goes on with the others', async () => {
  const { hub, connections } = openHub();
  const tab = openTab(hub);
  tab.follow('gone', eventsOf('nobody'));
  tab.follow('overview', '/api/v1/engine/overview/stream');
  await until(() => tab.states.overview?.at(-1) === 'live' && tab.states.gone?.at(-1) === 'refused');
  await until(() => tab.items.overview !== undefined);
  expect(connections.length).toBe(1);
});

it('tells every tab that follows something when its session has ended, and requests nothing more', async () => {
  const made = await plane.post('/api/v1/tokens', { name: 'leaving', role: 'viewer' });
  const { id, token } = await made.json();
  const { hub, connections } = openHub(token);
  const [first, second, form] = [openTab(hub), openTab(hub), openTab(hub)];
  first.follow('a', '/api/v1/engine/overview/stream');
  second.follow('b', '/api/v1/agents/events');
  await until(() => first.states.a?.at(-1) === 'live' && second.states.b?.at(-1) === 'live');
  await plane.call(`/api/v1/tokens/${id}`, { method: 'DELETE' });
  await until(() => first.others.length > 0 && second.others.length > 0);
  expect([first.others, second.others]).toEqual([[{ type: 'signed-out' }], [{ type: 'signed-out' }]]);
  // Nor is what is typed on a page that follows nothing lost.
  expect(form.others).toEqual([]);
  const last = connections.at(-1);
  expect(connections.length).toBe(2);
  expect(last?.subscriptions.map((subscription) => subscription.id)).toEqual(['a', 'b']);
});

it('forgets a tab that answers no more, and has it follow again when it is back', async () => {
  vi.useFakeTimers();
  try {
    const asked: string[][] = [];
    const hub = createStreamHub({
      async connect(subscriptions, signal) {
        asked.push(subscriptions.map(({ id }) => id));
        await once(signal, 'abort');
        throw signal.reason;
      },
    });
    hubs.push(hub);
    const [frozen, well] = [openTab(hub), openTab(hub)];
    frozen.follow('frozen', '/api/v1/agents/events');
    well.follow('well', '/api/v1/agents/events');
    await vi.advanceTimersByTimeAsync(100);
    expect(asked).toEqual([['frozen', 'well']]);
    const passMinutes = async (minutes: number) => {
      for (let minute = 0; minute < minutes; minute += 1) {
        await vi.advanceTimersByTimeAsync(60_000);
        well.tab.receive({ type: 'alive' });
      }
    };
    await passMinutes(6);
    expect(asked.at(-1)).toEqual(['well']);
    const pings = frozen.pings.count;
    await passMinutes(10);
    expect(frozen.pings.count).toBe(pings);
    frozen.tab.receive({ type: 'alive' });
    expect(frozen.others.at(-1)).toEqual({ type: 'unknown' });
    frozen.follow('frozen-2', '/api/v1/agents/events');
    await passMinutes(1);
    expect(asked.at(-1)).toEqual(['well', 'frozen-2']);
  } finally {
    vi.useRealTimers();
  }
});
