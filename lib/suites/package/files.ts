import { realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../../model/errors';
import type { SuiteFile, SuiteProblem } from '../../model/suite';
import { quote } from '../file/issue';
import { type WalkedEntry, walkFolder } from './walk-folder';

export const maxPackageFiles = 10_000;
export const maxPackageBytes = 64 * 1024 * 1024;
const maxPathLength = 1_000;

/**
 * Lists the files of a package in order of path, and what cannot be part of one. A symbolic link to a file inside the
 * folder counts as a file with that content; one that is absolute, broken, leads out or to a folder is a problem.
 */
export function listPackage(folder: string): { files: SuiteFile[]; problems: SuiteProblem[] } {
  const files: SuiteFile[] = [];
  const problems: SuiteProblem[] = [];
  const addProblem = (file: string, message: string) => problems.push({ file, line: 1, column: 1, message });
  let bytes = 0;
  try {
    for (const entry of walkFolder(folder)) {
      if (entry.stats.isDirectory()) continue;
      const read = readEntry(folder, entry);
      if (typeof read === 'string') {
        addProblem(entry.path, read);
        continue;
      }
      files.push(read);
      bytes += read.bytes;
      if (files.length > maxPackageFiles) {
        addProblem(
          'suite.yaml',
          `expected a folder of at most ${maxPackageFiles} files, found more, among them ${entry.path}`,
        );
        break;
      }
      if (bytes > maxPackageBytes) {
        const limit = `${maxPackageBytes / 1024 / 1024} MiB`;
        addProblem(
          'suite.yaml',
          `expected a folder of at most ${limit}, found more; ${entry.path} has ${read.bytes} bytes`,
        );
        break;
      }
    }
  } catch (error) {
    addProblem('suite.yaml', `the folder cannot be read: ${messageOf(error)}`);
  }
  files.sort((one, other) => (one.path < other.path ? -1 : 1));
  return { files, problems };
}

/** Resolves the path of a package's file, links followed. Throws when it is not inside the folder. */
export function resolveInside(folder: string, relative: string): string {
  const root = realpathSync(folder);
  const real = realpathSync(path.join(root, relative));
  if (!real.startsWith(root + path.sep)) throw new Error(`${relative} leads out of the folder`);
  return real;
}

function readEntry(folder: string, { path: relative, stats }: WalkedEntry): SuiteFile | string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be in a name.
  if (/[\x00-\x1f\x7f\\\ufffd]/.test(relative)) {
    return `expected a file name of valid UTF-8 without control characters and "\\", found ${quote(relative)}`;
  }
  if (relative.length > maxPathLength) return `expected a path of at most ${maxPathLength} characters`;
  if (stats.isFile()) {
    return { path: relative, bytes: Number(stats.size), executable: (stats.mode & 0o100n) !== 0n };
  }
  if (!stats.isSymbolicLink()) return 'expected a file or a folder, found a socket, pipe or device';
  try {
    const target = statSync(resolveInside(folder, relative));
    if (!target.isFile()) return 'expected a symbolic link to a file, found one to a folder';
    return { path: relative, bytes: target.size, executable: (target.mode & 0o100) !== 0 };
  } catch {
    return 'expected a symbolic link to a file inside the folder, found one that leads out of it or nowhere';
  }
}
