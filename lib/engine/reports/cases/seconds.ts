/** A time as a report writes it: in milliseconds, null for none, or `ambiguous` for "1,024" with both its meanings. */
export type ReadTime = { ms: number | null; ambiguous?: { asThousands: number } };

const plain = /^\d*\.?\d*(?:e[+-]?\d+)?$/i;

/**
 * Reads seconds with a dot or a comma before the fraction, with or without groups of thousands. Not a number and what is
 * less than nothing are null.
 */
export function readSeconds(text: string | undefined): ReadTime {
  const given = text?.trim() ?? '';
  if (!/\d/.test(given)) return { ms: null };
  if (plain.test(given)) return { ms: toMs(Number(given)) };
  if (/^\d{1,3}(?:,\d{3})+(?:\.\d*)?$/.test(given)) {
    const asThousands = toMs(Number(given.replaceAll(',', '')));
    // "0,160" can only be a fraction, and "1,024.5" or "1,000,000" only thousands.
    const isOneComma = given.indexOf(',') === given.lastIndexOf(',') && !given.includes('.');
    if (!isOneComma) return { ms: asThousands };
    const asFraction = toMs(Number(given.replace(',', '.')));
    if (given.startsWith('0') || asThousands === null) return { ms: asFraction };
    return { ms: asFraction, ambiguous: { asThousands } };
  }
  if (/^\d{1,3}(?:\.\d{3})*,\d*$|^\d+,\d*$/.test(given)) {
    return { ms: toMs(Number(given.replaceAll('.', '').replace(',', '.'))) };
  }
  return { ms: null };
}

/** A time with thousands in groups: then "1,024" in the same file is a group as well. */
export function hasGroups(text: string | undefined): boolean {
  return /\d,\d{3}\.\d|\d,\d{3},\d{3}/.test(text ?? '');
}

function toMs(seconds: number): number | null {
  return Number.isFinite(seconds) && seconds >= 0 ? Math.round(seconds * 1e6) / 1e3 : null;
}
