import { AppError } from '../model/errors';
import type { SuiteProfile } from '../model/suite';
import type { Suite } from '../suites/suite';

/** The chosen one, else the default one, else the first. Throws AppError `profile_not_found`, naming those there are. */
export function chooseProfile(suite: Suite, wanted: string | null): SuiteProfile {
  const launchable = suite.profiles.filter((profile) => profile.launchable);
  const found =
    wanted === null
      ? (launchable.find((profile) => profile.default) ?? launchable[0])
      : launchable.find(({ name }) => name === wanted);
  if (found) return found;
  const names = launchable.map(({ name }) => name);
  const there =
    names.length > 0
      ? `It can be launched with: ${names.join(', ')}.`
      : 'None of its profiles can be launched.';
  if (wanted === null)
    throw new AppError('profile_not_found', `The suite ${suite.id} has no profile to launch. ${there}`);
  const reason = suite.profiles.some(({ name }) => name === wanted)
    ? `The profile "${wanted}" of the suite ${suite.id} is only there to be extended.`
    : `The suite ${suite.id} has no profile "${wanted}".`;
  throw new AppError('profile_not_found', `${reason} ${there}`);
}
