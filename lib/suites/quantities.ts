import { describe } from './place';
import type { Reader } from './readers';
import { PlainScalar } from './yaml-schema';

const amount = String.raw`(\d{1,9}(?:\.\d{1,6})?)`;
const durationForm = new RegExp(`^(?:${amount}h)?(?:${amount}m)?(?:${amount}s)?(?:${amount}ms)?$`);
const unitsMs = [3_600_000, 60_000, 1_000, 1];
const longestMs = 7 * 24 * 3_600_000;

/**
 * Milliseconds of a duration: numbers with the units `h`, `m`, `s`, `ms`, each at most once and from large to
 * small: `250ms`, `1.5s`, `1m30s`, `1h`. Null when it is none. A number without a unit is none.
 */
export function parseDuration(source: string): number | null {
  const match = source === '' ? null : durationForm.exec(source);
  if (!match) return null;
  return Math.round(unitsMs.reduce((sum, unitMs, index) => sum + Number(match[index + 1] ?? 0) * unitMs, 0));
}

/** A duration from `minMs` to a week. */
export function duration(minMs = 1): Reader<number> {
  return (value, place) => {
    const ms = typeof value === 'string' ? parseDuration(value) : null;
    if (ms !== null && ms >= minMs && ms <= longestMs) return ms;
    const limits = ms === null ? '' : ms > longestMs ? ' of at most 168h' : ` of at least ${minMs}ms`;
    place.complain(`expected a duration such as 250ms, 30s or 1m30s${limits}, found ${describe(value)}`);
    return null;
  };
}

const memoryUnits = new Map([
  ['', 1],
  ['K', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['Ki', 1024],
  ['Mi', 1024 ** 2],
  ['Gi', 1024 ** 3],
]);

/**
 * Bytes: a number with `K`, `M`, `G` (powers of 1000), `Ki`, `Mi`, `Gi` (powers of 1024), or without unit. From
 * 6Mi, the least that Docker takes, to 4096Gi.
 */
export const memory: Reader<number> = (value, place) => {
  const source = value instanceof PlainScalar ? value.source : typeof value === 'string' ? value : '';
  const match = /^(\d{1,16}(?:\.\d{1,6})?)([KMG]i?)?$/.exec(source);
  const bytes = match ? Math.ceil(Number(match[1]) * (memoryUnits.get(match[2] ?? '') ?? 1)) : null;
  if (bytes !== null && bytes >= 6 * 1024 ** 2 && bytes <= 4096 * 1024 ** 3) return bytes;
  const limits = bytes === null ? '' : ' between 6Mi and 4096Gi';
  place.complain(`expected an amount of memory such as 64Mi, 512M or 1Gi${limits}, found ${describe(value)}`);
  return null;
};

/** Cores: a number, or thousandths with `m` as in `500m`. From 10m to 1024. */
export const cpu: Reader<number> = (value, place) => {
  const thousandths = typeof value === 'string' ? /^(\d{1,7})m$/.exec(value)?.[1] : undefined;
  const cores =
    thousandths !== undefined
      ? Number(thousandths) / 1000
      : value instanceof PlainScalar && typeof value.value === 'number'
        ? value.value
        : Number.NaN;
  if (cores >= 0.01 && cores <= 1024) return cores;
  place.complain(
    `expected a number of cores from 10m to 1024, such as 2, 0.5 or 500m, found ${describe(value)}`,
  );
  return null;
};
