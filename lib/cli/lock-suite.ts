import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeLock } from '../dependencies/make-lock';
import { lockFile } from '../suites/read-dependencies';
import { validSuite, withSuiteFolder } from './suite-folder';

/** `gantry lock`: writes `dependencies.lock.yaml` for what is there now. */
export function lockSuite(given: string): Promise<void> {
  return withSuiteFolder(given, async ({ folder, catalog, finder, read }) => {
    const file = path.join(folder, lockFile);
    const before = await read();
    // A lock that cannot be read must not stand in the way of a new one.
    const isBroken = before.problems.length > 0 && before.problems.every((each) => each.file === lockFile);
    if (isBroken) await rm(file);
    const suite = validSuite(isBroken ? await read() : before);
    if (suite.dependencies.length === 0) {
      console.log(`${suite.id} depends on nothing: there is nothing to lock.`);
      return;
    }
    await writeFile(file, await makeLock({ finder, catalog }, suite));
    console.log(`Wrote ${path.relative(process.cwd(), file)}: ${suite.dependencies.length} pinned.`);
  });
}
