import { customAlphabet } from 'nanoid';
import type { Clock } from '../clock';
import { AppError } from '../model/errors';
import type { Webhook, WebhookDelivery, WebhookRequest } from '../model/webhook';
import type { Store } from '../store/store';

const newWebhookId = customAlphabet('0123456789abcdefghijklmnopqrstuvwxyz', 12);

/** The webhooks as they come and go over the API. `runWebhooks` sends what is to be sent. */
export interface Webhooks {
  list(): Promise<Webhook[]>;
  /** Rejects with `not_found`. */
  get(id: string): Promise<Webhook>;
  /** Makes one, or changes the one with this id. Rejects with `not_found`. */
  save(id: string | null, request: WebhookRequest, by: string): Promise<Webhook>;
  /** Rejects with `not_found`. */
  remove(id: string): Promise<void>;
  /** The newest first. Rejects with `not_found`. */
  deliveries(id: string, limit: number): Promise<WebhookDelivery[]>;
  /** Rejects with `not_found`. */
  sendAgain(deliveryId: string): Promise<void>;
}

export function createWebhooks({ clock, store }: { clock: Clock; store: Pick<Store, 'webhooks'> }): Webhooks {
  const { webhooks } = store;

  async function get(id: string): Promise<Webhook> {
    const webhook = await webhooks.get(id);
    if (!webhook) throw new AppError('not_found', `There is no webhook ${id}.`);
    return webhook;
  }

  return {
    list: () => webhooks.list(),
    get,
    async save(id, request, by) {
      const now = clock.now().toISOString();
      const createdAt = id === null ? now : (await get(id)).createdAt;
      const webhook = {
        ...request,
        id: id ?? newWebhookId(),
        suiteId: request.suiteId ?? null,
        createdAt,
        changedAt: now,
        changedBy: by,
      };
      if (!(await webhooks.save(webhook, id === null ? 'new' : 'old'))) {
        throw new AppError('not_found', `There is no webhook ${webhook.id}.`);
      }
      return webhook;
    },
    async remove(id) {
      if (!(await webhooks.remove(id))) throw new AppError('not_found', `There is no webhook ${id}.`);
    },
    async deliveries(id, limit) {
      await get(id);
      return webhooks.deliveries(id, limit);
    },
    async sendAgain(deliveryId) {
      if (!(await webhooks.sendAgain(deliveryId)))
        throw new AppError('not_found', `There is no delivery ${deliveryId}.`);
    },
  };
}
