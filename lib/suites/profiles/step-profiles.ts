import type { SuiteProfile } from '../../model/suite';
import { isMapping } from '../file/inspect-schema';
import { isProfileName } from '../file/schema/names';

/** Adds a profile without changes for each name in the `profiles` of a step that no file of the suite has. */
export function withStepProfiles(profiles: readonly SuiteProfile[], suite: unknown): SuiteProfile[] {
  const known = new Set(profiles.map(({ name }) => name));
  const names = new Set(stepProfiles(suite).filter((name) => isProfileName(name) && !known.has(name)));
  return [...profiles, ...[...names].map(plainProfile)];
}

function stepProfiles(suite: unknown): string[] {
  const steps = isMapping(suite) && isMapping(suite.steps) ? Object.values(suite.steps) : [];
  return steps.flatMap((step) =>
    isMapping(step) ? [step.profiles].flat().filter((name) => typeof name === 'string') : [],
  );
}

function plainProfile(name: string): SuiteProfile {
  return {
    name,
    description: null,
    default: false,
    launchable: true,
    env: {},
    headers: {},
    secrets: [],
    steps: {},
  };
}
