import path from 'node:path';
import type { Clock } from '../../clock';
import { AppError, messageOf } from '../../model/errors';
import type { Logger } from '../../model/logger';
import type { WorkerClientOptions } from '../../threads/worker-client';
import { streamPackage } from '../package/stream';
import type { ReadSuite } from '../read-suite';
import type { CatalogEntry } from '../suite';
import type { SuiteCatalog } from './catalog';
import { type ReadThread, startReadThread } from './read-thread';

interface KnownFolder {
  fingerprint: string;
  read: ReadSuite;
}

/** The folders are checked at most this often, and checks that find nothing new take at most this share of the time. */
const minRefreshMs = 500;
const maxShareOfTime = 1 / 20;

/**
 * Opens the catalog of the suites directly below the roots, each a folder with a suite.yaml. It checks for changes when it
 * is used, by names, sizes and times, and reads only the folders that changed. A root that is missing is logged once and
 * has no suites.
 */
export function openFolderCatalog(
  { clock, logger }: { clock: Clock; logger: Logger },
  roots: readonly string[],
  options: WorkerClientOptions = {},
): SuiteCatalog {
  const thread = startReadThread({ clock }, options);
  const missing = new Set<string>();
  let known = new Map<string, KnownFolder>();
  let entries: CatalogEntry[] = [];
  let nextRefreshMs = Number.NEGATIVE_INFINITY;
  let refreshing: Promise<void> | null = null;

  const foldersOf = async (root: string): Promise<string[]> => {
    const folders = await thread.call('folders', root);
    if (folders) missing.delete(root);
    else if (!missing.has(root)) {
      missing.add(root);
      logger.warn({ root }, 'a suite root does not exist; it has no suites until it does');
    }
    return folders ?? [];
  };

  const refresh = async () => {
    const startMs = clock.monotonicMs();
    const seen = new Map<string, KnownFolder>();
    for (const root of roots) {
      for (const folder of await foldersOf(root)) {
        if (!seen.has(folder)) seen.set(folder, await readIfChanged(thread, folder, known.get(folder)));
      }
    }
    // Reading what changed takes long, and the next check will not.
    const hasRead = [...seen].some(([folder, each]) => known.get(folder) !== each);
    known = seen;
    entries = reportCollisions([...seen.values()].map(({ read }) => read));
    const endMs = clock.monotonicMs();
    nextRefreshMs =
      endMs + (hasRead ? minRefreshMs : Math.max(minRefreshMs, (endMs - startMs) / maxShareOfTime));
  };

  const current = async (): Promise<CatalogEntry[]> => {
    if (clock.monotonicMs() >= nextRefreshMs) {
      refreshing ??= refresh().finally(() => {
        refreshing = null;
      });
      await refreshing;
    }
    return entries;
  };

  return {
    list: current,
    async get(id) {
      const found = (await current()).filter((entry) => entry.id === id);
      return found.find(({ suite }) => suite) ?? found[0] ?? null;
    },
    async openPackage({ suite, folder }) {
      if (!suite) throw new AppError('conflict', `the suite in ${folder} is not valid: it has no package`);
      const digest = await thread.call('digest', folder);
      if (digest !== suite.packageDigest) {
        throw new AppError(
          'conflict',
          `the files of the suite ${suite.id} have changed since it was read; launch it again`,
        );
      }
      return streamPackage(folder, suite);
    },
    read: async (folder) => (await thread.call('read', folder)).entry,
    fileHashes: ({ folder }) => thread.call('hashes', folder),
    close: () => thread.close(),
  };
}

/** The fingerprint is taken before the folder is read: a change in between is found by the next check. */
async function readIfChanged(
  thread: ReadThread,
  folder: string,
  known: KnownFolder | undefined,
): Promise<KnownFolder> {
  try {
    const fingerprint = await thread.call('fingerprint', folder);
    if (known?.fingerprint === fingerprint) return known;
    try {
      return { fingerprint, read: await thread.call('read', folder) };
    } catch (error) {
      return { fingerprint, read: unreadable(folder, error) };
    }
  } catch (error) {
    return { fingerprint: '', read: unreadable(folder, error) };
  }
}

function unreadable(folder: string, error: unknown): ReadSuite {
  const problem = {
    file: 'suite.yaml',
    line: 1,
    column: 1,
    message: `the suite cannot be read: ${messageOf(error)}`,
  };
  return { entry: { id: path.basename(folder), folder, suite: null, problems: [problem] }, idLine: 1 };
}

/** Sorts by id. The first folder with an id keeps it; a later one gets a problem that names the owner. */
function reportCollisions(reads: readonly ReadSuite[]): CatalogEntry[] {
  const owners = new Map<string, string>();
  const entries = reads.map(({ entry, idLine }): CatalogEntry => {
    const owner = owners.get(entry.id);
    if (owner === undefined) {
      owners.set(entry.id, entry.folder);
      return entry;
    }
    const message = `expected an id of its own, found "${entry.id}", which the suite in ${owner} has`;
    const problem = { file: 'suite.yaml', line: idLine, column: 1, message };
    return { ...entry, suite: null, problems: [problem, ...entry.problems] };
  });
  return entries.sort((one, other) => (one.id < other.id ? -1 : one.id > other.id ? 1 : 0));
}
