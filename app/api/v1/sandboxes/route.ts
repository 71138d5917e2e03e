import { listEnvironments } from '@/lib/http/operations/sandboxes';
import { route } from '@/lib/server';

/** Everything that executions own on the backends, as it is now. */
export const GET = route(listEnvironments, async ({ context }) =>
  Response.json(await context.engine.environments.take(), { headers: { 'cache-control': 'no-store' } }),
);
