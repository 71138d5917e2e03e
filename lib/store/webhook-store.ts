import type { Webhook, WebhookAttempt, WebhookDelivery, WebhookMessage } from '../model/webhook';

/** A message that is to be sent now, by whoever claimed it. */
export interface ClaimedDelivery {
  webhook: Webhook;
  id: string;
  message: WebhookMessage;
  /** Attempts before this one since it was first sent, or sent again. */
  attempts: number;
  tryingForMs: number;
}

/** Webhooks and their messages. */
export interface WebhookStore {
  /** In order of name. */
  list(): Promise<Webhook[]>;
  get(id: string): Promise<Webhook | null>;
  /** Writes a new one, or one that is there; false when `old` is not there. `createdAt` of an old one stays. */
  save(webhook: Webhook, expected: 'new' | 'old'): Promise<boolean>;
  /** With its messages. False when it was not there. */
  remove(id: string): Promise<boolean>;
  /** The newest first. */
  deliveries(webhookId: string, limit: number): Promise<WebhookDelivery[]>;
  /**
   * Writes a message for every webhook that is on and every execution that ended in the last `windowMs`, and after the
   * webhook was made, where none is there. Answers how many. Several control planes may do so at once.
   */
  addDeliveries(windowMs: number): Promise<number>;
  /** Takes waiting messages that are due, the longest due first; each is this caller's for so long. */
  claim(leaseMs: number, limit: number): Promise<ClaimedDelivery[]>;
  /** Records an attempt and what follows: the end, or another attempt after `retryMs`. */
  record(
    id: string,
    attempt: WebhookAttempt,
    next: 'delivered' | 'given_up' | { retryMs: number },
  ): Promise<void>;
  /** Has a message sent again, with the same id, at once. False when it is not there. */
  sendAgain(id: string): Promise<boolean>;
  /** Removes those that ended more than 30 days ago. */
  deleteOld(): Promise<void>;
}
