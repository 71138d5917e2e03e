import { getOverview } from '@/lib/http/operations/platform';
import { route } from '@/lib/server';

export const GET = route(getOverview, async ({ context, suites }) =>
  Response.json(await context.overviews(suites.scope).current(), {
    headers: { 'cache-control': 'no-store' },
  }),
);
