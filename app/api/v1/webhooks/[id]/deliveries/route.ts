import { listWebhookDeliveries } from '@/lib/http/operations/webhooks';
import { route } from '@/lib/server';

export const GET = route(listWebhookDeliveries, async ({ context, params, query }) =>
  Response.json({ items: await context.webhooks.deliveries(params.id ?? '', query.limit ?? 50) }),
);
