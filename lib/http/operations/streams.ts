import { z } from 'zod';
import { agentSummary } from '../../model/agent';
import { inventoryMessage } from '../../model/environment';
import { executionEvent } from '../../model/event';
import { overview } from '../../model/launch';
import { logLine } from '../../model/log-line';
import { subscriptionNews, subscriptionsRequest } from '../../model/stream-subscription';
import { listOf, type Operation } from './operation';

export const streamSubscriptions = {
  method: 'POST',
  path: '/api/v1/streams',
  summary: 'Stream several subscriptions over one connection',
  description:
    'A subscription names the path of any other stream, with its query, and the cursor to resume from. Each subscription is authorized by its own route. `event: subscription` says whether a subscription is open, has ended or is refused, and to which subscription the items that follow belong. Items and their ids are those of the stream: to reconnect, send the last `id` of each subscription as its `after`. `state` is `cut` when the subscription failed and can be requested again. EventSource cannot send a body; use fetch.',
  access: 'viewer',
  stream: true,
  body: subscriptionsRequest,
  answers: {
    200: {
      description: 'Open until all subscriptions have ended or the client disconnects.',
      events: z.union([
        subscriptionNews,
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
