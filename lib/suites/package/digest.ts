import { createHash, type Hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { SuiteFile } from '../../model/suite';
import { resolveInside } from './files';

const chunkBytes = 256 * 1024;
const shortHashLength = 16;

/**
 * Computes `sha256:…` over path, executable bit, size and content of each file, in order of path: the same on every
 * machine, whatever times, umask and order the files have. Throws when a file changes while it is read.
 */
export function digestPackage(folder: string, files: readonly SuiteFile[]): string {
  const hash = createPackageHash();
  for (const file of files) addFile(hash, folder, file);
  return digestOf(hash);
}

/** Computes by path the beginning of a sha256 over the same parts of each file. */
export function hashFiles(folder: string, files: readonly SuiteFile[]): Record<string, string> {
  return Object.fromEntries(
    files.map((file) => {
      const hash = createHash('sha256');
      addFile(hash, folder, file);
      return [file.path, hash.digest('hex').slice(0, shortHashLength)];
    }),
  );
}

function addFile(hash: Hash, folder: string, file: SuiteFile): void {
  hash.update(fileHeader(file));
  const chunk = Buffer.allocUnsafe(chunkBytes);
  const descriptor = openSync(resolveInside(folder, file.path), constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    if (fstatSync(descriptor).size !== file.bytes) throw new Error(`${file.path} changed while it was read`);
    let left = file.bytes;
    while (left > 0) {
      const count = readSync(descriptor, chunk, 0, Math.min(chunkBytes, left), null);
      if (count === 0) throw new Error(`${file.path} changed while it was read`);
      hash.update(chunk.subarray(0, count));
      left -= count;
    }
  } finally {
    closeSync(descriptor);
  }
}

export function createPackageHash(): Hash {
  return createHash('sha256').update('gantry-package-1\n');
}

/** Formats what the digest covers of a file before its content. */
export function fileHeader({ path, bytes, executable }: SuiteFile): string {
  return `${path}\0${executable ? '0755' : '0644'}\0${bytes}\0`;
}

export function digestOf(hash: Hash): string {
  return `sha256:${hash.digest('hex')}`;
}
