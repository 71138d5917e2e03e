import { getStep } from '@/lib/http/operations/executions';
import { AppError } from '@/lib/model/errors';
import { explainSteps } from '@/lib/model/waiting';
import { route } from '@/lib/server';

export const GET = route(getStep, async ({ context, params }) => {
  const { id = '', step: stepId = '' } = params;
  const execution = await context.store.executions.get(id);
  if (!execution) throw new AppError('execution_not_found', `There is no execution ${id}.`);
  const step = explainSteps(execution).steps.find((each) => each.id === stepId);
  if (!step) throw new AppError('step_not_found', `Execution ${id} has no step ${stepId}.`);
  return Response.json({ step, specs: await context.store.executions.stepSpecs(id, stepId) });
});
