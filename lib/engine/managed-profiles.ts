import type { Clock } from '../clock';
import { AppError, type InputIssue } from '../model/errors';
import type { ManagedProfile, ProfileRequest } from '../model/managed-profile';
import { checkOverlay } from '../planning/overlay-profiles';
import type { Store } from '../store/store';
import type { SuiteCatalog } from '../suites/catalog/catalog';
import { readManagedProfile } from '../suites/profiles/managed-profile';
import type { Suite } from '../suites/suite';

interface ProfileDependencies {
  clock: Clock;
  store: Store;
  catalog: SuiteCatalog;
}

/** Changes the profiles that are kept in the store. */
export interface ManagedProfiles {
  /**
   * Makes one, or changes the one that is called `name`. Rejects with AppError `suite_not_found`, `suite_invalid`,
   * `profile_invalid` with every issue, `conflict` or `not_found`.
   */
  save(suiteId: string, name: string | null, request: ProfileRequest, by: string): Promise<ManagedProfile>;
  /** Rejects with `not_found`, or with `conflict` when another managed profile extends it. */
  remove(suiteId: string, name: string): Promise<void>;
}

export function createManagedProfiles(deps: ProfileDependencies): ManagedProfiles {
  return {
    save: (...call) => saveProfile(deps, ...call),
    remove: (...call) => removeProfile(deps, ...call),
  };
}

async function saveProfile(
  { clock, store, catalog }: ProfileDependencies,
  suiteId: string,
  name: string | null,
  request: ProfileRequest,
  by: string,
): Promise<ManagedProfile> {
  const suite = await validSuite(catalog, suiteId);
  const { fields, issues } = readManagedProfile(request, name ?? '');
  if (name === null && request.name === undefined)
    issues.push({ path: 'name', message: 'expected a name, found none' });
  if (name !== null && request.name !== undefined && request.name !== name) {
    issues.push({
      path: 'name',
      message: `expected "${name}": a profile keeps its name; make another and remove this one`,
    });
  }
  if (!fields) throw invalid(suiteId, issues);
  const profile: ManagedProfile = {
    ...fields,
    suiteId: suite.id,
    changedAt: clock.now().toISOString(),
    changedBy: by,
  };
  const managed = await store.profiles.list(suite.id);
  issues.push(...checkOverlay(suite, managed, profile));
  if (issues.length > 0) throw invalid(suiteId, issues);
  await store.profiles.save(profile, name === null ? 'new' : 'old');
  return profile;
}

async function removeProfile(
  { store }: Pick<ProfileDependencies, 'store'>,
  suiteId: string,
  name: string,
): Promise<void> {
  const managed = await store.profiles.list(suiteId);
  const user = managed.find((profile) => profile.extends === name);
  if (user)
    throw new AppError(
      'conflict',
      `The profile "${user.name}" extends "${name}": change or remove it first.`,
    );
  if (await store.profiles.remove(suiteId, name)) return;
  throw new AppError('not_found', `The suite ${suiteId} has no managed profile "${name}".`);
}

async function validSuite(catalog: SuiteCatalog, id: string): Promise<Suite> {
  const entry = await catalog.get(id);
  if (!entry) throw new AppError('suite_not_found', `There is no suite \`${id}\` below the suite roots.`);
  if (entry.suite) return entry.suite;
  throw new AppError('suite_invalid', `The suite \`${id}\` is not valid: its files must be put right first.`);
}

function invalid(suiteId: string, issues: InputIssue[]): AppError {
  const [first] = issues;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  return new AppError(
    'profile_invalid',
    `The profile for ${suiteId} is not valid: ${first?.message}${more}.`,
    { issues },
  );
}
