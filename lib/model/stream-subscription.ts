import { z } from 'zod';
import { maxSubscriptions } from './subscription-limit';

export const streamSubscription = z.strictObject({
  id: z.string().min(1).max(100).describe('Chosen by the client; unique in its request.'),
  path: z
    .string()
    .regex(/^\/api\/v1\//, 'expected a path below /api/v1/')
    .max(2_000)
    .describe('The path of a stream, with its query.'),
  after: z.int().min(0).max(2_147_483_647).optional().describe('The last id that the subscription gave.'),
});
export type StreamSubscription = z.infer<typeof streamSubscription>;

export const subscriptionsRequest = z.strictObject({
  subscriptions: z
    .array(streamSubscription)
    .min(1)
    .max(maxSubscriptions)
    .refine((subscriptions) => new Set(subscriptions.map(({ id }) => id)).size === subscriptions.length, {
      message: 'the ids of subscriptions must differ',
    }),
});

/** The data of `event: subscription`. Without `state`, the items that follow are those of the subscription. */
export const subscriptionNews = z.strictObject({
  subscription: z.string(),
  state: z.enum(['open', 'ended', 'refused', 'cut']).optional(),
  problem: z
    .object({ status: z.int(), code: z.string(), detail: z.string() })
    .optional()
    .describe('With `refused`: why, as the subscription alone would have answered.'),
});
export type SubscriptionNews = z.infer<typeof subscriptionNews>;
