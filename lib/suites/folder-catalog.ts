import path from 'node:path';
import type { Clock } from '../clock';
import { AppError, messageOf } from '../model/errors';
import type { Logger } from '../model/logger';
import type { CatalogEntry } from '../model/suite';
import type { WorkThreadOptions } from '../threads/work-thread';
import type { SuiteCatalog } from './catalog';
import { streamPackage } from './package-stream';
import type { ReadSuite } from './read-suite';
import { type ReadThread, startReadThread } from './read-thread';

interface KnownFolder {
  fingerprint: string;
  read: ReadSuite;
}

/** A look at the files is at most this often, and one that finds nothing new takes at most this share of the time. */
const lookEveryMs = 500;
const maxShareOfTime = 1 / 20;

/**
 * The suites directly below the roots, each a folder with a suite.yaml. Looks for changes when it is asked, by
 * names, sizes and times, and reads only the folders that changed. A root that is missing is logged once and has
 * no suites.
 */
export function openFolderCatalog(
  { clock, logger }: { clock: Clock; logger: Logger },
  roots: readonly string[],
  options: WorkThreadOptions = {},
): SuiteCatalog {
  const thread = startReadThread({ clock }, options);
  const missing = new Set<string>();
  let known = new Map<string, KnownFolder>();
  let entries: CatalogEntry[] = [];
  let nextLookMs = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | null = null;

  const foldersOf = async (root: string): Promise<string[]> => {
    const folders = await thread.ask('folders', root);
    if (folders) missing.delete(root);
    else if (!missing.has(root)) {
      missing.add(root);
      logger.warn({ root }, 'a suite root does not exist; it has no suites until it does');
    }
    return folders ?? [];
  };

  const look = async () => {
    const startMs = clock.monotonicMs();
    const seen = new Map<string, KnownFolder>();
    for (const root of roots) {
      for (const folder of await foldersOf(root)) {
        if (!seen.has(folder)) seen.set(folder, await readIfChanged(thread, folder, known.get(folder)));
      }
    }
    // Reading what changed takes long, and the next look will not.
    const hasRead = [...seen].some(([folder, each]) => known.get(folder) !== each);
    known = seen;
    entries = tellCollisions([...seen.values()].map(({ read }) => read));
    const endMs = clock.monotonicMs();
    nextLookMs = endMs + (hasRead ? lookEveryMs : Math.max(lookEveryMs, (endMs - startMs) / maxShareOfTime));
  };

  const current = async (): Promise<CatalogEntry[]> => {
    if (clock.monotonicMs() >= nextLookMs) {
      looking ??= look().finally(() => {
        looking = null;
      });
      await looking;
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
      const digest = await thread.ask('digest', folder);
      if (digest !== suite.packageDigest) {
        throw new AppError(
          'conflict',
          `the files of the suite ${suite.id} have changed since it was read; launch it again`,
        );
      }
      return streamPackage(folder, suite);
    },
    read: async (folder) => (await thread.ask('read', folder)).entry,
    fileHashes: ({ folder }) => thread.ask('hashes', folder),
    close: () => thread.close(),
  };
}

/** The fingerprint is older than what is read: a change in between is seen at the next look. */
async function readIfChanged(
  thread: ReadThread,
  folder: string,
  known: KnownFolder | undefined,
): Promise<KnownFolder> {
  try {
    const fingerprint = await thread.ask('fingerprint', folder);
    if (known?.fingerprint === fingerprint) return known;
    try {
      return { fingerprint, read: await thread.ask('read', folder) };
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

/** In order of id. The first folder with an id keeps it; a later one is told who has it. */
function tellCollisions(reads: readonly ReadSuite[]): CatalogEntry[] {
  const owners = new Map<string, string>();
  const told = reads.map(({ entry, idLine }): CatalogEntry => {
    const owner = owners.get(entry.id);
    if (owner === undefined) {
      owners.set(entry.id, entry.folder);
      return entry;
    }
    const message = `expected an id of its own, found "${entry.id}", which the suite in ${owner} has`;
    const problem = { file: 'suite.yaml', line: idLine, column: 1, message };
    return { ...entry, suite: null, problems: [problem, ...entry.problems] };
  });
  return told.sort((one, other) => (one.id < other.id ? -1 : one.id > other.id ? 1 : 0));
}
