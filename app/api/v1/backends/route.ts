import { route } from '@/lib/server';

/** Where executions can run now, each with the reason when they cannot. */
export const GET = route({ access: 'viewer' }, async ({ context }) =>
  Response.json({ items: await context.backendOptions() }, { headers: { 'cache-control': 'no-store' } }),
);
