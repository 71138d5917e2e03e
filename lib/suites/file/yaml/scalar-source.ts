/**
 * The text of numbers and booleans where it differs from how JavaScript writes them: `1.10`, `0x10`, `True`. A variable
 * set to `1.10` keeps both digits. Kept beside the data, so that the data itself is plain JSON.
 */
const sources = new WeakMap<object, Map<string | number, string>>();

/** Keeps the text of the number or boolean at a key of a mapping or an index of a list. */
export function keepSource(container: object, key: string | number, source: string): void {
  const kept = sources.get(container);
  if (kept) kept.set(key, source);
  else sources.set(container, new Map([[key, source]]));
}

/** Reads the text of the number or boolean at a key; null when it is as JavaScript writes it. */
export function sourceOf(container: object, key: string | number): string | null {
  return sources.get(container)?.get(key) ?? null;
}

/** Puts texts in the place of numbers and booleans that are written in an unusual way; else returns the input. */
export function asWritten(input: unknown): unknown {
  if (typeof input !== 'object' || input === null) return input;
  const kept = sources.get(input);
  if (!kept) return input;
  if (Array.isArray(input)) return input.map((item, index) => kept.get(index) ?? item);
  return Object.fromEntries(Object.entries(input).map(([key, value]) => [key, kept.get(key) ?? value]));
}
