import type { Artifact } from '../model/artifact';
import { AppError, messageOf, StoreFull } from '../model/errors';
import type { ArtifactStore } from '../store/artifact-store';

/** A file of an attempt; its path as it may be stored, secrets masked. */
export type ArtifactKey = Pick<Artifact, 'stepId' | 'attempt' | 'path' | 'format'>;

export interface ArtifactWriter {
  /** A file that was read whole. It may be stored later, with others: see `flush`. */
  add(key: ArtifactKey, content: Uint8Array, done: Done): Promise<void>;
  /** Stores what was added and is not stored yet. Rejects with `fenced` alone. */
  flush(): Promise<void>;
}

/** Called once a file, in the order in which they were added, with the artifact or why it could not be stored. */
export type Done = (result: Result) => Promise<void>;
type Result = { artifact: Artifact } | { lost: string };

/** A file of at most this size goes with others. */
const smallBytes = 256 * 1024;
const maxStoredFiles = 500;
const maxStoredBytes = 8 * 1024 * 1024;

interface Added {
  key: ArtifactKey;
  content: Uint8Array;
  done: Done;
}

/** Stores many small files at once: one after another, each would cost several round trips to the database. */
export function createArtifactWriter(
  artifacts: Pick<ArtifactStore, 'put' | 'putMany'>,
  executionId: string,
  maxBytes: number,
  onStore: <T>(work: () => Promise<T>) => Promise<T>,
): ArtifactWriter {
  let added: Added[] = [];
  let bytes = 0;

  async function flush(): Promise<void> {
    const batch = added;
    added = [];
    bytes = 0;
    if (batch.length === 0) return;
    const stored = await storeAtOnce(batch);
    for (const [index, each] of batch.entries()) await each.done(stored?.[index] ?? (await storeAlone(each)));
  }

  /** Null when it is better to try each alone. */
  async function storeAtOnce(batch: readonly Added[]): Promise<Result[] | null> {
    if (batch.length === 1) return null;
    const files = batch.map(({ key, content }) => ({ ...key, content }));
    try {
      const stored = await onStore(() => artifacts.putMany(executionId, files));
      return stored.map((artifact) => ({ artifact }));
    } catch (error) {
      throwIfFenced(error);
      // Waited for already, and not to be waited for once a file.
      return error instanceof StoreFull ? batch.map(() => ({ lost: messageOf(error) })) : null;
    }
  }

  async function storeAlone({ key, content }: Added): Promise<Result> {
    try {
      return {
        artifact: await onStore(() => artifacts.put(executionId, key, onlyChunk(content), maxBytes)),
      };
    } catch (error) {
      throwIfFenced(error);
      return { lost: messageOf(error) };
    }
  }

  return {
    flush,
    async add(key, content, done) {
      const isSmall = content.length <= Math.min(smallBytes, maxBytes);
      if (!isSmall || added.some((each) => each.key.path === key.path)) await flush();
      added.push({ key, content, done });
      bytes += content.length;
      if (!isSmall || added.length >= maxStoredFiles || bytes >= maxStoredBytes) await flush();
    },
  };
}

/** The execution is no longer ours to write to. */
export function throwIfFenced(error: unknown): void {
  if (error instanceof AppError && error.code === 'fenced') throw error;
}

export async function* onlyChunk(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
