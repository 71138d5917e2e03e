import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../model/errors';
import { maxPackageBytes, maxPackageFiles } from '../suites/package/files';

export interface PackageFile {
  /** Relative, `/`-separated. */
  path: string;
  mode: 'file' | 'executable' | 'link';
  /** Target of a link. */
  content: Buffer;
}

/** Throws AppError `dependency_invalid` for what no package may be. */
export function checkSize(files: readonly { bytes: number }[]): void {
  if (files.length > maxPackageFiles) {
    throw new AppError('dependency_invalid', `it has ${files.length} files; the limit is ${maxPackageFiles}`);
  }
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes > maxPackageBytes) {
    throw new AppError(
      'dependency_invalid',
      `it has ${bytes} bytes; the limit is ${maxPackageBytes / 1024 / 1024} MiB`,
    );
  }
}

/**
 * Writes a package that came from elsewhere into an empty folder. Links are written last, so that no file is written
 * through one; whether they stay inside is checked when the suite is read.
 */
export async function writeFiles(folder: string, files: readonly PackageFile[]): Promise<void> {
  checkSize(files.map(({ content }) => ({ bytes: content.length })));
  const links = files.filter(({ mode }) => mode === 'link');
  for (const { path: name, mode, content } of [...files.filter((each) => each.mode !== 'link'), ...links]) {
    const target = path.join(folder, checkedPath(name));
    try {
      await mkdir(path.dirname(target), { recursive: true });
      if (mode === 'link') await symlink(content.toString(), target);
      else await writeFile(target, content, { flag: 'wx', mode: mode === 'executable' ? 0o755 : 0o644 });
    } catch (error) {
      throw ofName(name, error);
    }
  }
}

/** Error codes of a file system for names that are not possible, or not together. */
const nameProblems: Record<string, string> = {
  EEXIST: 'is in it twice, or below another file',
  EISDIR: 'is in it twice, or below another file',
  ENOTDIR: 'is in it twice, or below another file',
  ENAMETOOLONG: 'has too long a name',
  EINVAL: 'has a name that this file system does not take',
};

function ofName(name: string, error: unknown): unknown {
  const problem = error instanceof Error && 'code' in error ? nameProblems[String(error.code)] : undefined;
  if (problem === undefined) return error;
  const shown = name.length > 100 ? `${name.slice(0, 100)}…` : name;
  return new AppError('dependency_invalid', `its file ${JSON.stringify(shown)} ${problem}`, { cause: error });
}

function checkedPath(name: string): string {
  const segments = name.split('/');
  const isBad = segments.some(
    (each) => each === '' || each === '.' || each === '..' || each.toLowerCase() === '.git',
  );
  if (isBad || name.includes('\0') || name.includes('\\')) {
    throw new AppError(
      'dependency_invalid',
      `it has a file ${JSON.stringify(name)}, which leads out of its folder`,
    );
  }
  return name;
}
