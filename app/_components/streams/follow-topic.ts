import { goToSignIn } from '../api';
import type { StreamState, ToTab } from './hub';
import { linkToHub } from './hub-link';
import type { HubLink } from './page-hub';
import type { TopicItem } from './read-topics';

interface TopicHandlers {
  path: string;
  /** The last id that is known already. */
  after: number;
  onItems(items: TopicItem[]): void;
  onState(state: StreamState): void;
}

interface Followed extends TopicHandlers {
  hasEnded: boolean;
}

const tabId = Math.random().toString(36).slice(2);
const followed = new Map<string, Followed>();
let link: HubLink | null = null;
let count = 0;

/** Follows a stream through the connection that all tabs share. Returns what ends it. */
export function followTopic(handlers: TopicHandlers): () => void {
  const topic: Followed = { ...handlers, hasEnded: false };
  link ??= openLink();
  begin(topic);
  return () => {
    for (const [id, each] of followed) if (each === topic) leave(id);
  };
}

/** Under a new id each time: what an earlier hub still sends is for nobody. */
function begin(topic: Followed): void {
  count += 1;
  const id = `${tabId}.${count}`;
  followed.set(id, topic);
  link?.post({ type: 'follow', topic: id, path: topic.path, after: topic.after });
}

function leave(id: string): void {
  followed.delete(id);
  link?.post({ type: 'leave', topic: id });
}

function openLink(): HubLink {
  addEventListener('pagehide', () => {
    for (const id of followed.keys()) link?.post({ type: 'leave', topic: id });
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
  for (const topic of all) if (!topic.hasEnded) begin(topic);
}

function receive(message: ToTab): void {
  if (message.type === 'ping') link?.post({ type: 'alive' });
  else if (message.type === 'unknown') beginAll();
  else if (message.type === 'signed-out') goToSignIn();
  else {
    const topic = followed.get(message.topic);
    if (topic && message.type === 'items') takeItems(topic, message.items);
    else if (topic && message.type === 'state') takeState(topic, message.state);
  }
}

function takeItems(topic: Followed, items: TopicItem[]): void {
  topic.after = items.findLast(({ lastId }) => lastId !== undefined)?.lastId ?? topic.after;
  topic.onItems(items);
}

function takeState(topic: Followed, state: StreamState): void {
  topic.hasEnded = state.name === 'ended';
  topic.onState(state);
}
