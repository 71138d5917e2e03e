const units: Record<string, number> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  d: 86_400e9,
  w: 604_800e9,
};
const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h|d|w)/g;

/** Parses a duration such as `1m30s` or `2d` into nanoseconds; null for any other text. */
export function parseGoDuration(text: string): number | null {
  if (text === '0') return 0;
  if (!/^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h|d|w))+$/.test(text)) return null;
  return [...text.matchAll(part)].reduce(
    (sum, [, amount, unit = '']) => sum + Number(amount) * (units[unit] ?? 0),
    0,
  );
}

/** Writes nanoseconds as Go does: `1m30s`, `1.5s`, `250ms`, `0s`. */
export function formatGoDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return '0s';
  if (nanoseconds < 1e9) {
    for (const unit of ['ms', 'µs', 'ns']) {
      const size = units[unit] ?? 1;
      if (nanoseconds >= size) return `${nanoseconds / size}${unit}`;
    }
  }
  const hours = Math.floor(nanoseconds / 3600e9);
  const minutes = Math.floor((nanoseconds % 3600e9) / 60e9);
  const seconds = (nanoseconds % 60e9) / 1e9;
  const whole = hours > 0 ? `${hours}h${minutes}m` : minutes > 0 ? `${minutes}m` : '';
  return `${whole}${Number(seconds.toFixed(9))}s`;
}

const powers: Record<string, number> = { '': 0, k: 1, m: 2, g: 3, t: 4, p: 5 };

/** Parses an amount of memory such as `64m`, `1.5gb` or `1024` into bytes, in powers of 1024; null for any other text. */
export function parseBytes(text: string): number | null {
  const [, sign = '', amount, unit = ''] = /^(-?)(\d+(?:\.\d+)?) ?([kmgtp]?)i?b?$/i.exec(text) ?? [];
  if (amount === undefined) return null;
  const bytes = Math.trunc(Number(amount) * 1024 ** (powers[unit.toLowerCase()] ?? 0));
  return sign === '-' ? -bytes : bytes;
}
