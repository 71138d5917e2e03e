import { resolveChildren } from '../dependencies/resolve-children';
import { AppError } from '../model/errors';
import type { ManagedProfile } from '../model/managed-profile';
import type { Plan } from '../model/plan';
import type { SuiteProblem } from '../model/suite';
import type { SuiteBadge, SuiteDetails, SuiteSummary } from '../model/suite-details';
import { makePlan } from '../planning/make-plan';
import { overlayProfiles } from '../planning/overlay-profiles';
import type { CatalogEntry, Suite } from '../suites/suite';
import type { LaunchDependencies } from './launch';

/** The suites below the roots, valid or not, with their managed profiles. */
export interface SuiteDirectory {
  list(): Promise<SuiteSummary[]>;
  /** Rejects with AppError `suite_not_found`. */
  get(id: string): Promise<SuiteDetails>;
  /** Null if there is no such suite. */
  badge(id: string): Promise<SuiteBadge | null>;
}

export function createSuiteDirectory(
  deps: Pick<LaunchDependencies, 'catalog' | 'finder' | 'store'>,
): SuiteDirectory {
  const { catalog, store } = deps;
  return {
    async list() {
      const [entries, managed] = await Promise.all([catalog.list(), store.profiles.list(null)]);
      return Promise.all(
        entries.map(async (entry) => {
          const own = managed.filter(({ suiteId }) => suiteId === entry.id);
          return summaryOf(
            entry,
            own,
            entry.suite ? (await readSuites(deps, entry.suite, own)).problems : entry.problems,
          );
        }),
      );
    },
    async get(id) {
      const entry = await catalog.get(id);
      if (!entry) throw new AppError('suite_not_found', `There is no suite \`${id}\` below the suite roots.`);
      const managed = await store.profiles.list(entry.id);
      const { suite } = entry;
      const { plan, problems } = suite
        ? await readSuites(deps, suite, managed)
        : { plan: null, problems: entry.problems };
      return {
        ...summaryOf(entry, managed, problems),
        topology: plan?.nodes ?? [],
        warnings: plan?.warnings ?? [],
        profileDetails: suite ? overlayProfiles(suite, managed).profiles : [],
        managedProfiles: managed,
        dependencies: suite?.dependencies ?? [],
        lock: (suite?.lock ?? []).map(({ files: _, ...rest }) => rest),
        files: suite?.files ?? [],
        publicBadge: suite?.public_badge ?? false,
      };
    },
    async badge(id) {
      const entry = await catalog.get(id);
      if (!entry) return null;
      const { suite } = entry;
      if (!suite) return { title: id, isPublic: false, profile: null };
      const { profiles } = overlayProfiles(suite, await store.profiles.list(id));
      const profile = profiles.find((each) => each.default)?.name ?? null;
      return { title: suite.title, isPublic: suite.public_badge, profile };
    },
  };
}

/** What would run, or why nothing would. What would have to be fetched first is not fetched for this. */
async function readSuites(
  deps: Pick<LaunchDependencies, 'catalog' | 'finder'>,
  suite: Suite,
  managed: readonly ManagedProfile[],
): Promise<{ plan: Plan | null; problems: SuiteProblem[] }> {
  try {
    const { children } = await resolveChildren(deps, suite, { offline: true });
    const request = { profile: null, platformEnv: {}, env: {} };
    return { plan: makePlan(overlayProfiles(suite, managed), request, children), problems: [] };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === 'dependency_unavailable') return { plan: null, problems: [] };
    const issues = error.issues.length > 0 ? error.issues : [{ path: 'suite.yaml', message: error.message }];
    return { plan: null, problems: issues.map(({ path, message }) => problemAt(path, message)) };
  }
}

/** `folder/file.yaml:3:1` with the place taken apart; a path within a file stands for its first line. */
function problemAt(path: string, message: string): SuiteProblem {
  const [, file, line, column] = /^(.*\.yaml):(\d+):(\d+)$/.exec(path) ?? [];
  if (file) return { file, line: Number(line), column: Number(column), message };
  return path.endsWith('.yaml')
    ? { file: path, line: 1, column: 1, message }
    : { file: 'suite.yaml', line: 1, column: 1, message: `${path}: ${message}` };
}

function summaryOf(
  { id, folder, suite }: CatalogEntry,
  managed: readonly ManagedProfile[],
  problems: SuiteProblem[],
): SuiteSummary {
  // One that is called like one of the package's is left out.
  const own = new Set(suite?.profiles.map(({ name }) => name));
  const names = new Set(managed.map(({ name }) => name).filter((name) => !own.has(name)));
  return {
    id,
    folder,
    title: suite?.title ?? id,
    description: suite?.description ?? null,
    repository: suite?.repository ?? null,
    version: suite?.version ?? null,
    valid: suite !== null && problems.length === 0,
    problems,
    profiles: (suite ? overlayProfiles(suite, managed).profiles : []).map((profile) => ({
      name: profile.name,
      default: profile.default,
      launchable: profile.launchable,
      managed: names.has(profile.name),
    })),
    steps: suite?.steps.length ?? 0,
    kinds: countKinds(suite?.steps ?? []),
    packageDigest: suite?.packageDigest ?? null,
  };
}

function countKinds(steps: Suite['steps']): SuiteSummary['kinds'] {
  const kinds: SuiteSummary['kinds'] = {};
  for (const { kind } of steps) kinds[kind] = (kinds[kind] ?? 0) + 1;
  return kinds;
}
