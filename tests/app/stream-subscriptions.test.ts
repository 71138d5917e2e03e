import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { StreamSubscription } from '@/lib/model/stream-subscription';
import { openTwoSuites, type TwoSuites } from './two-suites';

let two: TwoSuites;
beforeAll(async () => {
  two = await openTwoSuites();
});
afterAll(() => two?.plane.close());

const executionOf = (side: 'own' | 'foreign') => two.namesOf(side)[1] ?? '';
const eventsOf = (execution: string) => `/api/v1/executions/${execution}/events`;
const overview = '/api/v1/engine/overview/stream';

function request(subscriptions: StreamSubscription[], token = two.plane.admin): Promise<Response> {
  return two.plane.post('/api/v1/streams', { subscriptions }, token);
}

/** Reads until `isLast` of what came, and leaves; or to the end, or until it breaks off. */
async function read(answer: Response, isLast: (messages: EventSourceMessage[]) => boolean = () => false) {
  expect(answer.status).toBe(200);
  const messages: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => void messages.push(message) });
  const decoder = new TextDecoder();
  let hasBroken = false;
  try {
    for await (const chunk of answer.body ?? []) {
      parser.feed(decoder.decode(chunk, { stream: true }));
      if (isLast(messages)) break;
    }
  } catch {
    hasBroken = true;
  }
  const news: Record<string, unknown>[] = [];
  const items: Record<string, number[]> = {};
  let subscription = '';
  for (const { event, id, data } of messages) {
    const value = JSON.parse(data);
    if (event === 'subscription' && value.state === undefined) subscription = value.subscription;
    else if (event === 'subscription') news.push(value);
    else if (event === undefined) items[subscription] = [...(items[subscription] ?? []), Number(id)];
  }
  return { news, items, hasBroken, hasEnded: messages.at(-1)?.event === 'end' };
}

const has = (text: string) => (messages: EventSourceMessage[]) =>
  messages.some(({ data }) => data.includes(text));

it('gives each subscription from where it was left, once and in order, and ends with the last of them', async () => {
  const path = eventsOf(executionOf('own'));
  const alone = await (await two.plane.call(path, { headers: { accept: 'application/json' } })).json();
  const last: number = alone.lastSeq;
  const upTo = (from: number) => Array.from({ length: last - from + 1 }, (_, at) => from + at);
  const answer = await request([
    { id: 'whole', path },
    { id: 'rest', path, after: last - 2 },
    { id: 'seen', path, after: last },
    { id: 'other', path: eventsOf(executionOf('foreign')), after: 0 },
  ]);
  const { news, items, hasEnded } = await read(answer);
  expect(news.slice(0, 4)).toEqual([
    { subscription: 'whole', state: 'open' },
    { subscription: 'rest', state: 'open' },
    { subscription: 'seen', state: 'ended' },
    { subscription: 'other', state: 'open' },
  ]);
  expect(items).toMatchObject({ whole: upTo(1), rest: upTo(last - 1) });
  expect(items.seen).toBe(undefined);
  expect(items.other?.[0]).toBe(1);
  const ends = news.slice(4).map(({ subscription, state }) => `${subscription} ${state}`);
  expect(ends.sort()).toEqual(['other ended', 'rest ended', 'whole ended']);
  expect(hasEnded).toBe(true);
});

it('checks each subscription as a request of its own: what is refused alone is refused here, in the same words', async () => {
  const { id, token } = await two.makeToken({ name: 'own-only', role: 'viewer' });
  const grant = await two.plane.post('/api/v1/grants', {
    grantee: { kind: 'token', id },
    suites: 'pay-*',
    rights: ['see'],
  });
  expect(grant.status).toBe(201);
  const others = await two.plane.post('/api/v1/grants', {
    grantee: { kind: 'group', id: 'warehouse' },
    suites: 'stock-*',
    rights: ['see'],
  });
  expect(others.status).toBe(201);
  const paths = {
    own: eventsOf(executionOf('own')),
    foreign: eventsOf(executionOf('foreign')),
    lines: `/api/v1/executions/${executionOf('foreign')}/logs?batch=1`,
    garbage: `${eventsOf(executionOf('own'))}?after=garbage`,
  };
  const subscriptions = Object.entries(paths).map(([name, path]) => ({ id: name, path }));
  const { news, items } = await read(await request(subscriptions, token));
  for (const [subscription, path] of Object.entries(paths).slice(1)) {
    const alone = await two.plane.call(path, { token, headers: { accept: 'text/event-stream' } });
    const { status, code, detail } = await alone.json();
    expect(news).toContainEqual({ subscription, state: 'refused', problem: { status, code, detail } });
  }
  expect(Object.keys(items)).toEqual(['own']);

  // What is no stream is none here either.
  const noStreams = [
    '/api/v1/executions',
    `/api/v1/executions/${executionOf('own')}`,
    '/api/v1/streams',
    '/api/v1/../../etc/passwd',
    `/api/v1/executions/${executionOf('own')}%2fevents`,
    '/api/v1/tokens',
    '/api/v1/constructor',
    `/api/v1/executions/${executionOf('own')}/logs?format=text`,
  ];
  const refused = await read(await request(noStreams.map((path) => ({ id: path, path }))));
  const found = refused.news.map(({ subscription, state, problem }) => [
    subscription,
    state,
    Object(problem).status,
  ]);
  expect(found).toEqual(noStreams.map((path) => [path, 'refused', 404]));
  expect(refused.hasEnded).toBe(true);
});

it('takes no list that is too long or names a subscription twice, and nobody without a token', async () => {
  const subscription = { id: 'a', path: overview };
  const many = Array.from({ length: 501 }, (_, at) => ({ id: `${at}`, path: overview }));
  for (const subscriptions of [
    [],
    [subscription, subscription],
    many,
    [{ id: 'a', path: 'http://127.0.0.1/api/v1/streams' }],
  ])
    expect((await request(subscriptions)).status).toBe(400);
  expect((await request([subscription], 'nobody')).status).toBe(401);
  const agent = await two.plane.agentToken();
  expect((await request([subscription], agent.token)).status).toBe(403);
});

it('breaks off when a right to any of its subscriptions is taken back, and gives the others to who comes again', async () => {
  const { id, token } = await two.makeToken({ name: 'losing-one', role: 'viewer' });
  const grant = async (suites: string) => {
    const made = await two.plane.post('/api/v1/grants', {
      grantee: { kind: 'token', id },
      suites,
      rights: ['see'],
    });
    return (await made.json()).id;
  };
  await grant('pay-*');
  const foreign = await grant('stock-*');
  const subscriptions = [
    { id: 'overview', path: overview },
    { id: 'foreign', path: eventsOf(executionOf('foreign')) },
  ];
  const open = read(await request(subscriptions, token));
  expect((await two.plane.call(`/api/v1/grants/${foreign}`, { method: 'DELETE' })).status).toBe(204);
  expect(await open).toMatchObject({ hasBroken: true, hasEnded: false });
  const again = await read(await request(subscriptions, token), has('"counts"'));
  expect(again.news).toMatchObject([
    { subscription: 'overview', state: 'open' },
    { subscription: 'foreign', state: 'refused', problem: { status: 404, code: 'execution_not_found' } },
  ]);
  expect(again.items.overview?.length).toBe(1);
});

it('breaks off when its token is revoked', async () => {
  const { id, token } = await two.makeToken({ name: 'leaving', role: 'viewer' });
  const open = read(await request([{ id: 'a', path: overview }], token));
  expect((await two.plane.call(`/api/v1/tokens/${id}`, { method: 'DELETE' })).status).toBe(204);
  expect(await open).toMatchObject({ hasBroken: true, hasEnded: false });
  expect((await request([{ id: 'a', path: overview }], token)).status).toBe(401);
});
