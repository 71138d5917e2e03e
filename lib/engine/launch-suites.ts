import { messageOf } from '../model/errors';
import type { BackendOption, LaunchSuite } from '../model/launch';
import type { Logger } from '../model/logger';
import type { Plan } from '../model/plan';
import type { CatalogEntry, Suite } from '../model/suite';
import { makePlan } from '../planning/make-plan';
import { obstacle } from './choose-backend';
import type { LaunchDependencies } from './launch';

/** Answers `Engine.launchSuites`: only suites that can be launched, each with where it can run. */
export function createLaunchSuites({
  catalog,
  backends,
  logger,
}: Pick<LaunchDependencies, 'catalog' | 'backends'> & { logger: Logger }): () => Promise<LaunchSuite[]> {
  // Planning 5,000 steps takes a while, and what a backend refuses does not change with the profile's env.
  let plans = new Map<string, Plan | null>();

  function planOf(suite: Suite): Plan | null {
    try {
      return makePlan(suite, { profile: null, platformEnv: {}, env: {} });
    } catch (error) {
      logger.warn(
        { suite: suite.id, error: messageOf(error) },
        'a suite cannot be planned and is not offered for launch',
      );
      return null;
    }
  }

  function launchable(entries: CatalogEntry[]): { suite: Suite; plan: Plan }[] {
    const next = new Map<string, Plan | null>();
    const found: { suite: Suite; plan: Plan }[] = [];
    for (const { suite } of entries) {
      if (!suite?.profiles.some((profile) => profile.launchable)) continue;
      const known = plans.get(suite.packageDigest);
      const plan = known === undefined ? planOf(suite) : known;
      next.set(suite.packageDigest, plan);
      if (plan) found.push({ suite, plan });
    }
    plans = next;
    return found;
  }

  return async () => {
    const [entries, options] = await Promise.all([catalog.list(), backends.options()]);
    const opened = await Promise.all(
      options.map(async (option) => ({ option, backend: await backends.get(option.id) })),
    );
    return launchable(entries).map(({ suite, plan }) =>
      launchSuite(
        suite,
        opened.map(({ option, backend }) => {
          const reason = obstacle(option, backend, plan);
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
      .map((profile) => ({ name: profile.name, description: profile.description, default: profile.default })),
    backends,
  };
}
