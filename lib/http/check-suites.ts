import { hasRole, type Principal } from '../identity/principal';
import type { SuiteAccess } from '../identity/suite-access';
import type { Inventory } from '../model/environment';
import { AppError } from '../model/errors';
import type { SuiteRight } from '../model/suite-right';
import type { Role, Store } from '../store/store';
import { type RouteRequest, wantsEvents } from './route-request';
import { type SuiteNeed, type SuitePlace, suiteNeeds } from './suite-needs';

/** Where the suite of a request is looked up. */
export interface SuiteSources {
  store: Store;
  engine: { environments: { take(): Promise<Inventory> } };
}

interface CheckedRoute {
  access: Role | 'public';
  stream?: boolean;
  method?: string;
  path?: string;
}

interface CheckedRequest {
  request: Pick<RouteRequest, 'headers'>;
  principal: Principal;
  suites: SuiteAccess;
  params: Record<string, string>;
  body: unknown;
}

/** The same answer as for something that does not exist, for callers who may not see it. */
const missing: Record<SuitePlace, (id: string) => AppError> = {
  id: (id) => new AppError('suite_not_found', `There is no suite \`${id}\` below the suite roots.`),
  body: (id) => new AppError('suite_not_found', `There is no suite \`${id}\` below the suite roots.`),
  execution: (id) => new AppError('execution_not_found', `There is no execution ${id}.`),
  environment: (id) =>
    new AppError('not_found', `There is no environment ${id}, and no execution of that name.`),
  case: (id) => new AppError('case_not_found', `There is no test case ${id}.`),
  schedule: (id) => new AppError('not_found', `There is no schedule ${id}.`),
  each: (id) => new AppError('not_found', `There is no suite ${id}.`),
};

/** The route's entry in `suiteNeeds`; null if it has nothing to do with suites. Throws if the table lacks the route. */
export function suiteNeedOf({ access, method, path }: CheckedRoute): SuiteNeed | null {
  if (access === 'public' || access === 'agent' || path === undefined) return null;
  const need = suiteNeeds[`${method} ${path}`];
  if (need === undefined)
    throw new Error(`${method} ${path}: what it needs of suites must be said in suite-needs.ts`);
  return need;
}

/**
 * Rejects with `forbidden` if the caller lacks the right to the suite of the request, and with the error for something
 * that does not exist if the caller may not even see it. Resolves with the suite whose rights are checked again while
 * a stream goes on; null stands for all suites. Whether something exists is left to the handler.
 */
export async function checkSuites(
  sources: SuiteSources,
  { access, stream }: CheckedRoute,
  need: SuiteNeed | null,
  { request, principal, suites, params, body }: CheckedRequest,
): Promise<string | null> {
  const goesOn = stream === true || wantsEvents(request);
  if (suites.isUnlimited && (!goesOn || hasRole(principal, 'admin'))) return null;
  if (need === null) {
    const changes = access === 'member' || access === 'admin';
    if (changes && principal.onlySuites !== undefined)
      throw new AppError(
        'forbidden',
        `The token ${principal.name} is for the suites ${principal.onlySuites.join(', ')} alone, and this is for all.`,
      );
    return null;
  }
  let found: string | null = null;
  for (const place of need.of) {
    if (place === 'each') continue;
    const id = (place === 'body' ? textOf(body, 'suiteId') : params.id) ?? '';
    const suiteId = await findSuite(sources, place, id);
    if (suiteId === undefined) continue;
    found = suiteId;
    for (const right of rightsOf(need, body)) {
      if (suites.may(right, suiteId)) continue;
      if (!suites.may('see', suiteId)) throw missing[place](id);
      throw refusal(principal, right, suiteId);
    }
  }
  return found;
}

/** A launch that keeps its environment needs both rights. */
function rightsOf({ right, of }: SuiteNeed, body: unknown): SuiteRight[] {
  return right === 'launch' && of.includes('body') && textOf(body, 'keep') !== undefined
    ? ['launch', 'keep']
    : [right];
}

/** Undefined if there is no such thing, null if its suite is unknown. */
async function findSuite(
  { store, engine }: SuiteSources,
  place: SuitePlace,
  id: string,
): Promise<string | null | undefined> {
  switch (place) {
    case 'execution':
      return (await store.executions.summary(id))?.suite.id;
    case 'environment': {
      const known = await store.executions.summary(id);
      if (known) return known.suite.id;
      // An environment can outlive its execution. Then its label names the suite.
      const { environments } = await engine.environments.take();
      const left = environments.find((each) => each.id === id);
      if (left) return left.suiteId;
      return (await store.environments.rows(id)).length > 0 ? null : undefined;
    }
    case 'case':
      return (await store.cases.histories([id], 1))[0]?.record.suiteId;
    case 'schedule':
      return (await store.schedules.get(id))?.suiteId;
    default:
      return id;
  }
}

function refusal({ name, onlySuites }: Principal, right: SuiteRight, suiteId: string | null): AppError {
  const what = suiteId === null ? 'a suite that is not known any more' : `the suite ${suiteId}`;
  const why =
    onlySuites === undefined
      ? 'Admins give this right with `gantry grant`.'
      : `The token is for ${onlySuites.join(', ')} alone.`;
  return new AppError('forbidden', `${name} has no right to ${right} with ${what}. ${why}`);
}

function textOf(body: unknown, name: string): string | undefined {
  if (body === null || typeof body !== 'object') return undefined;
  const value: unknown = Reflect.get(body, name);
  return typeof value === 'string' ? value : undefined;
}
