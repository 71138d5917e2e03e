import type { Clock } from '../clock';
import type { PlannedNode } from '../model/node';
import { formatBytes } from './outcome';

const pauseMs = 3_000;
/** Measuring takes at most this part of the time. */
const share = 20;
const mebibyte = 1024 * 1024;

/** Tells how much a step has written so far, in bytes; null when it cannot be told now. */
export type MeasureDisk = () => Promise<number | null>;

/** Resolves with a sentence once the step uses more than its `resources.disk`; never without a limit, or after the signal. */
export async function untilOverDisk(
  { clock }: { clock: Clock },
  { resources }: Pick<PlannedNode, 'resources'>,
  measure: MeasureDisk,
  signal: AbortSignal,
): Promise<string> {
  const limit = resources.diskBytes ?? null;
  while (limit !== null && !signal.aborted) {
    const startMs = clock.monotonicMs();
    const used = await measure();
    if (signal.aborted) break;
    if (used !== null && used > limit) return `killed: ${overDisk(used, limit)}`;
    await clock.sleep(Math.max(pauseMs, share * (clock.monotonicMs() - startMs)), signal);
  }
  return new Promise<never>(() => {});
}

/** What to say of a step that had ended before anybody saw that it used too much; nothing where it did not. */
export async function diskWarnings(
  { resources }: Pick<PlannedNode, 'resources'>,
  measure: MeasureDisk,
): Promise<string[]> {
  const limit = resources.diskBytes ?? null;
  const used = limit === null ? null : await measure();
  if (limit === null || used === null || used <= limit) return [];
  return [`It ended before it could be stopped: ${overDisk(used, limit)}.`];
}

function overDisk(used: number, limit: number): string {
  const rounded = Math.ceil(used / mebibyte) * mebibyte;
  return `it used ${formatBytes(rounded)} of disk, and its resources.disk is ${formatBytes(limit)}`;
}
