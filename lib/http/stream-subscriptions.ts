import type { Principal } from '../identity/principal';
import { AppError, messageOf } from '../model/errors';
import type { Logger } from '../model/logger';
import type { StreamSubscription, SubscriptionNews } from '../model/stream-subscription';
import { mergeAll } from '../streams/merge';
import { matchPath } from './operations/match-path';
import { describeProblem } from './problem';
import { enterShare, type Route, type RouteContext } from './route';
import type { RouteRequest } from './route-request';
import { type FrameStream, isFrameStream, type OpenFrames, type RouteResult } from './route-result';

/** Subscriptions whose routes are called at the same time. */
const atOnce = 10;
const encoder = new TextEncoder();

interface OpenedSubscription {
  news: SubscriptionNews;
  /** Without the query, which may hold a token. */
  path: string;
  stream?: FrameStream;
}

/**
 * Answers with the streams of several subscriptions in one. Each subscription is authorized by its own route, which also
 * makes its frames: what is encoded once for all who follow stays so. `routes` are the streams by `operationId`. Until all
 * subscriptions are open the request counts against the caller's share, as hundreds of requests would.
 */
export async function streamOfSubscriptions(
  { logger, shares }: Pick<RouteContext, 'logger' | 'shares'>,
  routes: Readonly<Record<string, Route>>,
  {
    request,
    principal,
    subscriptions,
  }: { request: RouteRequest; principal: Principal; subscriptions: StreamSubscription[] },
): Promise<FrameStream> {
  const opened: OpenedSubscription[] = [];
  const leaveShare = await enterShare({ shares }, request, principal);
  try {
    for (let start = 0; start < subscriptions.length; start += atOnce) {
      if (request.signal.aborted)
        throw new AppError('bad_request', 'The client has left while its streams were being opened.');
      const some = subscriptions.slice(start, start + atOnce);
      opened.push(
        ...(await Promise.all(
          some.map((subscription) => openSubscription(logger, routes, request, subscription)),
        )),
      );
    }
  } finally {
    leaveShare();
  }
  return {
    open: framesOf(logger, opened),
    callerTokenId: principal.tokenId ?? null,
    callerStandings: opened.flatMap(({ stream }) => stream?.callerStandings ?? []),
  };
}

/** Never rejects: a subscription that fails is `cut`, and leaves the others whole. */
async function openSubscription(
  logger: Logger,
  routes: Readonly<Record<string, Route>>,
  request: RouteRequest,
  subscription: StreamSubscription,
): Promise<OpenedSubscription> {
  const url = new URL(subscription.path, request.url);
  const path = url.pathname;
  try {
    const match = path.includes('%') ? null : matchPath(path);
    const id = match?.operations.get('GET') ?? '';
    const route = Object.hasOwn(routes, id) ? routes[id] : undefined;
    if (!match || !route) return { path, news: noStream(subscription.id, path) };
    const params = Promise.resolve(match.params);
    return {
      path,
      ...(await newsOf(
        subscription.id,
        path,
        await route.handle(requestOfSubscription(request, url, subscription), { params }),
      )),
    };
  } catch (error) {
    logger.warn({ error: messageOf(error), path }, 'a stream could not be opened');
    return { path, news: { subscription: subscription.id, state: 'cut' } };
  }
}

async function newsOf(
  subscription: string,
  path: string,
  result: RouteResult,
): Promise<Omit<OpenedSubscription, 'path'>> {
  if (isFrameStream(result)) return { news: { subscription, state: 'open' }, stream: result };
  if (result.status === 204) return { news: { subscription, state: 'ended' } };
  if (result.status < 400) {
    // A whole answer, such as a log as text, however long it is: it is not read.
    if (result instanceof Response) await result.body?.cancel();
    return { news: noStream(subscription, path) };
  }
  const { status, code, detail } =
    result instanceof Response ? await result.json() : JSON.parse(result.text ?? '{}');
  return { news: { subscription, state: 'refused', problem: { status, code, detail } } };
}

function noStream(subscription: string, path: string): SubscriptionNews {
  return {
    subscription,
    state: 'refused',
    problem: describeProblem('not_found', `There is no stream at ${path}.`),
  };
}

/**
 * The request that the subscription alone would be: the same caller, whatever token its path names, no body, a cursor of
 * its own.
 */
function requestOfSubscription(request: RouteRequest, url: URL, { after }: StreamSubscription): RouteRequest {
  if (after !== undefined) url.searchParams.set('after', String(after));
  const token = new URL(request.url).searchParams.get('token');
  url.searchParams.delete('token');
  if (token !== null) url.searchParams.set('token', token);
  const own: Record<string, string | null> = {
    accept: 'text/event-stream',
    'content-type': null,
    'last-event-id': null,
  };
  return {
    method: 'GET',
    url: url.href,
    headers: {
      get(name) {
        const known = own[name.toLowerCase()];
        return known === undefined ? request.headers.get(name) : known;
      },
    },
    signal: request.signal,
    body: null,
  };
}

function framesOf(logger: Logger, opened: readonly OpenedSubscription[]): OpenFrames {
  return async function* (signal) {
    yield encoder.encode(opened.map(({ news }) => newsFrame(news)).join(''));
    const sources = new Map<string, OpenFrames>();
    const paths = new Map<string, string>();
    for (const { news, path, stream } of opened) {
      paths.set(news.subscription, path);
      if (stream) sources.set(news.subscription, stream.open);
    }
    let current: string | null = null;
    for await (const arrival of mergeAll(sources, signal)) {
      const subscription = arrival.key;
      if ('item' in arrival) {
        if (subscription !== current) yield encoder.encode(newsFrame({ subscription }));
        current = subscription;
        yield arrival.item;
      } else if (!signal.aborted) {
        // Streams also end when the server does: that is no end of theirs, and the writer breaks off.
        const hasFailed = 'error' in arrival;
        if (hasFailed)
          logger.warn(
            { error: messageOf(arrival.error), path: paths.get(subscription) },
            'a stream ended early',
          );
        yield encoder.encode(newsFrame({ subscription, state: hasFailed ? 'cut' : 'ended' }));
      }
    }
  };
}

function newsFrame(news: SubscriptionNews): string {
  return `event: subscription\ndata: ${JSON.stringify(news)}\n\n`;
}
