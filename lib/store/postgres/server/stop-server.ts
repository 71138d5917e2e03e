import { constants } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../../../clock';
import type { DataFolder } from './data-folder';
import { isServerOf } from './process-info';

const pollMs = 10;

/** Fast (sessions are ended), after 10 s immediate (recovers at the next start), after 5 s more killed. */
export async function stopServer(
  { clock }: { clock: Clock },
  isEnded: () => boolean,
  kill: (signal: NodeJS.Signals) => void,
  look: () => Promise<void> = async () => undefined,
): Promise<void> {
  const stages = [
    { signal: 'SIGINT', waitMs: 10_000 },
    { signal: 'SIGQUIT', waitMs: 5_000 },
    { signal: 'SIGKILL', waitMs: 5_000 },
  ] as const;
  for (const { signal, waitMs } of stages) {
    await look();
    if (isEnded()) return;
    kill(signal);
    const deadline = clock.monotonicMs() + waitMs;
    while (clock.monotonicMs() < deadline) {
      await look();
      if (isEnded()) return;
      await clock.sleep(pollMs);
    }
  }
}

/** A server that a killed Gantry has left on the folder. */
export async function stopLeftover(
  { clock }: { clock: Clock },
  { data }: DataFolder,
): Promise<number | null> {
  const file = path.join(data, 'postmaster.pid');
  const text = await readFile(file, 'utf8').catch(() => null);
  const pid = Number.parseInt(text ?? '', 10);
  if (text === null || !Number.isInteger(pid)) return null;
  if (!(await isServerOf(pid, data))) {
    // The id may be another program's by now, and PostgreSQL would then refuse to start. The rest of the file
    // stays, for it tells PostgreSQL of child processes that still use the data.
    // The folder is the server's user's own: a link there is not followed.
    const flag = constants.O_WRONLY | constants.O_TRUNC | constants.O_NOFOLLOW;
    await writeFile(file, text.replace(/^\d+/, '999999999'), { flag });
    return null;
  }
  let isEnded = false;
  const ask = async () => {
    isEnded = !(await isServerOf(pid, data));
  };
  await stopServer(
    { clock },
    () => isEnded,
    (signal) => killIfThere(pid, signal),
    ask,
  );
  return pid;
}

function killIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It has just ended.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
