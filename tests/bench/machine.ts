import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** More than this part of the machine in use by others disturbs a row. */
const maxUse = 0.15;
const waitSeconds = 30;

/** Waits a while for others to be quiet; answers the part of the machine that they still use. */
export async function untilCalm(): Promise<{ use: number; isDisturbed: boolean }> {
  let use = 1;
  for (let second = 0; second < waitSeconds && use > maxUse; second += 1) use = await measureUse();
  return { use, isDisturbed: use > maxUse };
}

async function measureUse(): Promise<number> {
  const before = await times();
  await sleep(1_000);
  const after = await times();
  return 1 - (after.idle - before.idle) / Math.max(1, after.all - before.all);
}

async function times(): Promise<{ idle: number; all: number }> {
  const [total = ''] = (await readFile('/proc/stat', 'utf8')).split('\n');
  const values = total.trim().split(/\s+/).slice(1, 9).map(Number);
  // user nice system idle iowait irq softirq steal
  return { idle: (values[3] ?? 0) + (values[4] ?? 0), all: values.reduce((sum, value) => sum + value, 0) };
}

export function describeMachine(): string {
  const [first] = cpus();
  return `${cpus().length} × ${first?.model.trim() ?? 'unknown processor'}, Node ${process.versions.node}`;
}
