import { goToSignIn } from '../api';
import type { HubLink, StreamState, ToTab } from './hub';
import { linkToHub } from './hub-link';
import type { SubscriptionItem } from './read-subscriptions';

interface SubscriptionHandlers {
  path: string;
  /** The last id that is known already. */
  after: number;
  onItems(items: SubscriptionItem[]): void;
  onState(state: StreamState): void;
}

interface Followed extends SubscriptionHandlers {
  hasEnded: boolean;
}

const tabId = Math.random().toString(36).slice(2);
const followed = new Map<string, Followed>();
let link: HubLink | null = null;
let count = 0;

/** Follows a stream through the connection that all tabs share. Returns what ends it. */
export function followSubscription(handlers: SubscriptionHandlers): () => void {
  const subscription: Followed = { ...handlers, hasEnded: false };
  link ??= openLink();
  begin(subscription);
  return () => {
    for (const [id, each] of followed) if (each === subscription) leave(id);
  };
}

/** Under a new id each time: what an earlier hub still sends is for nobody. */
function begin(subscription: Followed): void {
  count += 1;
  const id = `${tabId}.${count}`;
  followed.set(id, subscription);
  link?.post({ type: 'follow', subscription: id, path: subscription.path, after: subscription.after });
}

function leave(id: string): void {
  followed.delete(id);
  link?.post({ type: 'leave', subscription: id });
}

function openLink(): HubLink {
  addEventListener('pagehide', () => {
    for (const id of followed.keys()) link?.post({ type: 'leave', subscription: id });
  });
  // The browser had kept the page, and shows it again.
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) beginAll();
  });
  return linkToHub(receive);
}

/** The hub may know the old ids still: it must not stream them a second time. */
function beginAll(): void {
  const all = [...followed.values()];
  for (const id of [...followed.keys()]) leave(id);
  for (const subscription of all) if (!subscription.hasEnded) begin(subscription);
}

function receive(message: ToTab): void {
  if (message.type === 'ping') link?.post({ type: 'alive' });
  else if (message.type === 'unknown') beginAll();
  else if (message.type === 'signed-out') goToSignIn();
  else {
    const subscription = followed.get(message.subscription);
    if (subscription && message.type === 'items') takeItems(subscription, message.items);
    else if (subscription && message.type === 'state') takeState(subscription, message.state);
  }
}

function takeItems(subscription: Followed, items: SubscriptionItem[]): void {
  subscription.after = items.findLast(({ lastId }) => lastId !== undefined)?.lastId ?? subscription.after;
  subscription.onItems(items);
}

function takeState(subscription: Followed, state: StreamState): void {
  subscription.hasEnded = state.name === 'ended';
  subscription.onState(state);
}
