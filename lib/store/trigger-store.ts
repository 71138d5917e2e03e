import type { Trigger, TriggerDelivery, TriggerOutcome } from '../model/trigger';

/** Triggers and the messages that came to them. */
export interface TriggerStore {
  /** In order of name. */
  list(): Promise<Trigger[]>;
  get(id: string): Promise<Trigger | null>;
  /** Writes a new one, or one that is there; false when `old` is not there. */
  save(trigger: Trigger, expected: 'new' | 'old'): Promise<boolean>;
  /** With its messages. False when it was not there. */
  remove(id: string): Promise<boolean>;
  /** The newest first. */
  deliveries(id: string, limit: number): Promise<TriggerDelivery[]>;
  /** What became of a message with this key; null when none came. */
  delivery(id: string, key: string): Promise<TriggerDelivery | null>;
  /** Records what became of a message, once; false when one with this key has launched already. */
  record(
    id: string,
    message: { key: string; event: string | null },
    outcome: TriggerOutcome,
  ): Promise<boolean>;
  /** Messages that launched nothing, 30 days after they came. */
  deleteOld(): Promise<void>;
}
