import path from 'node:path';
import { resolveChildren } from '../dependencies/resolve-children';
import { AppError } from '../model/errors';
import { makePlan } from '../planning/make-plan';
import { printProblems, validSuite, withSuiteFolder } from './suite-folder';

/** `gantry validate`: reads the suite, finds what it depends on and plans it under each of its profiles. */
export function validateSuite(given: string): Promise<void> {
  return withSuiteFolder(given, async ({ folder, catalog, finder, read }) => {
    const suite = validSuite(await read());
    try {
      const { children } = await resolveChildren({ finder, catalog }, suite);
      const names = suite.profiles.filter(({ launchable }) => launchable).map(({ name }) => name);
      const plans = names.map((profile) => makePlan(suite, { profile, platformEnv: {}, env: {} }, children));
      for (const warning of new Set(plans.flatMap(({ warnings }) => warnings)))
        console.log(`warning: ${warning}`);
      console.log(
        `${suite.id} is valid: ${plans[0]?.nodes.length ?? 0} steps, profiles ${names.join(', ')}.`,
      );
    } catch (error) {
      if (!(error instanceof AppError) || error.issues.length === 0) throw error;
      printProblems(folder, error.issues);
      throw new Error(`${path.basename(folder)} cannot be launched.`, { cause: error });
    }
  });
}
