import { resolveChildren } from '../dependencies/resolve-children';
import { AppError, messageOf } from '../model/errors';
import type { BackendOption, LaunchSuite } from '../model/launch';
import type { Logger } from '../model/logger';
import type { Plan } from '../model/plan';
import { makePlan } from '../planning/make-plan';
import { overlayProfiles } from '../planning/overlay-profiles';
import type { CatalogEntry, Suite } from '../suites/suite';
import { obstacle } from './choose-backend';
import type { LaunchDependencies } from './launch';

type Sources = Pick<LaunchDependencies, 'catalog' | 'finder' | 'backends' | 'store'> & { logger: Logger };

/**
 * Answers `Engine.launchSuites`: only suites that can be launched, each with where it can run. A nested suite that
 * would have to be fetched first is taken to be there: nobody waits for another server to see the list.
 */
export function createLaunchSuites(deps: Sources): () => Promise<LaunchSuite[]> {
  const { catalog, backends, store, logger } = deps;
  // Planning 5,000 steps takes a while, and what a backend refuses does not change with the profile's env.
  let plans = new Map<string, Plan | 'unknown' | null>();

  async function planOf(suite: Suite): Promise<{ key: string; plan: Plan | 'unknown' | null }> {
    let key = suite.packageDigest;
    try {
      const { children, packages } = await resolveChildren(deps, suite, { offline: true });
      key = [suite.packageDigest, ...packages.keys()].join(' ');
      const known = plans.get(key);
      if (known !== undefined) return { key, plan: known };
      return { key, plan: makePlan(suite, { profile: null, platformEnv: {}, env: {} }, children) };
    } catch (error) {
      if (error instanceof AppError && error.code === 'dependency_unavailable')
        return { key, plan: 'unknown' };
      const what = messageOf(error);
      key = `${key} ${what}`;
      if (!plans.has(key))
        logger.warn(
          { suite: suite.id, error: what },
          'a suite cannot be planned and is not offered for launch',
        );
      return { key, plan: null };
    }
  }

  async function launchable(entries: CatalogEntry[]): Promise<{ suite: Suite; plan: Plan | 'unknown' }[]> {
    const next = new Map<string, Plan | 'unknown' | null>();
    const found: { suite: Suite; plan: Plan | 'unknown' }[] = [];
    for (const { suite } of entries) {
      if (!suite?.profiles.some((profile) => profile.launchable)) continue;
      const { key, plan } = await planOf(suite);
      next.set(key, plan);
      if (plan) found.push({ suite, plan });
    }
    plans = next;
    return found;
  }

  return async () => {
    const [entries, options, managed] = await Promise.all([
      catalog.list(),
      backends.options(),
      store.profiles.list(null),
    ]);
    const opened = await Promise.all(
      options.map(async (option) => ({ option, backend: await backends.get(option.id) })),
    );
    return (await launchable(entries)).map(({ suite, plan }) =>
      launchSuite(
        overlayProfiles(
          suite,
          managed.filter(({ suiteId }) => suiteId === suite.id),
        ),
        opened.map(({ option, backend }) => {
          const reason = plan === 'unknown' ? option.reason : obstacle(option, backend, plan);
          return { ...option, available: reason === null, reason };
        }),
      ),
    );
  };
}

function launchSuite(suite: Suite, backends: BackendOption[]): LaunchSuite {
  return {
    id: suite.id,
    title: suite.title,
    repository: suite.repository,
    description: suite.description,
    profiles: suite.profiles
      .filter(({ launchable }) => launchable)
      .map((profile) => ({
        name: profile.name,
        description: profile.description,
        default: profile.default,
        vars: profile.vars ?? {},
      })),
    vars: suite.vars ?? {},
    backends,
  };
}
