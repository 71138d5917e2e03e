import { z } from 'zod';
import { agentSummary } from '../../model/agent';
import { inventoryMessage } from '../../model/environment';
import { executionEvent } from '../../model/event';
import { overview } from '../../model/launch';
import { logLine } from '../../model/log-line';
import { topicNews, topicsRequest } from '../../model/stream-topic';
import { listOf, type Operation } from './operation';

export const streamTopics = {
  method: 'POST',
  path: '/api/v1/streams',
  summary: 'Stream several topics over one connection',
  description:
    'A topic is the path of any other stream, with its query, and where to go on. Each is checked as a request of its own. `event: topic` says whether a topic is open, has ended or is refused, and of which topic the items are that follow. Items are those of the topic, with its ids: to reconnect, send for each topic the last `id` that it gave. `state` is `cut` when the topic failed and can be requested again. Not for EventSource, which cannot send a body.',
  access: 'viewer',
  stream: true,
  body: topicsRequest,
  answers: {
    200: {
      description: 'Open until all topics have ended or the client disconnects.',
      events: z.union([
        topicNews,
        executionEvent,
        logLine,
        z.array(logLine),
        overview,
        inventoryMessage,
        listOf(agentSummary),
      ]),
    },
  },
} satisfies Operation;
