import { z } from 'zod';
import { timestamp } from './execution';
import { limitedList, limitedRecord } from './limits';
import { triggerProviders } from './trigger-provider';
import { variableNamePattern } from './variable-name';

export const triggerProvider = z.enum(triggerProviders);
export type TriggerProvider = z.infer<typeof triggerProvider>;

const field = z
  .string()
  .min(1)
  .max(300)
  .regex(/^[^.]+(\.[^.]+)*$/, 'expected a field of the message such as pull_request.head.sha');

/** The body of a trigger. */
export const triggerRequest = z.strictObject({
  name: z.string().min(1).max(80),
  provider: triggerProvider,
  secretFrom: z
    .string()
    .max(2_000)
    .regex(/^[a-z]+:./, 'expected a place such as env:NAME, file:/path or vault:path#field')
    .describe('Where the secret is found: `env:NAME`, `file:/path` or `vault:path#field`.'),
  suiteId: z.string().min(1).max(200),
  profile: z.string().min(1).max(100).nullish().describe("Without it the suite's default one."),
  backend: z.string().min(1).max(100).nullish().describe('Without it the first available.'),
  events: limitedList(z.string().min(1).max(100), 50)
    .default([])
    .describe('Names of events, such as `push`; without any, all of them.'),
  when: limitedRecord(field, z.string().max(500), 20)
    .default({})
    .describe('Fields and what each has to be, with `*` for anything: `{"ref": "refs/heads/*"}`.'),
  profileFrom: field.nullish().describe('The field that names the profile; `profile` where it is missing.'),
  env: limitedRecord(
    z.string().max(200).regex(variableNamePattern, 'expected the name of a variable, without "="'),
    field,
    50,
  )
    .default({})
    .describe('Variables of the launch, each from a field: `{"COMMIT": "after"}`.'),
  labels: limitedRecord(z.string().min(1).max(63), field, 30)
    .default({})
    .describe('Labels of the execution, each from a field.'),
  enabled: z.boolean().default(true),
});
export type TriggerRequest = z.infer<typeof triggerRequest>;

/** What launches a suite when a signed message comes to `/api/v1/hooks/ID`. */
export const trigger = triggerRequest.extend({
  id: z.string(),
  profile: z.string().nullable(),
  backend: z.string().nullable(),
  profileFrom: z.string().nullable(),
  createdAt: timestamp,
  changedAt: timestamp,
  changedBy: z.string(),
});
export type Trigger = z.infer<typeof trigger>;

/** What became of one message that was rightly signed. */
export const triggerOutcome = z.object({
  /** `ignored`: it is none of those that the trigger waits for. `refused`: the suite could not be launched. */
  status: z.enum(['launched', 'ignored', 'refused']),
  executionId: z.string().nullable(),
  /** Null when it was launched. */
  reason: z.string().nullable(),
});
export type TriggerOutcome = z.infer<typeof triggerOutcome>;

export const triggerDelivery = triggerOutcome.extend({
  /** By it a replay is known: the sender's id where it is signed, else the digest of the body. */
  key: z.string(),
  event: z.string().nullable(),
  receivedAt: timestamp,
});
export type TriggerDelivery = z.infer<typeof triggerDelivery>;
