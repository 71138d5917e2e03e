import { distance } from 'fastest-levenshtein';

/** Longer names are not compared: none is a slip, and the distance takes the product of the lengths. */
const maxLength = 100;

/**
 * Finds the known name that is a slip of the keyboard away from `name`: one letter in a short word, two in a longer one,
 * three in one of ten letters and more. Two letters in the wrong order are half a slip, and all that is near to a word
 * of two letters. Case, `_` and `-` do not count.
 */
export function nearest(name: string, known: readonly string[]): string | null {
  if (name.length > maxLength) return null;
  const letters = lettersOf(name);
  let best: string | null = null;
  let minSlips = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const others = lettersOf(candidate);
    if (Math.abs(others.length - letters.length) > maxSlips(letters.length)) continue;
    const slips = slipsBetween(letters, others);
    if (slips <= maxSlips(letters.length) && slips < Math.min(minSlips, others.length)) {
      minSlips = slips;
      best = candidate;
    }
  }
  return best;
}

/** Formats the suggestion of a near name for the end of a message; empty when none is near. */
export function suggest(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near === null ? '' : `; did you mean "${near}"?`;
}

function maxSlips(length: number): number {
  if (length < 3) return 0.5;
  return length < 5 ? 1 : length < 10 ? 2 : 3;
}

function lettersOf(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, '');
}

function slipsBetween(one: string, other: string): number {
  const edits = distance(one, other);
  if (edits !== 2 || one.length !== other.length) return edits;
  const first = [...one].findIndex((letter, index) => letter !== other[index]);
  const swapped = one[first] === other[first + 1] && one[first + 1] === other[first];
  return swapped ? 0.5 : edits;
}
