import { listEnvironments } from '@/lib/http/operations/sandboxes';
import { visibleInventory } from '@/lib/http/visible';
import { route } from '@/lib/server';

/** Everything that executions own on the backends, as it is now. */
export const GET = route(listEnvironments, async ({ context, suites }) =>
  Response.json(visibleInventory(await context.engine.environments.take(), suites), {
    headers: { 'cache-control': 'no-store' },
  }),
);
