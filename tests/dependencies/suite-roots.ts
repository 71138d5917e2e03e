import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock } from '@/lib/clock';
import { createFinder } from '@/lib/dependencies/create-finder';
import type { DependencyFinder } from '@/lib/dependencies/finder';
import { makeLock } from '@/lib/dependencies/make-lock';
import { resolveChildren } from '@/lib/dependencies/resolve-children';
import { AppError } from '@/lib/model/errors';
import type { Plan } from '@/lib/model/plan';
import { makePlan } from '@/lib/planning/make-plan';
import type { PlanRequest } from '@/lib/planning/plan-request';
import type { SuiteCatalog } from '@/lib/suites/catalog/catalog';
import { openFolderCatalog } from '@/lib/suites/catalog/folder-catalog';
import type { Suite } from '@/lib/suites/suite';
import { plainClient } from '@/tests/support/plain-client';
import { type AtEnd, makeRoot, makeSuiteFolder } from '../suites/suite-folder';
import { silentLogger } from '../support/silent-logger';

export interface SuiteRoot {
  root: string;
  catalog: SuiteCatalog;
  finder: DependencyFinder;
  suite(id: string): Promise<Suite>;
  /** As `gantry lock` does. */
  lock(id: string): Promise<void>;
  plan(id: string, request?: Partial<PlanRequest>): Promise<Plan>;
  /** What a launch says, as `code place: message` a line; fails when it would go on. */
  refusal(id: string): Promise<string[]>;
}

/** Suites in a root of the test's own, by folder name. */
export function openSuiteRoot(
  suites: Record<string, string | Record<string, string>>,
  make: (catalog: SuiteCatalog) => DependencyFinder = (catalog) =>
    createFinder({
      catalog,
      git: { clock: systemClock, environment: process.env, limitMs: 20_000 },
      registry: { outgoing: plainClient, limitMs: 20_000, credentials: async () => null, insecure: [] },
      cacheFolder: path.join(makeRoot(atEnd), 'dependencies'),
    }),
  atEnd: AtEnd = onTestFinished,
): SuiteRoot {
  const root = makeRoot(atEnd);
  for (const [name, files] of Object.entries(suites)) makeSuiteFolder(files, path.join(root, name));
  // Time flies between two questions, so that the catalog looks at the files for each.
  let nowMs = 0;
  const clock = { ...systemClock, monotonicMs: () => nowMs };
  const catalog = openFolderCatalog({ clock, logger: silentLogger }, [root]);
  atEnd(() => catalog.close());
  const finder = make(catalog);

  async function suite(id: string): Promise<Suite> {
    nowMs += 60_000;
    const entry = await catalog.read(path.join(root, id));
    if (entry.suite) return entry.suite;
    throw new AppError('suite_invalid', `${id} is not valid`, {
      issues: entry.problems.map(({ file, line, column, message }) => ({
        path: `${file}:${line}:${column}`,
        message,
      })),
    });
  }

  const opened: SuiteRoot = {
    root,
    catalog,
    finder,
    suite,
    async lock(id) {
      const text = await makeLock({ finder, catalog }, await suite(id));
      writeFileSync(path.join(root, id, 'dependencies.lock.yaml'), text);
    },
    async plan(id, request = {}) {
      const outermost = await suite(id);
      const { children } = await resolveChildren({ finder, catalog }, outermost);
      return makePlan(outermost, { profile: null, platformEnv: {}, env: {}, ...request }, children);
    },
    async refusal(id) {
      try {
        await opened.plan(id);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        return error.issues.map(({ path: place, message }) => `${error.code} ${place}: ${message}`);
      }
      throw new Error(`${id} can be launched`);
    },
  };
  return opened;
}
