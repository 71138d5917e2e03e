import { getEnvironment } from '@/lib/http/operations/sandboxes';
import { route } from '@/lib/server';

/** What is there of one execution, and the rows of all it ever made. */
export const GET = route(getEnvironment, async ({ context, params }) =>
  Response.json(await context.engine.environments.inspect(params.id ?? ''), {
    headers: { 'cache-control': 'no-store' },
  }),
);
