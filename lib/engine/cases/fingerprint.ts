import { createHash } from 'node:crypto';

/** What differs between two failures of one cause: times, ids, addresses, numbers, in this order. */
const variable: readonly (readonly [RegExp, string])[] = [
  [/\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?/g, '<time>'],
  [/\b\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?\b/g, '<time>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<id>'],
  [/\b0x[0-9a-f]+\b/gi, '<address>'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, '<address>'],
  [/(?<![\w:])\[?(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}\]?(?::\d+)?(?![\w:])/gi, '<address>'],
  [/\b(?=[0-9a-z_-]*\d)(?=[0-9a-z_-]*[a-z])[0-9a-z_-]{12,}\b/gi, '<id>'],
  [/\b(?=[0-9a-f]*\d)[0-9a-f]{7,}\b/gi, '<id>'],
  [/(?<=\w):\d{2,5}\b/g, ':<number>'],
  [/[-+]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?/gi, '<number>'],
];

/** The message without what differs from run to run. */
export function normalizeMessage(message: string): string {
  let text = message.slice(0, 500);
  for (const [pattern, word] of variable) text = text.replace(pattern, word);
  return text.replace(/\s+/g, ' ').trim().toLowerCase();
}

/** Equal for messages that differ in numbers, ids, times and addresses alone; fits into a bigint column. */
export function fingerprintOf(message: string | null): bigint | null {
  if (message === null) return null;
  return createHash('sha256').update(normalizeMessage(message)).digest().readBigInt64BE(0);
}
