import { createWriteStream } from 'node:fs';
import { chmod, mkdir, readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { nanoid } from 'nanoid';
import { type Extract, extract } from 'tar-stream';
import { AppError, messageOf } from '../../model/errors';
import { normalizePath } from '../artifact-selection';
import type { OpenPackage } from '../backend';
import { isFolder } from './scratch';

/**
 * The read-only folder with the package's files below `parent`, made at the first call. Only plain files and
 * folders are taken: a link, an absolute path or one that climbs out fails the whole package.
 */
export async function packageFolder(
  { openPackage }: { openPackage: OpenPackage },
  parent: string,
  digest: string,
): Promise<string> {
  const folder = path.join(parent, digest.replace(/[^a-zA-Z0-9]/g, '-'));
  if (await isFolder(folder)) return folder;
  const draft = `${folder}.${nanoid(8)}`;
  await mkdir(draft, { recursive: true });
  try {
    await extractInto(draft, await openPackage(digest));
    await takeWriteAway(draft);
    await rename(draft, folder);
  } catch (error) {
    if (await isFolder(folder)) return folder;
    throw new AppError('backend_failed', `The package ${digest} cannot be unpacked: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return folder;
}

async function extractInto(folder: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  const entries = extract();
  const taking = takeEntries(folder, entries).catch((error: unknown) => {
    entries.destroy();
    throw error;
  });
  await Promise.all([taking, pipeline(Readable.from(content), entries)]);
}

async function takeEntries(folder: string, entries: Extract): Promise<void> {
  for await (const entry of entries) {
    const { name, type, mode = 0o644 } = entry.header;
    const relative = normalizePath(name);
    if (type === 'directory' && (relative !== null || name === './')) {
      if (relative) await mkdir(path.join(folder, relative), { recursive: true });
      entry.resume();
      continue;
    }
    if (relative === null) throw new Error(`${JSON.stringify(name)} is outside of the package`);
    if (type !== 'file') throw new Error(`${JSON.stringify(name)} is a ${type}, not a file`);
    const target = path.join(folder, relative);
    await mkdir(path.dirname(target), { recursive: true });
    await pipeline(entry, createWriteStream(target, { flags: 'wx', mode: 0o600 }));
    await chmod(target, mode & 0o555);
  }
}

/** Of folders; files have none from the beginning. From the inside out. */
async function takeWriteAway(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await takeWriteAway(path.join(folder, entry.name));
  }
  await chmod(folder, 0o555);
}
