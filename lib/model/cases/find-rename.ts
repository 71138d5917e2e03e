import type { CaseIdentity } from '../report';
import { caseSuite } from '../test-case';

const minLikeness = 0.5;

/**
 * The case that `added` was called before: one of `gone` with the same name in another place, or, in the same place and
 * with the same parameters, the one whose name is most alike. Null when none is alike enough, or two are equally so.
 */
export function findRename<T extends CaseIdentity>(added: CaseIdentity, gone: readonly T[]): T | null {
  const moved = gone.filter((each) => each.name === added.name && sameParameters(each, added));
  if (moved.length === 1) return moved[0] ?? null;
  const place = caseSuite(added);
  const ranked = gone
    .filter((each) => caseSuite(each) === place && each.file === added.file && sameParameters(each, added))
    .map((each) => ({ each, likeness: likenessOf(each.name, added.name) }))
    .filter(({ likeness }) => likeness >= minLikeness)
    .sort((a, b) => b.likeness - a.likeness);
  const [best, second] = ranked;
  return best && best.likeness !== second?.likeness ? best.each : null;
}

function sameParameters(a: CaseIdentity, b: CaseIdentity): boolean {
  const keys = Object.keys(a.parameters);
  return (
    keys.length === Object.keys(b.parameters).length &&
    keys.every((key) => a.parameters[key] === b.parameters[key])
  );
}

/** Dice's coefficient of the pairs of letters: 1 for equal texts, 0 for texts without a common pair. */
function likenessOf(a: string, b: string): number {
  const pairs = countPairs(a);
  let common = 0;
  for (const [pair, count] of countPairs(b)) common += Math.min(count, pairs.get(pair) ?? 0);
  const total = Math.max(0, a.length - 1) + Math.max(0, b.length - 1);
  return total === 0 ? 0 : (2 * common) / total;
}

function countPairs(text: string): Map<string, number> {
  const pairs = new Map<string, number>();
  const lower = text.toLowerCase();
  for (let at = 0; at + 1 < lower.length; at += 1) {
    const pair = lower.slice(at, at + 2);
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  }
  return pairs;
}
