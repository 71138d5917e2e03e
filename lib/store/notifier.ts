/**
 * Wake-ups between handlers, engine and replicas. They carry no data and may come without a reason; after a
 * lost connection every listener is rung once.
 */
export interface Notifier {
  notify(topic: string): void;
  /** Latched: a ring between two calls of `next` is not lost. `next` resolves at once when the signal ends. */
  subscribe(topic: string, signal: AbortSignal): { next(): Promise<void> };
  /** How the carrier stands; null when there is none. */
  transport(): ReturnType<PubSubTransport['state']> | null;
}

/** Carries rings between processes beside the database. It may be gone at any time, and nothing depends on it. */
export interface PubSubTransport {
  /** Resolves with false when it may not have been carried. Never rejects. */
  send(message: string): Promise<boolean>;
  state(): { isUp: boolean; detail: string };
  close(): Promise<void>;
}

/** `hear` gets what anyone sends, the sender too; `missed` is called when something may have been lost. */
export type OpenPubSubTransport = (handlers: {
  onMessage(message: string): void;
  onGap(): void;
}) => PubSubTransport;
