import { cancelExecution } from '@/lib/http/operations/executions';
import { route } from '@/lib/server';

export const POST = route(cancelExecution, async ({ context, params, principal }) =>
  Response.json(await context.engine.cancel(params.id ?? '', principal.name), { status: 202 }),
);
