import path from 'node:path';
import { systemClock } from '../clock';
import { loadProcessConfig } from '../config';
import { createFinder } from '../dependencies/create-finder';
import type { DependencyFinder } from '../dependencies/finder';
import type { SuiteCatalog } from '../suites/catalog/catalog';
import { openFolderCatalog } from '../suites/catalog/folder-catalog';
import type { CatalogEntry, Suite } from '../suites/suite';
import { registryOptions } from './registry-options';

/** A suite's folder as the commands that work on files see it: with the suites beside it and those of the roots. */
export interface SuiteFolder {
  folder: string;
  catalog: SuiteCatalog;
  finder: DependencyFinder;
  read(): Promise<CatalogEntry>;
}

export async function withSuiteFolder<T>(
  given: string,
  work: (opened: SuiteFolder) => Promise<T>,
): Promise<T> {
  const folder = path.resolve(given);
  const { suiteRoots, dataFolder, environment, fetchLimitMs } = loadProcessConfig();
  const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const roots = new Set([path.dirname(folder), ...suiteRoots]);
  const catalog = openFolderCatalog({ clock: systemClock, logger }, [...roots]);
  try {
    return await work({
      folder,
      catalog,
      finder: createFinder({
        catalog,
        git: { clock: systemClock, environment, limitMs: fetchLimitMs },
        registry: registryOptions(),
        cacheFolder: path.join(dataFolder, 'dependencies'),
      }),
      read: () => catalog.read(folder),
    });
  } finally {
    await catalog.close();
  }
}

/** Prints what is wrong as `folder/file:line:column: message`. */
export function printProblems(folder: string, problems: readonly { path: string; message: string }[]): void {
  for (const { path: place, message } of problems) {
    console.error(`${path.relative(process.cwd(), path.join(folder, place))}: ${message}`);
  }
}

/** The suite; throws after it has printed what is wrong. */
export function validSuite({ folder, suite, problems }: CatalogEntry): Suite {
  if (suite) return suite;
  printProblems(
    folder,
    problems.map(({ file, line, column, message }) => ({ path: `${file}:${line}:${column}`, message })),
  );
  throw new Error(`${path.basename(folder)} is not a valid suite.`);
}
