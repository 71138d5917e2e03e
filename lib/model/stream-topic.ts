import { z } from 'zod';
import { maxTopics } from './topic-limit';

export const streamTopic = z.strictObject({
  id: z.string().min(1).max(100).describe('Chosen by the client; unique in its request.'),
  path: z.string().startsWith('/api/v1/').max(2_000).describe('The path of a stream, with its query.'),
  after: z.int().min(0).max(2_147_483_647).optional().describe('The last id that the topic gave.'),
});
export type StreamTopic = z.infer<typeof streamTopic>;

export const topicsRequest = z.strictObject({
  topics: z
    .array(streamTopic)
    .min(1)
    .max(maxTopics)
    .refine((topics) => new Set(topics.map(({ id }) => id)).size === topics.length, {
      message: 'the ids of topics must differ',
    }),
});

/** The data of `event: topic`. Without `state`, the items that follow are those of the topic. */
export const topicNews = z.strictObject({
  topic: z.string(),
  state: z.enum(['open', 'ended', 'refused', 'cut']).optional(),
  problem: z
    .object({ status: z.int(), code: z.string(), detail: z.string() })
    .optional()
    .describe('With `refused`: why, as the topic alone would have answered.'),
});
export type TopicNews = z.infer<typeof topicNews>;
