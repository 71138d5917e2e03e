import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
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
async function readProc(pid: number, file: 'stat' | 'environ'): Promise<string | null> {
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
