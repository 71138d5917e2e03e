import type { ApiClient } from '../../client/api-client';
import { webhookEvents, webhookForms } from '../../model/webhook-event';
import { formatTable } from '../format';
import { type CommandContext, printResult } from '../terminal';

export interface WebhookOptions {
  name: string;
  secretFrom: string;
  event: string[];
  suite?: string;
  form: string;
}

/** `gantry webhooks`: all webhooks. */
export async function listWebhooks(context: CommandContext, api: ApiClient): Promise<void> {
  const webhooks = await api.get('/api/v1/webhooks', {});
  printResult(context, webhooks, () =>
    formatTable(
      ['ID', 'NAME', 'SUITE', 'EVENTS', 'ON', 'URL'],
      webhooks.items.map((each) => [
        each.id,
        each.name,
        each.suiteId ?? 'all',
        each.events.map((event) => event.replace('execution.', '')).join(','),
        each.enabled ? 'yes' : 'no',
        each.url,
      ]),
    ),
  );
}

/** `gantry webhooks make URL`: makes a webhook and prints its id. */
export async function makeWebhook(
  context: CommandContext,
  api: ApiClient,
  url: string,
  { name, secretFrom, event, suite, form: wanted }: WebhookOptions,
): Promise<void> {
  const chosen = event.map((each) => {
    const found = webhookEvents.find((known) => known === each || known === `execution.${each}`);
    if (found) return found;
    const words = webhookEvents.map((known) => known.replace('execution.', ''));
    throw new Error(`--event: expected ${words.join(', ')}; found ${each}.`);
  });
  const form = webhookForms.find((each) => each === wanted);
  if (!form) throw new Error(`--form: expected ${webhookForms.join(', ')}; found ${wanted}.`);
  const body = {
    name,
    url,
    secretFrom,
    form,
    events: chosen,
    ...(suite === undefined ? {} : { suiteId: suite }),
  };
  const made = await api.post('/api/v1/webhooks', { body });
  printResult(context, made, () => [made.id]);
}

/** `gantry webhooks log`: the messages of a webhook, newest first. */
export async function listDeliveries(context: CommandContext, api: ApiClient, id: string): Promise<void> {
  const deliveries = await api.get('/api/v1/webhooks/{id}/deliveries', { params: { id } });
  printResult(context, deliveries, () =>
    formatTable(
      ['ID', 'EVENT', 'EXECUTION', 'STATUS', 'ATTEMPTS', 'NEXT', ''],
      deliveries.items.map((each) => [
        each.id,
        each.event.replace('execution.', ''),
        each.executionId,
        each.status,
        String(each.attempts),
        each.nextAt ?? '',
        each.lastAttempt?.error ?? '',
      ]),
    ),
  );
}

/** `gantry webhooks send-again`: sends a message again, with the same id. */
export async function sendAgain({ terminal }: CommandContext, api: ApiClient, id: string): Promise<void> {
  await api.post('/api/v1/webhook-deliveries/{id}/retry', { params: { id } });
  terminal.note(`${id} is sent again.`);
}

/** `gantry webhooks rm`: removes a webhook with its messages. */
export async function removeWebhook({ terminal }: CommandContext, api: ApiClient, id: string): Promise<void> {
  await api.remove('/api/v1/webhooks/{id}', { params: { id } });
  terminal.note(`Removed ${id}.`);
}
