import { AppError } from '../model/errors';
import { bareId } from '../planning/suite-tree';
import type { SuiteCatalog } from '../suites/catalog/catalog';
import type { CatalogEntry, Suite } from '../suites/suite';

/** The suite of that id or repository and version below the roots; null when none is called so. */
export async function findInCatalog(
  catalog: SuiteCatalog,
  { name, version }: { name: string; version: string },
): Promise<(CatalogEntry & { suite: Suite }) | null> {
  const called = (await catalog.list()).filter(
    ({ id, suite }) => bareId(id) === name || (suite?.repository !== null && suite?.repository === name),
  );
  if (called.length === 0) return null;
  for (const entry of called) {
    if (entry.suite?.version === version) return { ...entry, suite: entry.suite };
  }
  const broken = called.find(({ id, suite }) => !suite && (id === name || id === `${name}@${version}`));
  if (broken) throw invalidChild(name, broken);
  const versions = called.map(({ suite }) => suite?.version ?? 'one without a version').join(', ');
  throw new AppError(
    'dependency_invalid',
    `there is no version ${version} of the suite ${name} below the suite roots; there is ${versions}`,
  );
}

/** Why a suite that was found cannot be nested. */
export function invalidChild(name: string, { problems }: CatalogEntry): AppError {
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  const what = first ? `: ${first.file}:${first.line}:${first.column}: ${first.message}${more}` : '';
  return new AppError('dependency_invalid', `the suite ${name} is not valid${what}`);
}
