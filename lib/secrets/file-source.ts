import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../model/errors';
import { maxSecretLength } from '../model/secret';
import type { SecretSource } from './secrets';

/**
 * `file:/path`: files of the control plane's machine, read anew each time; one line ending at the end is not a part
 * of the value. With `folders`, only files below one of them, wherever links lead; never one of `ownFiles` or below it:
 * what Gantry itself reads there is no step's secret.
 */
export function createFileSource(
  folders: readonly string[] | null,
  ownFiles: readonly string[],
): SecretSource {
  return {
    async find(file) {
      const real = await locate(file);
      if (folders && !(await isBelow(real, folders))) {
        throw new AppError('secret_missing', `the file is not below GANTRY_SECRET_FOLDERS`);
      }
      if (await isOneOf(real, ownFiles)) {
        throw new AppError(
          'secret_missing',
          'the file belongs to Gantry itself or to its process and is not given to steps',
        );
      }
      const content = await read(real);
      return content.replace(/\r?\n$/, '');
    },
  };
}

async function locate(file: string): Promise<string> {
  try {
    return await realpath(path.resolve('/', file));
  } catch (error) {
    throw cannotRead(error);
  }
}

async function isBelow(real: string, folders: readonly string[]): Promise<boolean> {
  for (const folder of folders) {
    const root = await realpath(folder).catch(() => null);
    if (root && real.startsWith(`${root}${path.sep}`)) return true;
  }
  return false;
}

async function isOneOf(real: string, files: readonly string[]): Promise<boolean> {
  for (const file of files) {
    const own = await realpath(file).catch(() => file);
    if (real === own || real.startsWith(`${own}${path.sep}`)) return true;
  }
  return false;
}

async function read(file: string): Promise<string> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!(await handle.stat()).isFile()) throw new AppError('secret_missing', 'it is not a file');
      const chunk = Buffer.alloc(maxSecretLength * 4 + 1);
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, 0);
      return new TextDecoder('utf-8', { fatal: true }).decode(chunk.subarray(0, bytesRead));
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw error instanceof AppError ? error : cannotRead(error);
  }
}

/** A decoder's message could quote the content. */
function cannotRead(error: unknown): AppError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const words: Record<string, string> = {
    ENOENT: 'there is no such file',
    EACCES: 'Gantry may not read the file',
    ERR_ENCODING_INVALID_ENCODED_DATA: 'the file is not valid UTF-8',
  };
  return new AppError('secret_missing', words[code] ?? `the file cannot be read (${code || 'unknown'})`);
}
