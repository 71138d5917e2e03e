import {
  type AttachedTab,
  createStreamHub,
  type HubLink,
  type StreamHub,
  type ToHub,
  type ToTab,
} from './hub';
import { requestSubscriptions } from './request-subscriptions';
import { watchHidden } from './watch-hidden';

/** With a number that changes with the messages: tabs may have loaded different versions. */
const sharedName = 'gantry-streams-1';

/** What goes over the channel between tabs. `to` is the hub, all tabs, or the id of one. */
interface Carried {
  to: string;
  from: string;
  toHub?: ToHub;
  toTab?: ToTab;
}

/**
 * The hub in a tab, for browsers without shared workers: that tab which holds the lock, and only while it is seen, for
 * browsers freeze the others. Where there are no locks either, each tab that is seen has a hub of its own.
 */
export function linkToPageHub(onMessage: (message: ToTab) => void): HubLink {
  const id = Math.random().toString(36).slice(2);
  // Browsers offer locks over HTTPS and on this machine alone.
  const locks: LockManager | undefined = navigator.locks;
  const channel = locks && 'BroadcastChannel' in globalThis ? new BroadcastChannel(sharedName) : null;
  const others = new Map<string, AttachedTab>();
  let hub: StreamHub | null = null;
  let own: AttachedTab | null = null;
  let withdraw: (() => void) | null = null;

  const carry = (carried: Omit<Carried, 'from'>) => channel?.postMessage({ ...carried, from: id });

  function lead(): void {
    hub = createStreamHub({ connect: requestSubscriptions });
    own = hub.attach(onMessage);
    carry({ to: 'all', toTab: { type: 'unknown' } });
    onMessage({ type: 'unknown' });
  }

  function follow(): void {
    hub?.close();
    others.clear();
    hub = null;
    own = null;
  }

  function compete(): void {
    if (withdraw) return;
    if (!channel || !locks) {
      lead();
      withdraw = follow;
      return;
    }
    const over = new AbortController();
    withdraw = () => {
      over.abort();
      follow();
    };
    locks
      .request(sharedName, { signal: over.signal }, async () => {
        if (over.signal.aborted) return;
        lead();
        await new Promise((resolve) => over.signal.addEventListener('abort', resolve));
      })
      .catch((error: unknown) => {
        // It was waiting, and has withdrawn.
        if (!over.signal.aborted) throw error;
      });
  }

  function retire(): void {
    withdraw?.();
    withdraw = null;
  }

  function receive(from: string, message: ToHub): void {
    if (!hub) return;
    const known = others.get(from) ?? hub.attach((answer) => carry({ to: from, toTab: answer }));
    others.set(from, known);
    known.receive(message);
  }

  channel?.addEventListener('message', ({ data }: MessageEvent<Carried>) => {
    if (data.to === 'hub' && data.toHub) receive(data.from, data.toHub);
    else if ((data.to === id || data.to === 'all') && data.toTab) onMessage(data.toTab);
  });
  compete();
  watchHidden({ hidden: retire, shown: compete });
  addEventListener('pagehide', retire);
  addEventListener('pageshow', compete);
  return { post: (message) => (own ? own.receive(message) : carry({ to: 'hub', toHub: message })) };
}
