import type { Backend, BackendRegistry } from '../backends/backend';
import { AppError } from '../model/errors';
import type { BackendOption } from '../model/launch';
import type { Plan } from '../model/plan';

/**
 * The backend that a request means. Empty or `auto`: the available default, else the first available one that
 * does not refuse the plan. Rejects with `backend_not_found` (naming those there are), `backend_unavailable`
 * (with the reason), or `plan_invalid` when the named backend can never run this plan.
 */
export async function chooseBackend(
  { backends }: { backends: BackendRegistry },
  requested: string | undefined,
  plan: Plan,
): Promise<BackendOption> {
  const options = await backends.options();
  return requested && requested !== 'auto'
    ? named(backends, options, requested, plan)
    : automatic(backends, options, plan);
}

/** Why the backend cannot run the plan now: it refuses it, or is not available; null when it can. */
export function obstacle(option: BackendOption, backend: Backend | null, plan: Plan): string | null {
  const refusal = backend?.refuses?.(plan) ?? null;
  if (refusal !== null) return refusal;
  return option.available ? null : (option.reason ?? 'it is not available');
}

async function named(
  backends: BackendRegistry,
  options: BackendOption[],
  requested: string,
  plan: Plan,
): Promise<BackendOption> {
  const option = options.find(({ id }) => id === requested);
  if (!option) {
    const known = options.map(({ id }) => `\`${id}\``).join(', ') || 'none';
    throw new AppError(
      'backend_not_found',
      `There is no backend \`${requested}\`. Known backends: ${known}.`,
    );
  }
  const refusal = (await backends.get(requested))?.refuses?.(plan);
  if (refusal) throw new AppError('plan_invalid', refusal);
  if (!option.available) {
    throw new AppError(
      'backend_unavailable',
      `The backend \`${requested}\` is not available: ${option.reason ?? 'no reason was given'}`,
    );
  }
  return option;
}

async function automatic(
  backends: BackendRegistry,
  options: BackendOption[],
  plan: Plan,
): Promise<BackendOption> {
  const obstacles: string[] = [];
  // The sort is stable: the settings' order decides among those that are not the default.
  for (const option of [...options].sort((a, b) => Number(b.default) - Number(a.default))) {
    const reason = obstacle(option, await backends.get(option.id), plan);
    if (reason === null) return option;
    obstacles.push(`\`${option.id}\`: ${reason}`);
  }
  const why = obstacles.length > 0 ? obstacles.join(' ') : 'None is configured.';
  throw new AppError('backend_unavailable', `No backend can run this suite now. ${why}`);
}
