import { z } from 'zod';
import { timestamp } from './execution';
import { webhookEvents, webhookForms } from './webhook-event';

export const webhookEvent = z.enum(webhookEvents);
export type WebhookEvent = z.infer<typeof webhookEvent>;

export const webhookForm = z.enum(webhookForms);
export type WebhookForm = z.infer<typeof webhookForm>;

const webhookFields = z.strictObject({
  name: z.string().min(1).max(80),
  url: z
    .url({ protocol: /^https?$/, error: 'expected a URL such as https://chat.example/hooks/gantry' })
    .max(2_000)
    .refine((url) => !/^\w+:\/\/[^/?#]*@/.test(url), 'expected a URL without user and password'),
  events: z.array(webhookEvent).min(1).max(webhookEvents.length),
  suiteId: z.string().min(1).max(200).nullish().describe('Of this suite alone; without it of all.'),
  secretFrom: z
    .string()
    .max(2_000)
    .regex(/^[a-z]+:./, 'expected a place such as env:NAME, file:/path or vault:path#field')
    .describe('Where the signing secret is found: `env:NAME`, `file:/path` or `vault:path#field`.'),
  form: webhookForm
    .default('gantry')
    .describe(
      'What is sent. For a chat, `{secret}` in the path of the URL stands for the secret; for a forge, the URL is that of a project in its API.',
    ),
  enabled: z.boolean().default(true),
});

/** The body of a webhook. The address of a chat is a secret in itself, which no row and no answer may have. */
export const webhookRequest = webhookFields.refine(
  ({ form, url }) =>
    !['slack', 'teams', 'mattermost'].includes(form) || /^\w+:\/\/[^/]+\/.*\{secret\}/.test(url),
  {
    path: ['url'],
    message:
      'expected {secret} in the path, such as https://hooks.slack.com/services/{secret}, for this form',
  },
);
export type WebhookRequest = z.infer<typeof webhookRequest>;

/** A receiver of messages about executions. */
export const webhook = webhookFields.extend({
  id: z.string(),
  suiteId: z.string().nullable(),
  createdAt: timestamp,
  changedAt: timestamp,
  changedBy: z.string(),
});
export type Webhook = z.infer<typeof webhook>;

export const webhookAttempt = z.object({
  at: timestamp,
  /** What the receiver answered with; null when it did not. */
  status: z.int().nullable(),
  /** Why it does not count as delivered; null when it does. */
  error: z.string().nullable(),
  durationMs: z.number(),
});
export type WebhookAttempt = z.infer<typeof webhookAttempt>;

/** One message. Its id is the `webhook-id` of every attempt: a receiver that has seen it need not act again. */
export const webhookDelivery = z.object({
  id: z.string(),
  webhookId: z.string(),
  executionId: z.string(),
  event: webhookEvent,
  status: z.enum(['waiting', 'delivered', 'given_up']),
  attempts: z.int(),
  createdAt: timestamp,
  /** When it is tried next; null unless it waits. */
  nextAt: timestamp.nullable(),
  lastAttempt: webhookAttempt.nullable(),
});
export type WebhookDelivery = z.infer<typeof webhookDelivery>;

/** What is sent. */
export const webhookMessage = z.object({
  type: webhookEvent,
  timestamp,
  data: z.object({
    executionId: z.string(),
    suiteId: z.string(),
    title: z.string(),
    profile: z.string(),
    backend: z.string(),
    status: z.string(),
    author: z.string(),
    createdAt: timestamp,
    finishedAt: timestamp,
    /** Absent in messages of earlier releases. */
    cause: z.string().nullish(),
    labels: z.record(z.string(), z.string()).optional(),
  }),
});
export type WebhookMessage = z.infer<typeof webhookMessage>;
