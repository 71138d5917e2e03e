import type { Dependency, LockedDependency } from '../model/dependency';
import { AppError, type InputIssue, messageOf } from '../model/errors';
import { formatRef } from '../model/format-ref';
import type { SuiteChild, SuiteChildren } from '../planning/suite-tree';
import type { SuiteCatalog } from '../suites/catalog/catalog';
import type { CatalogEntry, Suite } from '../suites/suite';
import { explainChange } from './explain-change';
import type { DependencyFinder } from './finder';

export interface ResolvedChildren {
  children: SuiteChildren;
  /** The suites of the whole tree by the digest of their package, the outermost one left out. */
  packages: ReadonlyMap<string, CatalogEntry>;
}

interface Trouble extends InputIssue {
  kind: 'cycle' | 'invalid' | 'unavailable';
}

interface Branch {
  suite: Suite;
  /** Ids of the suites that this one is nested in, the outermost first, and its own. */
  path: string[];
  /** `alias/` for each of them but the outermost: tells whose dependencies.yaml is meant. */
  where: string;
}

export interface ResolveOptions {
  /** Nothing is fetched. */
  offline?: boolean;
  /** Only these files of the outermost suite's lock count: null when it is just being written. */
  withLock?: boolean;
}

/**
 * Finds all suites that a suite depends on, to any depth, and checks each against the lock of the suite that names
 * it. Rejects with AppError `dependency_invalid`, with every issue at its place in a dependencies.yaml (a cycle
 * before all else), or with `dependency_unavailable` when nothing else is wrong but a place cannot be asked now.
 */
export async function resolveChildren(
  deps: { finder: DependencyFinder; catalog: SuiteCatalog },
  suite: Suite,
  { offline = false, withLock = true }: ResolveOptions = {},
): Promise<ResolvedChildren> {
  const troubles: Trouble[] = [];
  const packages = new Map<string, CatalogEntry>();

  async function resolve(branch: Branch, isLocked: boolean): Promise<SuiteChildren> {
    const used = new Set(branch.suite.steps.flatMap((step) => (step.kind === 'suite' ? step.ref : [])));
    const children = new Map<string, SuiteChild>();
    for (const dependency of branch.suite.dependencies.filter(({ alias }) => used.has(alias))) {
      const child = await resolveOne(branch, dependency, isLocked);
      if (child) children.set(dependency.alias, child);
    }
    return children;
  }

  async function resolveOne(
    branch: Branch,
    dependency: Dependency,
    isLocked: boolean,
  ): Promise<SuiteChild | null> {
    const { alias, ref } = dependency;
    const { line, column } = dependency.place;
    const complain = (kind: Trouble['kind'], message: string) => {
      const path = `${branch.where}dependencies.yaml:${line}:${column}`;
      troubles.push({ kind, path, message: `${alias}: ${message}` });
      return null;
    };
    const locked = branch.suite.lock.find((each) => each.alias === alias) ?? null;
    try {
      const { entry, resolved } = await deps.finder.find(ref, { locked: isLocked ? locked : null, offline });
      const path = [...branch.path, entry.suite.id];
      if (branch.path.includes(entry.suite.id)) {
        const from = branch.path.indexOf(entry.suite.id);
        return complain('cycle', `suites depend on each other in a cycle: ${path.slice(from).join(' → ')}`);
      }
      const children = await resolve({ suite: entry.suite, path, where: `${branch.where}${alias}/` }, true);
      const mismatch = isLocked
        ? await lockTrouble(deps.catalog, branch.suite, dependency, locked, entry)
        : null;
      if (mismatch) return complain('invalid', mismatch);
      packages.set(entry.suite.packageDigest, entry);
      return { suite: entry.suite, children, dependency, resolved: locked?.resolved ?? resolved };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return complain(error.code === 'dependency_unavailable' ? 'unavailable' : 'invalid', messageOf(error));
    }
  }

  const children = await resolve({ suite, path: [suite.id], where: '' }, withLock);
  refuse(suite.id, troubles);
  return { children, packages };
}

/** Why what was found is not what was locked; null when it is. */
async function lockTrouble(
  catalog: SuiteCatalog,
  { files }: Suite,
  { ref }: Dependency,
  locked: LockedDependency | null,
  entry: CatalogEntry & { suite: Suite },
): Promise<string | null> {
  const wanted = formatRef(ref);
  if (!files.some(({ path }) => path === 'dependencies.lock.yaml')) {
    return 'there is no dependencies.lock.yaml that pins it; write it with "gantry lock"';
  }
  if (locked?.ref !== wanted) {
    return `expected ${wanted} in dependencies.lock.yaml, found ${locked?.ref ?? 'nothing'}; write it anew with "gantry lock"`;
  }
  if (locked.digest === entry.suite.packageDigest) return null;
  return explainChange(locked, await catalog.fileHashes(entry), wanted);
}

function refuse(suiteId: string, troubles: Trouble[]): void {
  const cycles = troubles.filter(({ kind }) => kind === 'cycle');
  const invalid = troubles.filter(({ kind }) => kind === 'invalid');
  const told = [cycles, invalid, troubles].find(({ length }) => length > 0);
  const first = told?.[0];
  if (!told || !first) return;
  const more = told.length > 1 ? ` (and ${told.length - 1} more)` : '';
  throw new AppError(
    first.kind === 'unavailable' ? 'dependency_unavailable' : 'dependency_invalid',
    `The suite ${suiteId} cannot be launched: ${first.path}: ${first.message}${more}.`,
    { issues: told.map(({ path, message }) => ({ path, message })) },
  );
}
