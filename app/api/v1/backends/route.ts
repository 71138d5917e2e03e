import { listBackends } from '@/lib/http/operations/platform';
import { route } from '@/lib/server';

/** Where executions can run now, each with the reason when they cannot. */
export const GET = route(listBackends, async ({ context }) =>
  Response.json({ items: await context.backendOptions() }, { headers: { 'cache-control': 'no-store' } }),
);
