/**
 * Wake-ups between handlers, engine and replicas. They carry no data and may come without a reason; after a
 * lost connection every listener is rung once.
 */
export interface Doorbell {
  ring(topic: string): void;
  /** Latched: a ring between two calls of `rung` is not lost. `rung` resolves at once when the signal ends. */
  listen(topic: string, signal: AbortSignal): { rung(): Promise<void> };
  /** How the carrier stands; null when there is none. */
  carrier(): ReturnType<RingCarrier['state']> | null;
}

/** Carries rings between processes beside the database. It may be gone at any time, and nothing depends on it. */
export interface RingCarrier {
  /** Resolves with false when it may not have been carried. Never rejects. */
  send(ring: string): Promise<boolean>;
  state(): { isUp: boolean; detail: string };
  close(): Promise<void>;
}

/** `hear` gets what anyone sends, the sender too; `missed` is called when something may have been lost. */
export type OpenRingCarrier = (ears: { hear(ring: string): void; missed(): void }) => RingCarrier;
