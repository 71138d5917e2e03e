import { cancelExecution } from '@/lib/http/operations/executions';
import { route } from '@/lib/server';

export const POST = route(cancelExecution, async ({ context, params, principal, query }) => {
  const options = { force: query.force === '1' };
  return Response.json(await context.engine.cancel(params.id ?? '', principal.name, options), {
    status: 202,
  });
});
