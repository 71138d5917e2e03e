import { AppError } from '../model/errors';
import type { Execution, ExecutionSummary } from '../model/execution';
import type { RerunRequest } from '../model/launch';
import type { Plan } from '../model/plan';
import { isFinalExecution } from '../model/status';
import { type LaunchDependencies, launch, type RerunOf } from './launch';
import { checkBroughtAgain } from './launch-secrets';
import { pinImages } from './pin-images';
import { decideReuse } from './result-reuse';

/** See `Engine.rerun`. */
export async function rerun(
  deps: LaunchDependencies,
  id: string,
  { only, secrets = {} }: RerunRequest,
  author: string,
  idempotencyKey: string | null,
): Promise<{ summary: ExecutionSummary; created: boolean }> {
  const { executions } = deps.store;
  const [before, plan, env] = await Promise.all([
    executions.get(id),
    executions.plan(id),
    executions.launchEnv(id),
  ]);
  if (!before || !plan) throw new AppError('execution_not_found', `There is no execution ${id}.`);
  if (!isFinalExecution(before.status)) {
    throw new AppError('conflict', `Execution ${id} has not ended: cancel it, or wait for its end.`);
  }
  checkBroughtAgain(id, plan, secrets);
  const { vars, images, onlySteps } = plan.launchValues ?? {};
  const request = {
    suiteId: before.suite.id,
    profile: before.profile,
    backend: before.backend.id,
    env: env ?? {},
    ...(vars ? { vars } : {}),
    ...(images ? { images } : {}),
    ...(onlySteps ? { onlySteps } : {}),
    ...(Object.keys(secrets).length > 0 ? { secrets } : {}),
    labels: before.labels,
  };
  return launch(deps, request, author, idempotencyKey, {
    of: id,
    only,
    takeOvers: (next) => (only === 'all' ? new Map() : takeOversOf(before, plan, next)),
    pinImages: (next, takeOvers) => pinImages(before, plan, next, takeOvers),
  } satisfies RerunOf);
}

function takeOversOf(before: Execution, plan: Plan, next: Plan) {
  const takeOvers = decideReuse(before, plan, next);
  if ([...takeOvers.values()].some(({ from }) => from === null)) return takeOvers;
  throw new AppError('conflict', `Nothing failed in execution ${before.id}: run all of it again.`);
}
