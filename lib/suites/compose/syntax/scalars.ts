/** A number as Go holds it, whose text in a variable is Go's, not the file's. */
export type GoNumber = number | bigint;

const nullText = /^(?:~|null|Null|NULL|)$/;
const truth = new Map<string, boolean>([
  ...['true', 'True', 'TRUE'].map((text): [string, boolean] => [text, true]),
  ...['false', 'False', 'FALSE'].map((text): [string, boolean] => [text, false]),
]);
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const date =
  /^\d{4}-\d{1,2}-\d{1,2}(?:(?:[Tt]|[ \t]+)\d{1,2}:\d{2}:\d{2}(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d{1,2}(?::?\d{2})?))?)?$/;
const maxUint64 = 18_446_744_073_709_551_615n;

/** A bare date, which Compose reads as a point in time and refuses wherever a text is expected. */
export class BareDate {
  constructor(readonly source: string) {}
}

/**
 * Reads a plain scalar as the YAML library of the Compose tool does (go-yaml 3): `010` is octal, `1_000` a number, `yes` a
 * text, a bare date a point in time.
 */
export function readPlainScalar(text: string): string | GoNumber | boolean | null | BareDate {
  if (nullText.test(text)) return null;
  const bool = truth.get(text);
  if (bool !== undefined) return bool;
  if (/^[-+]?\.(?:inf|Inf|INF)$/.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (/^\.(?:nan|NaN|NAN)$/.test(text)) return Number.NaN;
  if (date.test(text)) return new BareDate(text);
  const plain = text.replaceAll('_', '');
  return readInteger(plain) ?? (float.test(plain) ? Number(plain) : text);
}

function readInteger(text: string): GoNumber | null {
  const [, sign = '', digits = ''] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  const value = unsigned(digits);
  if (value === null || value > maxUint64) return null;
  const signed = sign === '-' ? -value : value;
  return signed >= Number.MIN_SAFE_INTEGER && signed <= Number.MAX_SAFE_INTEGER ? Number(signed) : signed;
}

function unsigned(digits: string): bigint | null {
  if (/^0[xX][0-9a-fA-F]+$/.test(digits) || /^0[oO][0-7]+$/.test(digits) || /^0[bB][01]+$/.test(digits)) {
    return BigInt(digits.toLowerCase());
  }
  if (/^0[0-7]+$/.test(digits)) return BigInt(`0o${digits.slice(1)}`);
  return /^(?:0|[1-9][0-9]*)$/.test(digits) ? BigInt(digits) : null;
}

/** Writes a scalar as Go prints it: a float has an exponent of two digits below 1e-4 and from 1e21 on. */
export function goText(value: string | GoNumber | boolean): string {
  if (typeof value !== 'number' || Number.isInteger(value)) return wholeText(value);
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Math.abs(value) >= 1e-4) return String(value);
  return withExponent(value);
}

function wholeText(value: string | GoNumber | boolean): string {
  if (typeof value === 'number' && Math.abs(value) >= 1e21) return withExponent(value);
  return Object.is(value, -0) ? '0' : String(value);
}

function withExponent(value: number): string {
  return value.toExponential().replace(/e([-+])(\d)$/, 'e$10$2');
}

export function isScalar(value: unknown): value is string | GoNumber | boolean {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value);
}
