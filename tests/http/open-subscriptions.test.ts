import { expect, it } from 'vitest';
import { createCallerShares } from '@/lib/http/caller-shares';
import type { Route } from '@/lib/http/route';
import type { RouteRequest } from '@/lib/http/route-request';
import type { RouteResult } from '@/lib/http/route-result';
import { streamOfSubscriptions } from '@/lib/http/stream-subscriptions';
import { silentLogger } from '../support/silent-logger';

const principal = { name: 'ada', role: 'viewer', via: 'cookie', tokenId: 'ada' } as const;
const subscriptions = Array.from({ length: 40 }, (_, at) => ({
  id: `${at}`,
  path: `/api/v1/executions/${at}/events`,
}));

function requestWith(signal: AbortSignal, query = ''): RouteRequest {
  const url = `http://gantry.test/api/v1/streams${query}`;
  return { method: 'POST', url, headers: new Headers(), signal, body: null };
}

/** The route of events, with this answer. */
function routesWith(handle: (request: RouteRequest) => Promise<RouteResult>): Record<string, Route> {
  const call = async () => new Response();
  return { streamEvents: Object.assign(call, { options: { access: 'viewer' as const }, handle }) };
}

/** The first frame: the news of every subscription. */
async function firstNews(stream: Awaited<ReturnType<typeof streamOfSubscriptions>>): Promise<unknown[]> {
  for await (const chunk of stream.open(new AbortController().signal)) {
    const frames = new TextDecoder().decode(chunk).trim().split('\n\n');
    return frames.map((frame) => JSON.parse(frame.slice(frame.indexOf('data: ') + 6)));
  }
  return [];
}

it('opening many subscriptions takes one turn of the share of the caller, up to the last of them', async () => {
  const shares = createCallerShares(1, 0);
  let answer = (_: RouteResult) => {};
  let calls = 0;
  const routes = routesWith(() => {
    calls += 1;
    if (calls < subscriptions.length) return Promise.resolve(new Response(null, { status: 204 }));
    return new Promise<RouteResult>((resolve) => {
      answer = resolve;
    });
  });
  const { signal } = new AbortController();
  const context = { logger: silentLogger, shares };
  const opening = streamOfSubscriptions(context, routes, {
    request: requestWith(signal),
    principal,
    subscriptions,
  });
  await expect.poll(() => calls).toBe(subscriptions.length);
  await expect(shares.enter('ada', signal)).rejects.toMatchObject({ code: 'too_many_requests' });
  answer(new Response(null, { status: 204 }));
  expect((await firstNews(await opening)).length).toBe(subscriptions.length);
  (await shares.enter('ada', signal))();
});

it('no more subscriptions are opened once the client has left, and its turn ends', async () => {
  const shares = createCallerShares(1, 0);
  const client = new AbortController();
  let calls = 0;
  const routes = routesWith(async () => {
    calls += 1;
    client.abort();
    return new Response(null, { status: 204 });
  });
  const request = requestWith(client.signal);
  const opening = streamOfSubscriptions({ logger: silentLogger, shares }, routes, {
    request,
    principal,
    subscriptions,
  });
  await expect(opening).rejects.toMatchObject({ code: 'bad_request' });
  expect(calls).toBeLessThan(subscriptions.length);
  (await shares.enter('ada', new AbortController().signal))();
});

it('a subscription whose route fails is cut, and one that is answered whole is refused unread; the others stay', async () => {
  let isCancelled = false;
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(1_024)),
    cancel() {
      isCancelled = true;
    },
  });
  const answers: Record<string, () => RouteResult> = {
    '/api/v1/executions/0/events': () => new Response('not JSON', { status: 502 }),
    '/api/v1/executions/1/events': () => new Response(endless),
    '/api/v1/executions/2/events': () => ({ status: 200, headers: {}, text: '{}' }),
    '/api/v1/executions/3/events': () => new Response(null, { status: 204 }),
  };
  const routes = routesWith(async ({ url }) => answers[new URL(url).pathname]?.() ?? new Response());
  const shares = createCallerShares(1, 0);
  const request = requestWith(new AbortController().signal);
  const stream = await streamOfSubscriptions({ logger: silentLogger, shares }, routes, {
    request,
    principal,
    subscriptions: subscriptions.slice(0, 4),
  });
  expect(await firstNews(stream)).toMatchObject([
    { subscription: '0', state: 'cut' },
    { subscription: '1', state: 'refused', problem: { status: 404, code: 'not_found' } },
    { subscription: '2', state: 'refused', problem: { status: 404, code: 'not_found' } },
    { subscription: '3', state: 'ended' },
  ]);
  expect(isCancelled).toBe(true);
});

it('a token in the path of a subscription counts for nothing: each is requested as the caller of the whole', async () => {
  const tokens: (string | null)[] = [];
  const routes = routesWith(async ({ url }) => {
    tokens.push(new URL(url).searchParams.get('token'));
    return new Response(null, { status: 204 });
  });
  const context = { logger: silentLogger, shares: createCallerShares(1, 0) };
  const { signal } = new AbortController();
  const named = [{ id: 'a', path: '/api/v1/executions/1/events?token=other' }];
  await streamOfSubscriptions(context, routes, {
    request: requestWith(signal),
    principal,
    subscriptions: named,
  });
  const request = requestWith(signal, '?token=own');
  await streamOfSubscriptions(context, routes, { request, principal, subscriptions: named });
  expect(tokens).toEqual([null, 'own']);
});
