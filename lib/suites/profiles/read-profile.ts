import { isMapping } from '../file/inspect-schema';
import { type Issue, makeIssue, quote } from '../file/issue';
import { parseBy } from '../file/parse';
import { isProfileName, isStepId } from '../file/schema/names';
import { type ProfileYaml, profileYaml } from '../file/schema/profile-yaml';
import type { OpenFile } from '../suite-files';

/** The data of a profile, as far as it could be read. */
interface ProfileData {
  name: string;
  profile: ProfileYaml;
  /** The ids of the steps that it changes, whether the suite has them or not. */
  stepIds: string[];
}

/** A profile with its file, to report what is wrong with it. */
export type ReadProfile = ProfileData & { source: OpenFile };

/**
 * Reads the data of a profile: nothing at all is a profile without changes. `ownName` counts when it has no name. Keys
 * with mistakes are left out of the profile that comes with the issues.
 */
export function readProfile(value: unknown, ownName: string): ProfileData & { issues: Issue[] } {
  const given = value ?? {};
  const { data, issues } = parseBy(profileYaml, given);
  const profile = data ?? profileYaml.parse(withoutMistakes(given, issues));
  const found: Issue[] = [...issues];
  if (profile.name === undefined && !isProfileName(ownName)) {
    found.push(makeIssue([], `expected a "name", because the file's name ${quote(ownName)} cannot be one`));
  }
  const steps = isMapping(given) && isMapping(given.steps) ? Object.keys(given.steps) : [];
  return {
    name: profile.name ?? ownName,
    profile,
    stepIds: steps.filter(isStepId),
    issues: found,
  };
}

/** Every key of a profile is optional, so one without those that are wrong can be read. */
function withoutMistakes(value: unknown, issues: readonly Issue[]): unknown {
  if (!isMapping(value)) return {};
  const wrong = new Set(issues.map(({ path }) => path[0]));
  return Object.fromEntries(Object.entries(value).filter(([key]) => !wrong.has(key)));
}
