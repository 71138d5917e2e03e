import type { Clock } from '../clock';
import { messageOf } from '../model/errors';
import type { Logger } from '../model/logger';
import type { WebhookAttempt } from '../model/webhook';
import type { OutgoingClient } from '../outgoing/client';
import type { Secrets } from '../secrets/secrets';
import type { Store } from '../store/store';
import type { ClaimedDelivery } from '../store/webhook-store';
import { type FormedMessage, formMessage } from './message-forms';
import { sendMessage } from './send-message';

export interface WebhookRunner {
  clock: Clock;
  logger: Logger;
  store: Pick<Store, 'webhooks' | 'triggers'>;
  secrets: Secrets;
  outgoing: Pick<OutgoingClient, 'request'>;
  allowsPrivateAddresses: boolean;
  /** Where browsers reach Gantry; null: messages have no link. */
  publicUrl: string | null;
}

const roundMs = 1_000;
const cleanUpMs = 60 * 60_000;
const dayMs = 24 * 60 * 60_000;
/** Executions that ended are looked for so far back; the first look is for what ended while nobody looked. */
const windowMs = 60 * 60_000;
const atOnce = 20;
/** Longer than an attempt takes. */
const leaseMs = 60_000;
/** After each attempt; the last one repeats until a day is over. */
const retriesMs = [5_000, 30_000, 2 * 60_000, 10 * 60_000, 30 * 60_000, 60 * 60_000, 2 * 60 * 60_000];
const gone = 410;

/** Writes messages about what ended and sends them, once a second, until `stopping`. */
export async function runWebhooks(deps: WebhookRunner, stopping: AbortSignal): Promise<void> {
  const { clock, logger, store } = deps;
  let isFirst = true;
  let cleanedMs = Number.NEGATIVE_INFINITY;
  while (!stopping.aborted) {
    try {
      await store.webhooks.addDeliveries(isFirst ? dayMs : windowMs);
      isFirst = false;
      await sendDue(deps, stopping);
      if (clock.monotonicMs() - cleanedMs >= cleanUpMs) {
        await store.webhooks.deleteOld();
        await store.triggers.deleteOld();
        cleanedMs = clock.monotonicMs();
      }
    } catch (error) {
      logger.warn({ error: messageOf(error) }, 'webhooks could not be looked at and are tried again');
    }
    await clock.sleep(roundMs, stopping);
  }
}

/** What is due now; all at once, so that a slow receiver holds up no other one. */
async function sendDue(deps: WebhookRunner, stopping: AbortSignal): Promise<void> {
  const claimed = await deps.store.webhooks.claim(leaseMs, atOnce);
  const results = await Promise.allSettled(claimed.map((delivery) => sendOne(deps, delivery, stopping)));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

async function sendOne(
  { clock, logger, store, secrets, outgoing, allowsPrivateAddresses, publicUrl }: WebhookRunner,
  { webhook, id, message, attempts, tryingForMs }: ClaimedDelivery,
  stopping: AbortSignal,
): Promise<void> {
  const attempt = await attemptIt();
  // It is sent by another control plane, or by this one after its restart.
  if (attempt.error !== null && stopping.aborted) return;
  if (attempt.error === null) return store.webhooks.record(id, attempt, 'delivered');
  const retryMs = retriesMs[Math.min(attempts, retriesMs.length - 1)] ?? dayMs;
  const isOver = attempt.status === gone || tryingForMs + retryMs > dayMs;
  // Never the URL: it may have a token of the receiver in it.
  const facts = { webhook: webhook.id, delivery: id, status: attempt.status, isGivenUp: isOver };
  logger.warn(facts, 'a webhook was not delivered');
  await store.webhooks.record(id, attempt, isOver ? 'given_up' : { retryMs });

  async function attemptIt(): Promise<WebhookAttempt> {
    const now = clock.now();
    const at = now.toISOString();
    let secret: string;
    try {
      const found = await secrets.resolve([{ key: 'secret', from: webhook.secretFrom }], stopping);
      secret = found.secret ?? '';
    } catch (error) {
      return { at, status: null, error: messageOf(error), durationMs: 0 };
    }
    let formed: FormedMessage;
    try {
      formed = formMessage({ webhook, id, message, secret, at: now, publicUrl });
    } catch {
      // What is wrong with the secret is not told: it could tell of the secret.
      const error = 'The message cannot be formed: look at the secret of the webhook and at its URL.';
      return { at, status: null, error, durationMs: 0 };
    }
    return sendMessage({ clock, outgoing, allowsPrivateAddresses }, formed, stopping);
  }
}
