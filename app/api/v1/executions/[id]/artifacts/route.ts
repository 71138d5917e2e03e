import { listArtifacts } from '@/lib/http/operations/executions';
import { AppError } from '@/lib/model/errors';
import { route } from '@/lib/server';

export const GET = route(listArtifacts, async ({ context, params }) => {
  const { id = '' } = params;
  if (!(await context.store.executions.summary(id))) {
    throw new AppError('execution_not_found', `There is no execution ${id}.`);
  }
  return Response.json({ items: await context.store.artifacts.list(id) });
});
