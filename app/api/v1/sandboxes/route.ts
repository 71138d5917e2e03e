import { route } from '@/lib/server';

/** Everything that executions own on the backends, as it is now. */
export const GET = route({ access: 'viewer' }, async ({ context }) =>
  Response.json(await context.engine.environments.take(), { headers: { 'cache-control': 'no-store' } }),
);
