import type { StreamSubscription, SubscriptionNews } from '@/lib/model/stream-subscription';
import { maxSubscriptions } from '@/lib/model/subscription-limit';
import { pingMs } from './ping';
import { readSubscriptions, type SubscriptionItem } from './read-subscriptions';

/** How a page's stream is doing. */
export type StreamState =
  | { name: 'connecting' }
  | { name: 'live' }
  | { name: 'catching up' }
  | { name: 'offline'; since: number }
  /** The server does not give it: the thing is gone, or the right to it. */
  | { name: 'refused'; detail: string }
  | { name: 'ended' };

/** What a tab sends to the hub. */
export type ToHub =
  | { type: 'follow'; subscription: string; path: string; after: number }
  | { type: 'leave'; subscription: string }
  /** The answer to `ping`. */
  | { type: 'alive' }
  /** Requests a `ping`: nothing has come for long. */
  | { type: 'hello' }
  /** The tab has gone to another hub. */
  | { type: 'bye' };

/** What the hub sends to a tab. */
export type ToTab =
  | { type: 'items'; subscription: string; items: SubscriptionItem[] }
  | { type: 'state'; subscription: string; state: StreamState }
  /** Comes at once to a tab that is new, and every `pingMs`: a tab that hears none has lost its hub. */
  | { type: 'ping' }
  /** The hub knows no subscriptions of this tab, or is another one than before: all are to be followed again. */
  | { type: 'unknown' }
  /** The session has ended. */
  | { type: 'signed-out' };

/** Brings messages of a tab to the hub. */
export interface HubLink {
  post(message: ToHub): void;
}

/** Holds the one connection of a browser for all its tabs. */
export interface StreamHub {
  /** A tab comes; `post` brings a message to it. */
  attach(post: (message: ToTab) => void): AttachedTab;
  /** Ends the connection. */
  close(): void;
}

export interface AttachedTab {
  receive(message: ToHub): void;
}

interface HubOptions {
  /** Requests the stream of these subscriptions. */
  connect(subscriptions: StreamSubscription[], signal: AbortSignal): Promise<Response>;
}

interface Tab {
  post(message: ToTab): void;
  unanswered: number;
}

interface Subscription {
  path: string;
  tab: Tab;
  /** The last id that has been handed over. */
  after: number;
  state: StreamState;
  /** How often it has failed without an item in between. */
  failures: number;
  /** It has failed alone on this connection, and the next one is due for it. */
  isCut: boolean;
}

/** Subscriptions that come and go together, as from page to page, cost one new connection. */
const addMs = 50;
const removeMs = 1_000;
/** A subscription that failed alone is requested again with all others, the more often it fails, the more rarely. */
const retrySubscriptionMs = 6_000;
const maxRetrySubscriptionMs = 120_000;
/** What is refused may be given later, as when a right comes back. */
const askRefusedMs = 180_000;
/** The server sends something every 15 s. */
const silentMs = 45_000;
/** A tab that has crashed says nothing; one that is frozen answers nothing, and must not pile up messages. */
const maxUnanswered = 9;
const tooMany = `this browser follows ${maxSubscriptions} streams already; close some pages`;

/**
 * Makes a hub. It follows the subscriptions of all tabs over one connection, which begins anew when some come or go: each
 * goes on after the last item that its tab was given, so that none is lost or comes twice.
 */
export function createStreamHub({ connect }: HubOptions): StreamHub {
  const subscriptions = new Map<string, Subscription>();
  const tabs = new Set<Tab>();
  let current: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let dueAt = Number.POSITIVE_INFINITY;
  let failures = 0;

  const pinging = setInterval(() => {
    for (const tab of tabs) {
      tab.unanswered += 1;
      if (tab.unanswered > maxUnanswered) drop(tab);
      else tab.post({ type: 'ping' });
    }
  }, pingMs);

  function drop(tab: Tab): void {
    tabs.delete(tab);
    for (const [id, subscription] of subscriptions) if (subscription.tab === tab) subscriptions.delete(id);
    reconnectIn(removeMs);
  }

  /** While the server is away, what comes anew waits for the next try. */
  function reconnectIn(ms: number): void {
    if (failures === 0 || dueAt === Number.POSITIVE_INFINITY) schedule(ms);
  }

  /** The earliest time counts. */
  function schedule(ms: number): void {
    const at = Date.now() + ms;
    if (dueAt <= at) return;
    clearTimeout(timer);
    dueAt = at;
    timer = setTimeout(reconnect, ms);
  }

  function setState(id: string, state: StreamState): void {
    const subscription = subscriptions.get(id);
    if (!subscription || (subscription.state.name === state.name && state.name !== 'refused')) return;
    subscription.state = state;
    subscription.tab.post({ type: 'state', subscription: id, state });
  }

  function openSubscriptions(): [string, Subscription][] {
    return [...subscriptions].filter(([, { state }]) => state.name !== 'ended');
  }

  /** It is still followed, and has neither ended, been refused nor failed alone. */
  function isUnsettled(subscription: Subscription): boolean {
    const isFollowed = [...subscriptions.values()].includes(subscription);
    return (
      isFollowed &&
      !subscription.isCut &&
      subscription.state.name !== 'ended' &&
      subscription.state.name !== 'refused'
    );
  }

  function fail(): void {
    failures += 1;
    for (const [id, { state }] of openSubscriptions()) {
      const isNew = failures === 1 && state.name !== 'offline';
      if (state.name !== 'refused')
        setState(id, isNew ? { name: 'catching up' } : { name: 'offline', since: Date.now() });
    }
    schedule(Math.min(500 * 2 ** failures, 8_000) * (0.75 + Math.random() / 2));
  }

  /** The server does not understand pages of another version: only they can mend that. */
  function refuse(ids: readonly string[], { status, detail }: { status: number; detail: string }): void {
    const shown = status === 400 ? 'reload the page; the server does not understand it' : detail;
    for (const id of ids) setState(id, { name: 'refused', detail: shown });
    reconnectIn(askRefusedMs * (0.75 + Math.random() / 2));
  }

  function handleNews(news: SubscriptionNews): void {
    const { subscription: id, problem } = news;
    if (news.state === 'open') setState(id, { name: 'live' });
    else if (news.state === 'ended') setState(id, { name: 'ended' });
    else if (news.state === 'refused' && problem && problem.status < 500) refuse([id], problem);
    else {
      setState(id, { name: 'catching up' });
      const subscription = subscriptions.get(id);
      if (!subscription) return;
      const restMs = Math.min(retrySubscriptionMs * 2 ** subscription.failures, maxRetrySubscriptionMs);
      subscription.failures += 1;
      subscription.isCut = true;
      reconnectIn(restMs * (0.75 + Math.random() / 2));
    }
  }

  function handleItems(id: string, items: SubscriptionItem[]): void {
    const subscription = subscriptions.get(id);
    if (!subscription) return;
    subscription.after = items.findLast(({ lastId }) => lastId !== undefined)?.lastId ?? subscription.after;
    subscription.failures = 0;
    subscription.tab.post({ type: 'items', subscription: id, items });
  }

  async function reconnect(): Promise<void> {
    dueAt = Number.POSITIVE_INFINITY;
    current?.abort();
    const connection = new AbortController();
    current = connection;
    const all = openSubscriptions();
    const wanted = all.slice(0, maxSubscriptions);
    for (const [id] of all.slice(maxSubscriptions)) setState(id, { name: 'refused', detail: tooMany });
    for (const [, subscription] of wanted) subscription.isCut = false;
    if (wanted.length === 0) return;
    const { signal } = connection;
    let silence = setTimeout(() => connection.abort(), silentMs);
    /** Whether it was this side that ended the connection, for another one. */
    const isReplaced = () => current !== connection;
    try {
      const answer = await connect(
        wanted.map(([id, { path, after }]) => ({ id, path, after })),
        signal,
      );
      if (isReplaced()) return;
      if (answer.status === 401) {
        // Not to tabs that follow nothing: what is typed there is not lost.
        for (const tab of new Set(wanted.map(([, subscription]) => subscription.tab)))
          tab.post({ type: 'signed-out' });
        return;
      }
      if (answer.status === 400) {
        failures = 0;
        refuse(
          wanted.map(([id]) => id),
          { status: 400, detail: '' },
        );
        return;
      }
      if (!answer.ok || !answer.body) throw new Error(`The streams were answered with ${answer.status}.`);
      failures = 0;
      await readSubscriptions(answer.body, {
        onItems: (id, items) => isReplaced() || handleItems(id, items),
        onNews: (news) => isReplaced() || handleNews(news),
        onBytes() {
          clearTimeout(silence);
          silence = setTimeout(() => connection.abort(), silentMs);
        },
      });
      if (!isReplaced() && wanted.some(([, subscription]) => isUnsettled(subscription))) fail();
    } catch {
      // Not silent: each tab is told the state, and the connection is tried again.
      if (!isReplaced()) fail();
    } finally {
      clearTimeout(silence);
    }
  }

  return {
    attach(post) {
      const tab: Tab = { post, unanswered: 0 };
      tabs.add(tab);
      queueMicrotask(() => post({ type: 'ping' }));
      return {
        receive(message) {
          tab.unanswered = 0;
          if (message.type === 'bye') return drop(tab);
          if (!tabs.has(tab)) {
            // It was frozen, and is back.
            tabs.add(tab);
            post({ type: 'unknown' });
          }
          if (message.type === 'follow') {
            const { path, after } = message;
            subscriptions.set(message.subscription, {
              path,
              after,
              tab,
              state: { name: 'connecting' },
              failures: 0,
              isCut: false,
            });
            reconnectIn(addMs);
          } else if (message.type === 'leave' && subscriptions.delete(message.subscription))
            reconnectIn(removeMs);
          else if (message.type === 'hello') post({ type: 'ping' });
        },
      };
    },
    close() {
      clearInterval(pinging);
      clearTimeout(timer);
      subscriptions.clear();
      const connection = current;
      current = null;
      connection?.abort();
    },
  };
}
