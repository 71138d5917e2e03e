import { z } from 'zod';
import { webhook, webhookDelivery, webhookRequest } from '../../model/webhook';
import { pageLimit } from '../execution-queries';
import { listOf, noContent, type Operation } from './operation';

export const listWebhooks = {
  method: 'GET',
  path: '/api/v1/webhooks',
  summary: 'List webhooks by name',
  access: 'admin',
  answers: { 200: { description: 'All of them.', json: listOf(webhook) } },
} satisfies Operation;

export const createWebhook = {
  method: 'POST',
  path: '/api/v1/webhooks',
  summary: 'Create a webhook',
  access: 'admin',
  audit: { action: 'webhook.make', subject: 'webhook' },
  body: webhookRequest,
  answers: {
    201: { description: 'The webhook.', json: webhook, headers: { Location: 'The path of the webhook.' } },
  },
} satisfies Operation;

export const getWebhook = {
  method: 'GET',
  path: '/api/v1/webhooks/{id}',
  summary: 'Get a webhook',
  access: 'admin',
  answers: { 200: { description: 'The webhook.', json: webhook } },
  problems: ['not_found'],
} satisfies Operation;

export const updateWebhook = {
  method: 'PUT',
  path: '/api/v1/webhooks/{id}',
  summary: 'Update a webhook',
  description: 'Takes the whole of it. Messages that wait go to its new address.',
  access: 'admin',
  audit: { action: 'webhook.change', subject: 'webhook' },
  body: webhookRequest,
  answers: { 200: { description: 'The updated webhook.', json: webhook } },
  problems: ['not_found'],
} satisfies Operation;

export const deleteWebhook = {
  method: 'DELETE',
  path: '/api/v1/webhooks/{id}',
  summary: 'Delete a webhook with its messages',
  access: 'admin',
  audit: { action: 'webhook.remove', subject: 'webhook' },
  answers: { 204: noContent },
  problems: ['not_found'],
} satisfies Operation;

export const listWebhookDeliveries = {
  method: 'GET',
  path: '/api/v1/webhooks/{id}/deliveries',
  summary: 'List the messages of a webhook, newest first',
  access: 'admin',
  query: z.strictObject({ limit: pageLimit(200) }),
  answers: { 200: { description: 'The newest ones.', json: listOf(webhookDelivery) } },
  problems: ['not_found'],
} satisfies Operation;

export const retryWebhookDelivery = {
  method: 'POST',
  path: '/api/v1/webhook-deliveries/{id}/retry',
  summary: 'Send a message again, with the same id',
  access: 'admin',
  audit: { action: 'webhook.send_again', subject: 'webhook' },
  answers: { 204: noContent },
  problems: ['not_found'],
} satisfies Operation;
