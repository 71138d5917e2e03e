import { stringify } from 'yaml';
import { AppError } from '../model/errors';
import { formatRef } from '../model/format-ref';
import type { SuiteCatalog } from '../suites/catalog/catalog';
import type { Suite } from '../suites/suite';
import type { DependencyFinder } from './finder';
import { resolveChildren } from './resolve-children';

const head = '# Written by `gantry lock`: what the suite depends on, pinned. Keep it with the suite.\n';

/**
 * The text of `dependencies.lock.yaml` for the suites that there are now. Rejects as `resolveChildren` does: what is
 * nested deeper is checked against the locks of the nested suites.
 */
export async function makeLock(
  deps: { finder: DependencyFinder; catalog: SuiteCatalog },
  suite: Suite,
): Promise<string> {
  await resolveChildren(deps, suite, { withLock: false });
  const entries: [string, object][] = [];
  for (const { alias, ref } of suite.dependencies) {
    const { entry, resolved } = await deps.finder.find(ref, { locked: null, offline: false });
    if (entry.suite.id === suite.id) throw new AppError('dependency_invalid', `${alias} is the suite itself`);
    const { packageDigest: digest } = entry.suite;
    const files = await deps.catalog.fileHashes(entry);
    entries.push([alias, { ref: formatRef(ref), resolved, digest, files }]);
  }
  return `${head}${stringify(Object.fromEntries(entries), { lineWidth: 0 })}`;
}
