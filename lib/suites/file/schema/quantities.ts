import { z } from 'zod';

const amount = String.raw`(\d{1,9}(?:\.\d{1,6})?)`;
const durationPattern = new RegExp(`^(?=.)(?:${amount}h)?(?:${amount}m)?(?:${amount}s)?(?:${amount}ms)?$`);
const unitsMs = [3_600_000, 60_000, 1_000, 1];
const maxDurationMs = 7 * 24 * 3_600_000;

/**
 * Parses a duration into milliseconds: numbers with the units `h`, `m`, `s`, `ms`, each at most once and from large to
 * small, as in `250ms`, `1.5s`, `1m30s`. Null for any other text. A number without a unit is no duration.
 */
export function parseDuration(source: string): number | null {
  const match = durationPattern.exec(source);
  if (!match) return null;
  return Math.round(unitsMs.reduce((sum, unitMs, index) => sum + Number(match[index + 1] ?? 0) * unitMs, 0));
}

/** Describes a duration from `minMs` to a week, read into milliseconds. */
export function duration(minMs = 1) {
  const expected = 'expected a duration such as 250ms, 30s or 1m30s';
  const source = z.string(expected).regex(durationPattern);
  // A JSON Schema cannot compare durations, but it can refuse zero.
  const checked = minMs > 0 ? source.regex(/^(?![0hms.]+$)/, `${expected} of at least ${minMs}ms`) : source;
  return checked
    .transform((source) => parseDuration(source) ?? 0)
    .pipe(
      z
        .number()
        .min(minMs, `${expected} of at least ${minMs}ms`)
        .max(maxDurationMs, `${expected} of at most 168h`),
    );
}

const minMemory = 6 * 1024 ** 2;
const maxMemory = 4096 * 1024 ** 3;
const memoryUnits = new Map([
  ['', 1],
  ['K', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['Ki', 1024],
  ['Mi', 1024 ** 2],
  ['Gi', 1024 ** 3],
]);
const memoryPattern = /^(\d{1,16}(?:\.\d{1,6})?)([KMG]i?)?$/;
const expectedMemory = 'expected an amount of memory such as 64Mi, 512M or 1Gi';
const outOfRange = `${expectedMemory} between 6Mi and 4096Gi`;
/** Docker accepts no less than the minimum. */
const bytes = z.number().min(minMemory, outOfRange).max(maxMemory, outOfRange);

/** Describes an amount of memory, read into bytes. */
export const memory = z
  .union(
    [
      z.number().min(minMemory, outOfRange).max(maxMemory, outOfRange).transform(Math.ceil),
      z.string().regex(memoryPattern, expectedMemory).transform(bytesOf).pipe(bytes),
    ],
    expectedMemory,
  )
  .meta({
    description:
      'An amount of memory: `K`, `M`, `G` are powers of 1000, `Ki`, `Mi`, `Gi` of 1024, a number alone is bytes. From 6Mi to 4096Gi.',
    examples: ['64Mi', '512M', '1Gi'],
  });

const expectedCpu = 'expected a number of cores from 10m to 1024, such as 2, 0.5 or 500m';
const cores = z.number(expectedCpu).min(0.01).max(1024);

/** Describes an amount of processor time, read into cores. */
export const cpu = z
  .union(
    [
      cores,
      z
        .string(expectedCpu)
        .regex(/^\d{1,7}m$/)
        .transform((source) => Number.parseInt(source, 10) / 1000)
        .pipe(cores),
    ],
    expectedCpu,
  )
  .meta({
    description: 'Cores: a number, or thousandths with `m`. From 10m to 1024.',
    examples: ['500m', 0.5, 2],
  });

function bytesOf(source: string): number {
  const [, number, unit = ''] = memoryPattern.exec(source) ?? [];
  return Math.ceil(Number(number) * (memoryUnits.get(unit) ?? 1));
}
