import type { DependencyRef, LockedDependency } from '../model/dependency';
import { AppError } from '../model/errors';
import { formatRef } from '../model/format-ref';
import type { SuiteCatalog } from '../suites/catalog/catalog';
import { isGitUrl } from '../suites/file/schema/ref';
import { fetchGit } from './fetch-git';
import { findInCatalog } from './find-in-catalog';
import type { DependencyFinder, FindOptions, FoundSuite } from './finder';
import type { GitOptions } from './git';
import { pullPackage } from './oci-package';
import type { RegistryOptions } from './oci-registry';
import { openPackageCache } from './package-cache';

export interface FinderOptions {
  catalog: SuiteCatalog;
  git: GitOptions;
  registry: RegistryOptions;
  /** Where what was fetched is kept. */
  cacheFolder: string;
}

type OciRef = Extract<DependencyRef, { type: 'oci' }>;
type GitRef = Extract<DependencyRef, { type: 'git' }>;

/** Finds suites below the roots, in Git repositories and on OCI registries; what was fetched before is at hand. */
export function createFinder({ catalog, git, registry, cacheFolder }: FinderOptions): DependencyFinder {
  const cache = openPackageCache({ catalog, clock: git.clock }, cacheFolder);
  /** The same one is fetched once at a time. */
  const fetching = new Map<string, Promise<FoundSuite>>();

  async function fetchOnce(
    key: string,
    name: string,
    options: FindOptions,
    fetch: () => Promise<FoundSuite>,
  ) {
    const { locked, offline } = options;
    const kept = locked && (await cache.find(locked.digest, name));
    if (locked && kept) return { entry: kept, resolved: locked.resolved };
    if (offline)
      throw new AppError('dependency_unavailable', `${key} is not at hand and would have to be fetched`);
    const known = fetching.get(key) ?? fetch().finally(() => fetching.delete(key));
    fetching.set(key, known);
    return known;
  }

  function fromGit(ref: GitRef, revisions: string[], options: FindOptions): Promise<FoundSuite> {
    // A tag may have moved: what was locked is a commit.
    const commit = lockedCommit(options.locked);
    const wanted = commit ? [commit] : revisions;
    const name = ref.path ?? ref.url;
    return fetchOnce(`${formatRef(ref)} ${wanted}`, name, options, async () => {
      const { entry, fetched } = await cache.add(name, (folders) => fetchGit(git, ref, wanted, folders));
      return { entry, resolved: formatRef({ ...ref, revision: fetched }) };
    });
  }

  function fromRegistry(ref: OciRef, options: FindOptions): Promise<FoundSuite> {
    const resolved = formatRef(ref);
    return fetchOnce(resolved, ref.repository, options, async () => {
      const { entry } = await cache.add(ref.repository, ({ target }) => pullPackage(registry, ref, target));
      return { entry, resolved };
    });
  }

  return {
    async find(ref, options) {
      if (ref.type === 'git') return fromGit(ref, [ref.revision], options);
      if (ref.type === 'oci') return fromRegistry(ref, options);
      const entry = await findInCatalog(catalog, ref);
      if (entry) return { entry, resolved: formatRef(ref) };
      const { name: url, version } = ref;
      if (!isGitUrl(url))
        throw new AppError('dependency_invalid', `there is no suite ${url} below the suite roots`);
      const asGit: GitRef = { type: 'git', url, revision: version, path: null };
      return fromGit(asGit, [version, `v${version}`], options);
    },
  };
}

function lockedCommit(locked: LockedDependency | null): string | null {
  return /#([0-9a-f]{40}(?:[0-9a-f]{24})?)$/.exec(locked?.resolved ?? '')?.[1] ?? null;
}
