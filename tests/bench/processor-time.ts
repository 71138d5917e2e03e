import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Linux counts in hundredths of a second. */
const tickMs = 10;

/** Percent of a core that each group of processes uses over so many seconds; a process that is gone counts as idle. */
export async function measureUse(groups: readonly (readonly number[])[], seconds: number): Promise<number[]> {
  const before = await Promise.all(groups.map(usedMs));
  const startedMs = performance.now();
  await sleep(seconds * 1000);
  const spanMs = performance.now() - startedMs;
  const after = await Promise.all(groups.map(usedMs));
  return after.map((ms, at) => (100 * (ms - (before[at] ?? 0))) / spanMs);
}

/** Processes whose program has this name. */
export async function processesCalled(name: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map(Number);
  const names = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')));
  return pids.filter((_, at) => names[at]?.trim() === name);
}

async function usedMs(pids: readonly number[]): Promise<number> {
  const times = await Promise.all(pids.map(processMs));
  return times.reduce((sum, ms) => sum + ms, 0);
}

async function processMs(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (text === null) return 0;
  // After the name, which may have spaces and is in brackets: utime and stime are the 14th and 15th field.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}
