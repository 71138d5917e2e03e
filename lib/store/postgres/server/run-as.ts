import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';

/** Whom the server runs as. PostgreSQL refuses root, so for root it is another user. */
export interface RunAs {
  uid: number;
  gid: number;
}

/** Null: as this process. */
export async function chooseUser(): Promise<RunAs | null> {
  if (process.getuid?.() !== 0) return null;
  const users = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const [, uid, gid] = /^nobody:[^:]*:(\d+):(\d+):/m.exec(users) ?? [];
  return { uid: Number(uid ?? 65_534), gid: Number(gid ?? 65_534) };
}

/** Whether the user can come to the folder: every folder on the way lets it through. */
export async function canEnter(user: RunAs | null, folder: string): Promise<boolean> {
  if (!user) return true;
  for (let current = folder; ; current = path.dirname(current)) {
    const { mode, uid, gid } = await stat(current);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (current === path.dirname(current)) return true;
  }
}
