import { z } from 'zod';
import { trigger, triggerDelivery, triggerOutcome, triggerRequest } from '../../model/trigger';
import { pageLimit } from '../execution-queries';
import { listOf, noContent, type Operation } from './operation';

export const listTriggers = {
  method: 'GET',
  path: '/api/v1/triggers',
  summary: 'List triggers by name',
  access: 'admin',
  answers: { 200: { description: 'All of them.', json: listOf(trigger) } },
} satisfies Operation;

export const createTrigger = {
  method: 'POST',
  path: '/api/v1/triggers',
  summary: 'Create a trigger',
  access: 'admin',
  audit: { action: 'trigger.make', subject: 'trigger' },
  body: triggerRequest,
  answers: {
    201: { description: 'The trigger.', json: trigger, headers: { Location: 'The path of the trigger.' } },
  },
} satisfies Operation;

export const getTrigger = {
  method: 'GET',
  path: '/api/v1/triggers/{id}',
  summary: 'Get a trigger',
  access: 'admin',
  answers: { 200: { description: 'The trigger.', json: trigger } },
  problems: ['not_found'],
} satisfies Operation;

export const updateTrigger = {
  method: 'PUT',
  path: '/api/v1/triggers/{id}',
  summary: 'Update a trigger',
  description: 'Takes the whole of it.',
  access: 'admin',
  audit: { action: 'trigger.change', subject: 'trigger' },
  body: triggerRequest,
  answers: { 200: { description: 'The updated trigger.', json: trigger } },
  problems: ['not_found'],
} satisfies Operation;

export const deleteTrigger = {
  method: 'DELETE',
  path: '/api/v1/triggers/{id}',
  summary: 'Delete a trigger with the log of its messages',
  access: 'admin',
  audit: { action: 'trigger.remove', subject: 'trigger' },
  answers: { 204: noContent },
  problems: ['not_found'],
} satisfies Operation;

export const listTriggerDeliveries = {
  method: 'GET',
  path: '/api/v1/triggers/{id}/deliveries',
  summary: 'List the messages that came to a trigger, newest first',
  access: 'admin',
  query: z.strictObject({ limit: pageLimit(200) }),
  answers: { 200: { description: 'Those that were rightly signed.', json: listOf(triggerDelivery) } },
  problems: ['not_found'],
} satisfies Operation;

export const receiveHook = {
  method: 'POST',
  path: '/api/v1/hooks/{id}',
  summary: 'Send a message to a trigger',
  description:
    "Needs no token: the message is signed as the trigger's provider signs. JSON of at most 5 MiB, or a form with it in `payload`. A message that launched something is refused when it comes again.",
  access: 'public',
  answers: {
    200: { description: 'It launches nothing, and why.', json: triggerOutcome },
    201: { description: 'It launched an execution.', json: triggerOutcome },
  },
  problems: [
    'unauthorized',
    'not_found',
    'conflict',
    'suite_not_found',
    'suite_invalid',
    'profile_not_found',
    'secret_missing',
    'backend_unavailable',
  ],
} satisfies Operation;
