import type { Principal } from '../identity/principal';
import { messageOf } from '../model/errors';
import type { Logger } from '../model/logger';
import type { StreamTopic, TopicNews } from '../model/stream-topic';
import { mergeAll } from '../streams/merge';
import { matchPath } from './operations/match-path';
import { describeProblem } from './problem';
import type { Route } from './route';
import type { RouteRequest } from './route-request';
import { type FrameStream, isFrameStream, type OpenFrames } from './route-result';

/** Topics whose routes are called at the same time. */
const atOnce = 10;
const encoder = new TextEncoder();

type OpenedTopic = TopicNews & { stream?: FrameStream };

/**
 * Answers with the streams of several topics in one. The very route of each topic decides whether the caller may have
 * it, and makes its frames: what is encoded once for all who follow stays so. `routes` are the streams by `operationId`.
 */
export async function streamOfTopics(
  { logger }: { logger: Logger },
  routes: Readonly<Record<string, Route>>,
  { request, principal, topics }: { request: RouteRequest; principal: Principal; topics: StreamTopic[] },
): Promise<FrameStream> {
  const opened: OpenedTopic[] = [];
  for (let start = 0; start < topics.length; start += atOnce) {
    const some = topics.slice(start, start + atOnce);
    opened.push(...(await Promise.all(some.map((topic) => openTopic(routes, request, topic)))));
  }
  return {
    open: framesOf(logger, opened),
    callerTokenId: principal.tokenId ?? null,
    callerStandings: opened.flatMap(({ stream }) => stream?.callerStandings ?? []),
  };
}

async function openTopic(
  routes: Readonly<Record<string, Route>>,
  request: RouteRequest,
  topic: StreamTopic,
): Promise<OpenedTopic> {
  const url = new URL(topic.path, request.url);
  const match = url.pathname.includes('%') ? null : matchPath(url.pathname);
  const id = match?.operations.get('GET') ?? '';
  const route = Object.hasOwn(routes, id) ? routes[id] : undefined;
  if (!match || !route) {
    const problem = describeProblem('not_found', `There is no stream at ${url.pathname}.`);
    return { topic: topic.id, state: 'refused', problem };
  }
  const params = Promise.resolve(match.params);
  const result = await route.handle(requestOfTopic(request, url, topic), { params });
  if (isFrameStream(result)) return { topic: topic.id, state: 'open', stream: result };
  if (result.status === 204) return { topic: topic.id, state: 'ended' };
  const { status, code, detail } =
    result instanceof Response ? await result.json() : JSON.parse(result.text ?? '{}');
  return { topic: topic.id, state: 'refused', problem: { status, code, detail } };
}

/** The request that the topic alone would be: the same caller, no body, a place of its own. */
function requestOfTopic(request: RouteRequest, url: URL, { after }: StreamTopic): RouteRequest {
  if (after !== undefined) url.searchParams.set('after', String(after));
  const token = new URL(request.url).searchParams.get('token');
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

function framesOf(logger: Logger, opened: readonly OpenedTopic[]): OpenFrames {
  return async function* (signal) {
    yield encoder.encode(opened.map(({ stream, ...news }) => newsFrame(news)).join(''));
    const sources = new Map<string, OpenFrames>();
    for (const { topic, stream } of opened) if (stream) sources.set(topic, stream.open);
    let current: string | null = null;
    for await (const arrival of mergeAll(sources, signal)) {
      const topic = arrival.key;
      if ('item' in arrival) {
        if (topic !== current) yield encoder.encode(newsFrame({ topic }));
        current = topic;
        yield arrival.item;
      } else if (!signal.aborted) {
        // Streams also end when the server does: that is no end of theirs, and the writer breaks off.
        const hasFailed = 'error' in arrival;
        if (hasFailed) logger.warn({ error: messageOf(arrival.error) }, 'a stream ended early');
        yield encoder.encode(newsFrame({ topic, state: hasFailed ? 'cut' : 'ended' }));
      }
    }
  };
}

function newsFrame(news: TopicNews): string {
  return `event: topic\ndata: ${JSON.stringify(news)}\n\n`;
}
