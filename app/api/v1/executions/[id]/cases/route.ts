import { compareCases } from '@/lib/http/case-details';
import { compareExecutionCases } from '@/lib/http/operations/cases';
import { AppError } from '@/lib/model/errors';
import { route } from '@/lib/server';

export const GET = route(compareExecutionCases, async ({ context, params }) => {
  const { id = '' } = params;
  if (!(await context.store.executions.summary(id)))
    throw new AppError('execution_not_found', `There is no execution ${id}.`);
  return Response.json(await compareCases(context.store.cases, id), {
    headers: { 'cache-control': 'no-store' },
  });
});
