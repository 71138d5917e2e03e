import { createHash, randomBytes } from 'node:crypto';
import { chmod, lchown, lstat, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from '../../../model/logger';
import { otherDatabase } from './binaries';
import { canEnter, type RunAs } from './run-as';
import { runToEnd } from './run-to-end';

export const superuser = 'gantry';

export interface DataFolder {
  /** The folder that the caller named: it holds the password and the server's log. */
  folder: string;
  /** Holds `data`, the cluster. */
  home: string;
  data: string;
  user: RunAs | null;
  password: string;
}

/**
 * The place of the cluster: the asked folder, or, where the server's user cannot come there (below /root), a
 * folder of that user below /var/tmp, which a file in the asked folder names.
 */
export async function openDataFolder(
  { logger }: { logger: Logger },
  folder: string,
  chosen: RunAs | null,
): Promise<DataFolder> {
  const home = await placeOf({ logger }, folder, chosen);
  const data = path.join(home, 'data');
  return { folder, home, data, user: await ownerOf(data, chosen), password: await passwordOf(folder) };
}

/** Makes the cluster when there is none. A half-made one, of a killed start, is made again. */
export async function makeCluster({ home, data, user, password }: DataFolder, native: string): Promise<void> {
  const versionOf = (file: string) => readFile(file, 'utf8').then((text) => text.trim());
  const made = await versionOf(path.join(data, 'PG_VERSION')).catch(() => null);
  if (made !== null) {
    const { stdout } = await runToEnd(path.join(native, 'bin', 'postgres'), ['--version'], user);
    const brought = /(\d+)/.exec(stdout)?.[1];
    if (made === brought) return;
    throw new Error(
      `${data} was made by PostgreSQL ${made}, and this Gantry brings ${brought}: use the Gantry that made it, or move the folder away to begin anew. ${otherDatabase}`,
    );
  }
  const draft = path.join(home, 'data.new');
  const passwordFile = path.join(home, 'password.new');
  await rm(draft, { recursive: true, force: true });
  await rm(passwordFile, { force: true });
  await mkdir(draft, { mode: 0o700 });
  // The folder may be the server's user's own: never follow a link that somebody has put there.
  await writeFile(passwordFile, password, { mode: 0o600, flag: 'wx' });
  if (user) for (const place of [draft, passwordFile]) await lchown(place, user.uid, user.gid);
  try {
    const options = ['-D', draft, '-U', superuser, '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
    const locale = ['--encoding=UTF8', '--locale=C', '--no-instructions'];
    await runToEnd(path.join(native, 'bin', 'initdb'), [...options, ...locale], user);
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(draft, data);
}

async function placeOf({ logger }: { logger: Logger }, folder: string, user: RunAs | null): Promise<string> {
  const note = path.join(folder, 'data-is-at.txt');
  const noted = await readFile(note, 'utf8').catch(() => '');
  if (!noted && (await canEnter(user, folder))) return folder;
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 12);
  const place = noted.trim() || path.join('/var/tmp', `gantry-data-${name}`);
  if (user) await makePrivateFolder(place, user);
  if (!noted) {
    await writeFile(note, `${place}\n`);
    logger.info(
      { folder, place },
      'PostgreSQL does not run as root and its user cannot come to the data folder: the data is kept elsewhere',
    );
  }
  return place;
}

async function makePrivateFolder(place: string, user: RunAs): Promise<void> {
  await mkdir(place, { mode: 0o700 }).then(
    () => lchown(place, user.uid, user.gid),
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    },
  );
  const found = await lstat(place);
  if (!found.isDirectory() || found.uid !== user.uid) {
    throw new Error(`${place} was not made by Gantry: remove it. It is where its database has to be kept.`);
  }
  await chmod(place, 0o700);
}

/** A cluster that an ordinary user has made goes on as that user when root starts it. */
async function ownerOf(data: string, chosen: RunAs | null): Promise<RunAs | null> {
  const found = await stat(data).catch(() => null);
  if (!found) return chosen;
  if (chosen) return found.uid === 0 ? chosen : { uid: found.uid, gid: found.gid };
  if (found.uid === process.getuid?.()) return null;
  throw new Error(
    `${data} belongs to user ${found.uid}, and Gantry runs as user ${process.getuid?.()}: start it as before, or give it another folder with GANTRY_DATA`,
  );
}

async function passwordOf(folder: string): Promise<string> {
  const file = path.join(folder, 'password');
  const known = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (known) return known;
  const password = randomBytes(24).toString('base64url');
  await writeFile(file, `${password}\n`, { mode: 0o600 });
  return password;
}
