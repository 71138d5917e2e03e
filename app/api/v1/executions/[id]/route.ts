import { getExecution } from '@/lib/http/operations/executions';
import { AppError } from '@/lib/model/errors';
import { describeFaults } from '@/lib/model/faults';
import { explainSteps } from '@/lib/model/waiting';
import { route } from '@/lib/server';

export const GET = route(getExecution, async ({ context, params }) => {
  const execution = await context.store.executions.get(params.id ?? '');
  if (!execution) throw new AppError('execution_not_found', `There is no execution ${params.id}.`);
  const [explained = execution] = await context.store.executions.explainQueue([execution]);
  const answer = { ...explainSteps(explained), faults: describeFaults(explained.steps) };
  return Response.json(answer, { headers: { 'cache-control': 'no-store' } });
});
