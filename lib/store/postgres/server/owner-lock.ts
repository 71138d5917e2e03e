import { link, readdir, readFile, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { Clock } from '../../../clock';
import { isRunning, startMark } from './process-info';

const owner = z.object({
  pid: z.int(),
  startMark: z.string().nullable(),
  host: z.string(),
  since: z.string(),
  released: z.boolean(),
});
type Owner = z.infer<typeof owner>;

const beatMs = 5_000;
/** An owner on another host (a container that shares the folder) is gone after so long without a beat. */
const silenceMs = 20_000;

/**
 * Makes this process the one owner of the folder, or rejects with a message that names the owner. Owners are
 * numbered files: whoever follows number n makes n + 1, which exists once, so that of two processes that find
 * the same dead owner one wins. The newest file stays, also when it is released.
 */
export async function lockFolder(
  { clock }: { clock: Clock },
  folder: string,
): Promise<{ release(): Promise<void> }> {
  const mine: Owner = {
    pid: process.pid,
    startMark: await startMark(process.pid),
    host: hostname(),
    since: clock.now().toISOString(),
    released: false,
  };
  const draft = path.join(folder, `owner.${process.pid}.draft`);
  await writeFile(draft, JSON.stringify(mine), { mode: 0o600 });
  try {
    const file = await takeNextNumber({ clock }, folder, draft);
    const released = new AbortController();
    void keepBeating({ clock }, file, released.signal);
    return {
      async release() {
        released.abort();
        await writeFile(file, JSON.stringify({ ...mine, released: true }));
      },
    };
  } finally {
    await unlink(draft);
  }
}

async function takeNextNumber({ clock }: { clock: Clock }, folder: string, draft: string): Promise<string> {
  for (;;) {
    const newest = (await ownerNumbers(folder)).at(-1) ?? 0;
    const holder = newest > 0 ? await holderOf({ clock }, ownerFile(folder, newest)) : null;
    if (holder) {
      throw new Error(
        `${folder} is in use by another Gantry, process ${holder.pid} on ${holder.host} since ${holder.since}: ` +
          'stop that one, or give this one its own folder with GANTRY_DATA, or let both use one PostgreSQL with DATABASE_URL',
      );
    }
    const file = ownerFile(folder, newest + 1);
    const isMine = await link(draft, file).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return false;
        throw error;
      },
    );
    if (!isMine) continue;
    const numbers = await ownerNumbers(folder);
    // Someone has passed this number while it was free again.
    const isPassed = numbers.some((number) => number > newest + 1);
    const old = isPassed ? [newest + 1] : numbers.filter((number) => number <= newest);
    for (const number of old) await unlink(ownerFile(folder, number)).catch(() => undefined);
    if (!isPassed) return file;
  }
}

function ownerFile(folder: string, number: number): string {
  return path.join(folder, `owner-${number}.json`);
}

async function ownerNumbers(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names
    .flatMap((name) => /^owner-(\d+)\.json$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/** The owner, when it is there still. */
async function holderOf({ clock }: { clock: Clock }, file: string): Promise<Owner | null> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const parsed = owner.safeParse(parseOrNull(text));
  if (!parsed.success || parsed.data.released) return null;
  const holder = parsed.data;
  if (holder.host !== hostname()) {
    const beatAt = await stat(file).then(
      (found) => found.mtimeMs,
      () => 0,
    );
    return clock.now().getTime() - beatAt < silenceMs ? holder : null;
  }
  if (!(await isRunning(holder.pid))) return null;
  return (await startMark(holder.pid)) === holder.startMark ? holder : null;
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function keepBeating({ clock }: { clock: Clock }, file: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await utimes(file, clock.now(), clock.now()).catch(() => undefined);
    await clock.sleep(beatMs, signal);
  }
}
