import type { ManagedProfile } from '@/lib/model/managed-profile';
import type { SuiteProfile } from '@/lib/model/suite';
import type { SuiteDetails } from '@/lib/model/suite-details';

/** A profile of the package, or one that is kept in the store. */
export interface ProfileRow {
  name: string;
  description: string | null;
  isDefault: boolean;
  isLaunchable: boolean;
  /** What it comes to, with all that it extends; null: it cannot be used, for its base or steps are gone. */
  effective: SuiteProfile | null;
  /** What it says itself; null: it is a file. */
  managed: ManagedProfile | null;
}

/** The package's, then the managed ones, then those that cannot be used now. */
export function profileRows({ profiles, profileDetails, managedProfiles }: SuiteDetails): ProfileRow[] {
  // The package may have got one of the same name since.
  const usableNames = new Set(profiles.filter((each) => each.managed).map(({ name }) => name));
  const managed = new Map(
    managedProfiles.filter(({ name }) => usableNames.has(name)).map((profile) => [profile.name, profile]),
  );
  const usable = profileDetails.map(
    (profile): ProfileRow => ({
      name: profile.name,
      description: profile.description,
      isDefault: profile.default,
      isLaunchable: profile.launchable,
      effective: profile,
      managed: managed.get(profile.name) ?? null,
    }),
  );
  const rest = managedProfiles
    .filter(({ name }) => !usableNames.has(name))
    .map(
      (profile): ProfileRow => ({
        name: profile.name,
        description: profile.description,
        isDefault: false,
        isLaunchable: false,
        effective: null,
        managed: profile,
      }),
    );
  return [...usable, ...rest];
}
