import { listTriggerDeliveries } from '@/lib/http/operations/triggers';
import { route } from '@/lib/server';

export const GET = route(listTriggerDeliveries, async ({ context, params, query }) =>
  Response.json({ items: await context.triggers.deliveries(params.id ?? '', query.limit ?? 50) }),
);
