import { customAlphabet } from 'nanoid';
import type { Clock } from '../clock';
import { AppError } from '../model/errors';
import type { Trigger, TriggerDelivery, TriggerOutcome, TriggerRequest } from '../model/trigger';
import { type Receiver, receiveMessage } from './receive-message';
import type { IncomingMessage } from './verify-message';

const newTriggerId = customAlphabet('0123456789abcdefghijklmnopqrstuvwxyz', 20);

/** Triggers as they come and go over the API, and what comes to them. */
export interface Triggers {
  list(): Promise<Trigger[]>;
  /** Rejects with `not_found`. */
  get(id: string): Promise<Trigger>;
  /** Makes one, or changes the one with this id. Rejects with `not_found`. */
  save(id: string | null, request: TriggerRequest, by: string): Promise<Trigger>;
  /** Rejects with `not_found`. */
  remove(id: string): Promise<void>;
  /** The newest first. Rejects with `not_found`. */
  deliveries(id: string, limit: number): Promise<TriggerDelivery[]>;
  /** See `receiveMessage`. */
  receive(id: string, message: IncomingMessage): Promise<TriggerOutcome>;
}

export function createTriggers(deps: Receiver & { clock: Clock }): Triggers {
  const { clock, store } = deps;
  const missing = (id: string) => new AppError('not_found', `There is no trigger ${id}.`);

  async function get(id: string): Promise<Trigger> {
    const found = await store.triggers.get(id);
    if (!found) throw missing(id);
    return found;
  }

  return {
    list: () => store.triggers.list(),
    get,
    async save(id, request, by) {
      const now = clock.now().toISOString();
      const saved = {
        ...request,
        id: id ?? newTriggerId(),
        profile: request.profile ?? null,
        backend: request.backend ?? null,
        profileFrom: request.profileFrom ?? null,
        createdAt: id === null ? now : (await get(id)).createdAt,
        changedAt: now,
        changedBy: by,
      };
      if (!(await store.triggers.save(saved, id === null ? 'new' : 'old'))) throw missing(saved.id);
      return saved;
    },
    async remove(id) {
      if (!(await store.triggers.remove(id))) throw missing(id);
    },
    async deliveries(id, limit) {
      await get(id);
      return store.triggers.deliveries(id, limit);
    },
    receive: (id, message) => receiveMessage(deps, id, message),
  };
}
