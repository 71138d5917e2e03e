import type { CaseStreak } from '@/lib/model/cases/case-figures';
import { formatDuration } from '../time';

/** "Failing for 3 runs". */
export function failingWords({ failures, isCut }: CaseStreak): string {
  if (failures === 1 && !isCut) return 'Failed in the last run';
  return `Failing for ${isCut ? 'at least ' : ''}${failures === 1 ? '1 run' : `${failures} runs`}`;
}

/** A change of time in percent, with its sign. */
export function trendWords(change: number): string {
  const percent = Math.round(change * 100);
  return `${percent > 0 ? '+' : ''}${percent} %`;
}

/** A duration with milliseconds below a second. */
export function preciseDuration(ms: number): string {
  return ms < 1_000 ? `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms` : formatDuration(ms);
}
