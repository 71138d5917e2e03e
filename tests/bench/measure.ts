export type Target =
  /** At most this many times the floor. */
  { ratio: number } | { atMost: number } | { atLeast: number };

/** One number of Gantry's beside what this machine can do without it. */
export interface Measure {
  what: string;
  unit: 's' | 'ms' | 'MB' | 'KB' | '%' | '';
  /** Null where there is nothing bare to compare with. */
  floor: number | null;
  gantry: number;
  /** Null: told because it explains the others. */
  target: Target | null;
}

export interface RowResult {
  title: string;
  measures: Measure[];
  /** How it was measured, in a sentence or two. */
  notes: string[];
  /** Why there is nothing to measure yet. */
  notBuilt?: string;
}

/** Null when there is no target. */
export function isMet({ floor, gantry, target }: Measure): boolean | null {
  if (!target) return null;
  if ('atMost' in target) return gantry <= target.atMost;
  if ('atLeast' in target) return gantry >= target.atLeast;
  return floor !== null && gantry <= target.ratio * floor;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** By nearest rank. Throws when there are no values: a number is never made up. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)];
  if (value === undefined) throw new Error('there is no value to take a quantile of');
  return value;
}
