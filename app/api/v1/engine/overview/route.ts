import { getOverview } from '@/lib/http/operations/platform';
import { route } from '@/lib/server';

export const GET = route(getOverview, async ({ context }) =>
  Response.json(await context.overview.current(), { headers: { 'cache-control': 'no-store' } }),
);
