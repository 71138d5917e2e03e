import type { SuiteProfile } from '../model/suite';
import type { Suite } from '../suites/suite';

/**
 * Leaves out the steps that name other profiles in `profiles` than the chosen one, and those that the profile skips. The
 * steps that stay do not wait for those that are left out.
 */
export function chooseSteps(
  suite: Suite,
  { name, steps: changes }: SuiteProfile,
): { suite: Suite; leftOut: string[] } {
  const isChosen = ({ id, profiles }: Suite['steps'][number]) =>
    (!profiles?.length || profiles.includes(name)) && !(Object.hasOwn(changes, id) && changes[id]?.skip);
  if (suite.steps.every(isChosen)) return { suite, leftOut: [] };
  const leftOut = suite.steps.filter((step) => !isChosen(step)).map(({ id }) => id);
  const left = new Set(leftOut);
  const stays = (id: string) => !left.has(id);
  const steps = suite.steps.filter(isChosen).map((step) => ({
    ...step,
    after: step.after.filter(stays),
    on_failure: step.on_failure.filter(stays),
  }));
  return { suite: { ...suite, steps }, leftOut };
}
