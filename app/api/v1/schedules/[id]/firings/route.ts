import { listScheduleFirings } from '@/lib/http/operations/schedules';
import { route } from '@/lib/server';

export const GET = route(listScheduleFirings, async ({ context, params, query }) =>
  Response.json({ items: await context.schedules.firings(params.id ?? '', query.limit ?? 50) }),
);
