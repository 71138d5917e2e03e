import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A process group by its leader. The start time tells it from a later process with the same id. */
export interface GroupLeader {
  pid: number;
  startedAt: string;
}

interface ProcessState {
  pid: number;
  groupId: number;
  startedAt: string;
  isZombie: boolean;
}

/** One line of `/proc/<pid>/stat`, or of `ps -o pid=,pgid=,stat=,lstart=` where there is no /proc. */
export function parseProcessState(line: string): ProcessState | null {
  return line.includes('(') ? parseProcStat(line) : parsePs(line);
}

/** Whether the leader itself runs. A zombie does not: where pid 1 reaps nothing it stays for ever. */
export async function isAlive(leader: GroupLeader): Promise<boolean> {
  const state = await stateOf(leader.pid);
  return state !== null && state.startedAt === leader.startedAt && !state.isZombie;
}

/**
 * Sends a signal to all of the group. Nothing is sent when another process has got the leader's id; while
 * members of the group live, the system gives the id to nobody.
 */
export async function signalGroup(leader: GroupLeader, signal: NodeJS.Signals): Promise<void> {
  const state = await stateOf(leader.pid);
  if (state && state.startedAt !== leader.startedAt) return;
  sendSignal(-leader.pid, signal);
}

/** Members that run, whether or not the leader still does. */
export async function liveMembers(leader: GroupLeader): Promise<number[]> {
  const state = await stateOf(leader.pid);
  if (state && state.startedAt !== leader.startedAt) return [];
  const all = await allProcesses();
  return all.filter((each) => each.groupId === leader.pid && !each.isZombie).map(({ pid }) => pid);
}

/**
 * Sends a signal to all of the group but its leader and those that read from a pipe: they end when what they read ends.
 * To all of the group where there is no /proc to tell.
 */
export async function signalSources(leader: GroupLeader, signal: NodeJS.Signals): Promise<void> {
  const members = (await liveMembers(leader)).filter((pid) => pid !== leader.pid);
  if (process.platform !== 'linux' || members.length === 0) return signalGroup(leader, signal);
  for (const pid of await sourcesOf(members)) sendSignal(pid, signal);
}

/** Returns the processes that do not read from a pipe; all of them where that is unknown. */
export async function sourcesOf(pids: readonly number[]): Promise<number[]> {
  const reads = await Promise.all(pids.map(readsFromPipe));
  return pids.filter((_, index) => !reads[index]);
}

/** Of a process that is gone, or another user's, nothing is known. */
async function readsFromPipe(pid: number): Promise<boolean> {
  try {
    return (await readlink(`/proc/${pid}/fd/0`)).startsWith('pipe:');
  } catch {
    return false;
  }
}

/** The command lines of these processes, without those that are gone. */
export async function commandsOf(pids: readonly number[]): Promise<string[]> {
  const lines = await Promise.all(
    pids.map((pid) => (process.platform === 'linux' ? readProc(pid, 'cmdline') : psCommand(pid))),
  );
  return lines.flatMap((line) => line?.replaceAll('\0', ' ').trim() || []);
}

/** Processes whose env names the folder, also those that left their group. Only where there is /proc. */
export async function processesWithEnv(folder: string): Promise<number[]> {
  if (process.platform !== 'linux') return [];
  const found: number[] = [];
  for (const pid of await procIds()) {
    const env = await readProc(pid, 'environ');
    if (env?.includes(folder)) found.push(pid);
  }
  return found;
}

/** False when there is no such process or group. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

async function stateOf(pid: number): Promise<ProcessState | null> {
  const line = process.platform === 'linux' ? await readProc(pid, 'stat') : await psLine(pid);
  return line === null ? null : parseProcessState(line);
}

async function allProcesses(): Promise<ProcessState[]> {
  const lines =
    process.platform === 'linux'
      ? await Promise.all((await procIds()).map((pid) => readProc(pid, 'stat')))
      : (await run('ps', ['-A', '-o', 'pid=,pgid=,stat=,lstart='])).stdout.split('\n');
  return lines.flatMap((line) => {
    const state = line === null ? null : parseProcessState(line);
    return state ? [state] : [];
  });
}

async function procIds(): Promise<number[]> {
  return (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
}

/** Null when the process is gone or another user's. */
async function readProc(pid: number, file: 'stat' | 'environ' | 'cmdline'): Promise<string | null> {
  try {
    return await readFile(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return null;
  }
}

/** `ps` ends with 1 when there is no such process. */
async function psLine(pid: number): Promise<string | null> {
  try {
    return (await run('ps', ['-o', 'pid=,pgid=,stat=,lstart=', '-p', String(pid)])).stdout;
  } catch {
    return null;
  }
}

async function psCommand(pid: number): Promise<string | null> {
  try {
    return (await run('ps', ['-o', 'command=', '-p', String(pid)])).stdout;
  } catch {
    return null;
  }
}

/** The name, in parentheses, may hold anything, also parentheses. */
function parseProcStat(line: string): ProcessState | null {
  const pid = Number.parseInt(line, 10);
  const fields = line
    .slice(line.lastIndexOf(')') + 1)
    .trim()
    .split(' ');
  const [state, , groupId] = fields;
  const startedAt = fields[19];
  if (!Number.isInteger(pid) || !startedAt) return null;
  return { pid, groupId: Number(groupId), startedAt, isZombie: state === 'Z' || state === 'X' };
}

function parsePs(line: string): ProcessState | null {
  const [, pid, groupId, state, startedAt] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line) ?? [];
  if (!pid || !groupId || !state || !startedAt) return null;
  return { pid: Number(pid), groupId: Number(groupId), startedAt, isZombie: state.startsWith('Z') };
}
