import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { AppError, messageOf } from '../../model/errors';
import type { Suite } from '../suite';
import { createPackageHash, digestOf, fileHeader } from './digest';
import { resolveInside } from './files';

/**
 * Streams the package as a tar, read as it is consumed: sorted paths, mode 0644 or 0755, no times, no owners. Throws
 * `conflict` in the end when what was read does not match the digest.
 */
export async function* streamPackage(folder: string, suite: Suite): AsyncIterable<Uint8Array> {
  const tar = pack();
  const written = writeFiles(tar, folder, suite).then(
    () => tar.finalize(),
    (error) => tar.destroy(error instanceof Error ? error : new Error(messageOf(error))),
  );
  try {
    for await (const chunk of Readable.from(tar, { objectMode: false })) yield chunk;
    await written;
  } finally {
    tar.destroy();
  }
}

async function writeFiles(tar: ReturnType<typeof pack>, folder: string, suite: Suite): Promise<void> {
  const hash = createPackageHash();
  const unread = new Promise<void>((resolve) => tar.once('close', resolve));
  for (const file of suite.files) {
    hash.update(fileHeader(file));
    const handle = await openInside(folder, file.path, suite.id);
    try {
      const entry = tar.entry({
        name: file.path,
        size: file.bytes,
        mode: file.executable ? 0o755 : 0o644,
        mtime: new Date(0),
        uid: 0,
        gid: 0,
      });
      // Destroying the tar destroys its entry with the same error, which the tar reports.
      entry.on('error', () => undefined);
      let left = file.bytes;
      for await (const chunk of handle.createReadStream({ autoClose: false })) {
        left -= chunk.length;
        if (left < 0) break;
        hash.update(chunk);
        if (!entry.write(chunk))
          await Promise.race([new Promise<void>((resolve) => entry.once('drain', resolve)), unread]);
        if (tar.destroyed) return;
      }
      if (left !== 0) throw changed(suite.id);
      entry.end(undefined);
    } finally {
      await handle.close();
    }
  }
  if (digestOf(hash) !== suite.packageDigest) throw changed(suite.id);
}

async function openInside(folder: string, path: string, suiteId: string) {
  try {
    return await open(resolveInside(folder, path), constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    throw changed(suiteId, error);
  }
}

function changed(suiteId: string, cause?: unknown): AppError {
  return new AppError(
    'conflict',
    `the files of the suite ${suiteId} changed while they were read; launch it again`,
    {
      cause,
    },
  );
}
