import { createHash } from 'node:crypto';
import type { BackendRegistry, StepWatch } from '../backends/backend';
import { imagesToLookUp } from '../backends/images-to-look-up';
import type { Clock } from '../clock';
import type { DependencyFinder } from '../dependencies/finder';
import { resolveChildren } from '../dependencies/resolve-children';
import { AppError } from '../model/errors';
import type { ExecutionSummary, ResultReuse } from '../model/execution';
import { defaultKeepMs } from '../model/keep-alive';
import type { BackendOption, LaunchRequest } from '../model/launch';
import type { PlannedNode } from '../model/node';
import type { Plan } from '../model/plan';
import { makePlan } from '../planning/make-plan';
import { overlayProfiles } from '../planning/overlay-profiles';
import type { RegistryLogins, SecretSeal, Secrets } from '../secrets/secrets';
import type { Store } from '../store/store';
import type { SuiteCatalog } from '../suites/catalog/catalog';
import type { CatalogEntry } from '../suites/suite';
import { chooseBackend } from './choose-backend';
import { newExecutionId } from './execution-id';
import { checkLaunchSecrets, isBrought, placeLaunchSecrets, sealLaunchSecrets } from './launch-secrets';
import { secretsOf } from './secret-values';

export interface LaunchDependencies {
  clock: Clock;
  store: Store;
  catalog: SuiteCatalog;
  finder: DependencyFinder;
  backends: BackendRegistry;
  secrets: Secrets;
  seal: SecretSeal;
  logins: Pick<RegistryLogins, 'find'>;
}

/** What a rerun adds to a launch. */
export interface RerunOf {
  of: string;
  only: string;
  /** Empty if every step runs again. Then images run by name. */
  takeOvers(plan: Plan): ReadonlyMap<string, ResultReuse>;
  pinImages(plan: Plan, takeOvers: ReadonlyMap<string, ResultReuse>): Plan;
}

/** See `Engine.launch`. The package is stored before the execution, so that whoever runs it finds it. */
export async function launch(
  deps: LaunchDependencies,
  request: LaunchRequest,
  author: string,
  idempotencyKey: string | null,
  rerun: RerunOf | null = null,
): Promise<{ summary: ExecutionSummary; created: boolean }> {
  const { packages, backend, ...prepared } = await prepare(deps, request);
  const takeOvers = rerun?.takeOvers(prepared.plan);
  const pinned = rerun && takeOvers ? rerun.pinImages(prepared.plan, takeOvers) : prepared.plan;
  const starts = ({ id }: PlannedNode) => (takeOvers?.get(id)?.from ?? null) === null;
  const plan = await withImageWarnings(deps, pinned, backend, starts, { registryLogin: deps.logins.find });
  const { secrets: brought = {} } = request;
  checkLaunchSecrets(brought);
  // To refuse early: the values are forgotten here and looked up again when steps run.
  await deps.secrets.resolve(secretsOf(plan).filter((secret) => !isBrought(secret)));
  for (const [digest, entry] of packages) {
    await deps.store.packages.put(digest, () => packageOf(deps.catalog, entry));
  }
  const id = newExecutionId(deps.clock.now());
  return deps.store.executions.create({
    id,
    plan: placeLaunchSecrets(plan, id),
    secrets: sealLaunchSecrets(deps.seal, id, brought),
    backend: { id: backend.id, kind: backend.kind, label: backend.label },
    author,
    labels: request.labels ?? {},
    env: request.env ?? {},
    idempotencyKey,
    ...(rerun && takeOvers ? { rerun: { of: rerun.of, takeOvers } } : {}),
    requestHash: hashOf(request, rerun),
  });
}

/** See `Engine.preview`. A preview asks no registry, so that viewers cannot make Gantry connect to hosts or use logins. */
export async function preview(deps: LaunchDependencies, request: LaunchRequest): Promise<Plan> {
  const { plan, backend } = await prepare(deps, request);
  return withImageWarnings(deps, plan, backend, () => true, null);
}

/** The plan with a warning for each missing image. Steps whose results are reused are left out. */
async function withImageWarnings(
  { backends }: LaunchDependencies,
  plan: Plan,
  { id }: BackendOption,
  starts: (node: PlannedNode) => boolean,
  registries: Pick<StepWatch, 'registryLogin'> | null,
): Promise<Plan> {
  const backend = await backends.get(id);
  const wanted = imagesToLookUp({ nodes: plan.nodes.filter(starts) });
  const missing = (await backend?.missingImages?.(wanted, registries, plan.nodes)) ?? [];
  return { ...plan, warnings: [...plan.warnings, ...missing.filter((each) => each !== null)] };
}

/** All of a launch that writes nothing. */
async function prepare(
  deps: LaunchDependencies,
  request: LaunchRequest,
): Promise<{ packages: Map<string, CatalogEntry>; plan: Plan; backend: BackendOption }> {
  const { store, catalog, backends } = deps;
  const entry = await catalog.get(request.suiteId);
  if (!entry) {
    throw new AppError('suite_not_found', `There is no suite \`${request.suiteId}\` below the suite roots.`);
  }
  if (!entry.suite) {
    throw new AppError(
      'suite_invalid',
      `The suite \`${entry.id}\` cannot be launched: its files have ${entry.problems.length} problem(s).`,
      {
        issues: entry.problems.map(({ file, line, column, message }) => ({
          path: `${file}:${line}:${column}`,
          message,
        })),
      },
    );
  }
  const suite = overlayProfiles(entry.suite, await store.profiles.list(entry.id));
  const nested = await resolveChildren(deps, suite);
  const layers = {
    profile: request.profile ?? null,
    platformEnv: (await store.settings.platform())?.env ?? {},
    env: request.env ?? {},
    ...(request.vars ? { vars: request.vars } : {}),
    ...(request.images ? { images: request.images } : {}),
    ...(request.secrets ? { secrets: Object.keys(request.secrets) } : {}),
    ...(request.onlySteps ? { onlySteps: request.onlySteps } : {}),
  };
  const plan = { ...makePlan(suite, layers, nested.children), ...keepOf(request) };
  const packages = new Map([...nested.packages, [entry.suite.packageDigest, entry]]);
  return { packages, plan, backend: await chooseBackend({ backends }, request.backend, plan) };
}

function keepOf({ keep, keepForMs = defaultKeepMs }: LaunchRequest): Pick<Plan, 'keep'> {
  return keep ? { keep: { when: keep, forMs: keepForMs } } : {};
}

async function* packageOf(catalog: SuiteCatalog, entry: CatalogEntry): AsyncIterable<Uint8Array> {
  yield* await catalog.openPackage(entry);
}

/** Equal for requests that ask for the same, however their keys are ordered. */
function hashOf(request: LaunchRequest, rerun: RerunOf | null): string {
  const sorted = (record: Record<string, string> = {}) =>
    Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
  const canonical = [
    request.suiteId,
    request.profile ?? null,
    request.backend || 'auto',
    sorted(request.env),
    sorted(request.labels),
    ...(rerun ? [rerun.of, rerun.only] : []),
    ...(request.vars ? ['vars', sorted(request.vars)] : []),
    ...(request.images ? ['images', sorted(request.images)] : []),
    ...(request.onlySteps ? ['onlySteps', [...request.onlySteps].sort()] : []),
    // Their values are in nothing that is stored, not even as digests.
    ...(request.secrets ? ['secrets', Object.keys(request.secrets).sort()] : []),
    ...(request.keep ? [request.keep, request.keepForMs ?? null] : []),
  ];
  return createHash('sha256').update(JSON.stringify(canonical)).digest('hex');
}
