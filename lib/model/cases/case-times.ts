import { z } from 'zod';
import type { CaseResult } from './case-record';

/**
 * The time of a case. `recentMs` is the median of the newest 25 passes, `earlierMs` of those before; `change` is their
 * ratio less one, null with fewer than 10 earlier passes.
 */
export const caseTimes = z.object({
  medianMs: z.number().nullable(),
  recentMs: z.number().nullable(),
  earlierMs: z.number().nullable(),
  change: z.number().nullable(),
  isSlower: z.boolean(),
});
export type CaseTimes = z.infer<typeof caseTimes>;

const recentPasses = 25;
const minEarlier = 10;
/** A case is slower from a tenth on, and from 5 ms on: below, a clock shows more noise than change. */
const minChange = 0.1;
const minChangeMs = 5;
/** The difference has to be so many standard errors of the two medians. */
const minErrors = 4;

/** Only passes count: a failure takes any time. `results`: oldest first. */
export function timesOf(results: readonly Pick<CaseResult, 'status' | 'durationMs'>[]): CaseTimes {
  const times = results.flatMap(({ status, durationMs }) =>
    status === 'passed' && durationMs !== null ? [durationMs] : [],
  );
  const recent = times.slice(-recentPasses);
  const earlier = times.slice(0, -recentPasses);
  const recentMs = median(recent);
  const earlierMs = earlier.length >= minEarlier ? median(earlier) : null;
  const change = recentMs === null || earlierMs === null || earlierMs === 0 ? null : recentMs / earlierMs - 1;
  const isSlower =
    change !== null &&
    recentMs !== null &&
    earlierMs !== null &&
    change >= minChange &&
    recentMs - earlierMs >= minChangeMs &&
    recentMs - earlierMs > minErrors * Math.hypot(errorOf(recent, recentMs), errorOf(earlier, earlierMs));
  return { medianMs: median(times), recentMs, earlierMs, change, isSlower };
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  if (upper === undefined) return null;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? upper;
  return (lower + upper) / 2;
}

/** The standard error of a median, by the median of the deviations: one outlier does not change it. */
function errorOf(values: readonly number[], middle: number): number {
  const deviation = median(values.map((value) => Math.abs(value - middle))) ?? 0;
  return (1.2533 * 1.4826 * deviation) / Math.sqrt(values.length);
}
