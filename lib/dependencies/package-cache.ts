import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, utimes } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../clock';
import { AppError } from '../model/errors';
import type { SuiteCatalog } from '../suites/catalog/catalog';
import { isDnsLabel } from '../suites/file/schema/names';
import { mainFiles } from '../suites/read-main';
import type { CatalogEntry, Suite } from '../suites/suite';
import { invalidChild } from './find-in-catalog';

/** Suites that were fetched, by the digest of their package. */
export interface PackageCache {
  /** Null when it is not there, or is not what its digest says any more. */
  find(digest: string, name: string): Promise<(CatalogEntry & { suite: Suite }) | null>;
  /** Fetches into an empty folder, reads the suite and keeps it. Answers with what `fetch` answered. */
  add<T>(
    name: string,
    fetch: (folders: { scratch: string; target: string }) => Promise<T>,
  ): Promise<{ entry: CatalogEntry & { suite: Suite }; fetched: T }>;
}

const useNotedMs = 60 * 60_000;

/** `folder` is made when it is needed. The name of a suite's folder is its id unless it says another. */
export function openPackageCache(
  { catalog, clock }: { catalog: SuiteCatalog; clock: Clock },
  folder: string,
): PackageCache {
  const placeOf = (digest: string) => path.join(folder, digest.replace(/^sha256:/, ''));

  /** The list of suites asks often. */
  const read = new Map<string, CatalogEntry & { suite: Suite }>();
  const usedAtMs = new Map<string, number>();

  /** Its folder says when it was last used, within the hour: see prune-cache.ts. */
  async function noteUse(digest: string): Promise<void> {
    const now = clock.now();
    if (now.getTime() - (usedAtMs.get(digest) ?? 0) < useNotedMs) return;
    usedAtMs.set(digest, now.getTime());
    // A folder that cannot be written is as good to read from.
    await utimes(placeOf(digest), now, now).catch(() => undefined);
  }

  const cache: PackageCache = {
    async find(digest, name) {
      const known = read.get(digest);
      // A package is checked against its digest once more when it is opened to be run.
      if (known && mainFiles.some((file) => existsSync(path.join(known.folder, file)))) {
        await noteUse(digest);
        return known;
      }
      const entry = await catalog.read(path.join(placeOf(digest), labelOf(name)));
      if (entry.suite?.packageDigest !== digest) return null;
      const found = { ...entry, suite: entry.suite };
      read.set(digest, found);
      await noteUse(digest);
      return found;
    },
    async add(name, fetch) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const work = await mkdtemp(path.join(folder, 'fetching-'));
      try {
        const label = labelOf(name);
        const [scratch, kept] = [path.join(work, 'scratch'), path.join(work, 'kept')];
        const target = path.join(kept, label);
        await mkdir(scratch);
        await mkdir(target, { recursive: true });
        const fetched = await fetch({ scratch, target });
        const entry = await catalog.read(target);
        if (!entry.suite) throw invalidChild(name, entry);
        const place = placeOf(entry.suite.packageDigest);
        // Whatever is there under this digest is older and may be damaged.
        read.delete(entry.suite.packageDigest);
        await rm(place, { recursive: true, force: true });
        await rename(kept, place);
        const found = await cache.find(entry.suite.packageDigest, label);
        if (!found) throw new AppError('dependency_unavailable', `${name} changed while it was being kept`);
        return { entry: found, fetched };
      } finally {
        await rm(work, { recursive: true, force: true });
      }
    },
  };
  return cache;
}

/** The last part of a URL, as a folder's name that can be an id. */
function labelOf(name: string): string {
  const last =
    name
      .replace(/\/+$/, '')
      .split(/[/:]/)
      .at(-1)
      ?.replace(/\.git$/, '')
      .toLowerCase() ?? '';
  return isDnsLabel(last) ? last : 'suite';
}
