import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * Whether a process with this id is there, of whatever user, and has not ended: one whose parent does not
 * collect it (in a container without an init) keeps its id.
 */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return !(await isZombie(pid));
}

/**
 * Something that another process with the same id would not have: when it started, in the system's own
 * measure. Null when it cannot be told.
 */
export async function startMark(pid: number): Promise<string | null> {
  const line = await statLine(pid);
  // The 22nd field; the second, the name in parentheses, may hold spaces.
  if (line) return line.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  return ps(pid, 'lstart=');
}

/** Whether the process has this folder as its working folder (Linux) or in its command: a server on it. */
export async function isServerOf(pid: number, dataFolder: string): Promise<boolean> {
  if (!(await isRunning(pid))) return false;
  if (process.platform === 'linux') {
    return (await readlink(`/proc/${pid}/cwd`).catch(() => null)) === dataFolder;
  }
  return (await ps(pid, 'command='))?.includes(dataFolder) ?? false;
}

async function isZombie(pid: number): Promise<boolean> {
  const line = await statLine(pid);
  return line?.slice(line.lastIndexOf(')') + 2).startsWith('Z') ?? false;
}

function statLine(pid: number): Promise<string | null> {
  if (process.platform !== 'linux') return Promise.resolve(null);
  return readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
}

async function ps(pid: number, field: string): Promise<string | null> {
  const answer = await promisify(execFile)('ps', ['-o', field, '-p', `${pid}`]).catch(() => null);
  return answer?.stdout.trim() || null;
}
