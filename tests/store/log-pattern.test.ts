import { expect, test } from 'vitest';
import { AppError } from '@/lib/model/errors';
import { compileLogPattern } from '@/lib/store/log-pattern/compile-log-pattern';
import { requiredText } from '@/lib/store/log-pattern/required-text';

const lines = [
  'ERROR 42 at db.query',
  'connection refused (111)',
  'ab',
  'abb',
  'a.b',
  'x{2}',
  'done in 3 s',
  '',
];

test.each([
  ['error \\d+', ['ERROR 42 at db.query']],
  ['(?-i)error', []],
  ['^connection (refused|reset)', ['connection refused (111)']],
  ['^ab+$', ['ab', 'abb']],
  ['^ab?b', ['ab', 'abb']],
  ['^ab{2}$', ['abb']],
  ['a\\.b', ['a.b']],
  ['(done|ab) in', ['done in 3 s']],
  ['done|refu', ['connection refused (111)', 'done in 3 s']],
  ['[(]1{3}[)]', ['connection refused (111)']],
  ['at d(b)*\\.q', ['ERROR 42 at db.query']],
  ['^$', ['']],
])('%s matches as RE2 does, and each line that it matches has its required text', (pattern, expected) => {
  const found = lines.filter(compileLogPattern(pattern));
  expect(found).toEqual(expected);
  for (const line of found) expect(line.toLowerCase()).toContain(requiredText(pattern));
});

test.each([
  ['timeout after \\d+ ms', 'timeout after '],
  ['worker (alpha|beta): lost', ': lo'],
  ['GET /orders/[0-9]+/pay', 'get /order'],
  ['abc*', 'ab'],
  ['abc+d', 'abc'],
  ['abcd{0,2}', 'abc'],
  ['abc|d', ''],
  ['\\Qabc\\E', ''],
  ['(abc)?', ''],
  ['abc{d|e}fgh', ''],
  ['abc{,2}d', ''],
  ['abcd(?i)?', ''],
  ['(?-i)abcd', 'abcd'],
  ['a\\.b\\(c\\)', 'a.b(c)'],
  // The Kelvin sign and the long s match k and s.
  ['kiss', 'i'],
])('the required text of %s is "%s"', (pattern, text) => {
  expect(requiredText(pattern)).toBe(text);
});

test.each([
  ['ab(cd', 3, '"(cd": missing closing )'],
  ['ab)cd', 3, '")cd": unexpected )'],
  ['[a\\])] (b', 8, '"(b": missing closing )'],
  ['ab[cd', 3, '"[cd": missing closing ]'],
  ['ab**', 3, '"**": invalid nested repetition operator'],
  ['é*+', 2, '"*+": invalid nested repetition operator'],
  ['*ab', 1, '"*ab": missing argument to repetition operator'],
  ['ab\\', 4, 'the end: trailing backslash at end of expression'],
  ['(ab)\\2', 5, '"\\\\2": invalid escape sequence'],
])('the mistake in %s is at character %i', (pattern, place, rest) => {
  expect(() => compileLogPattern(pattern)).toThrow(
    expect.objectContaining({
      code: 'pattern_invalid',
      message: expect.stringContaining(`not valid at character ${place}, ${rest}`),
      issues: [{ path: 'pattern', message: expect.any(String) }],
    }),
  );
});

/** Numbers below `below`, the same ones in each run. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test('each line that a random pattern matches has the required text of it', () => {
  const random = seeded(7);
  const parts =
    'a b c d k 1 { } , | ( ) (?: (?i) (?s) (?-i) [ab] [^a] [{] ] . ? * + ?? {2} {0,1} {1,} {,1} {a} \\d \\. \\{ \\( \\b ^ $ -';
  const pick = (from: readonly string[]) => from[random(from.length)] ?? '';
  const textOf = (from: readonly string[], most: number) =>
    Array.from({ length: 1 + random(most) }, () => pick(from)).join('');
  const letters = [...'abcdk1{},.(-', 'ab', 'abc', 'bcd', 'A', '{a}', '\u212a'];
  let matched = 0;
  for (let round = 0; round < 4_000; round += 1) {
    const pattern = textOf(parts.split(' '), 7);
    let matches: (text: string) => boolean;
    try {
      matches = compileLogPattern(pattern);
    } catch (error) {
      if (error instanceof AppError && error.code === 'pattern_invalid') continue;
      throw error;
    }
    const required = requiredText(pattern);
    if (required === '') continue;
    for (let line = 0; line < 30; line += 1) {
      // Pieces of the pattern itself, or else hardly any would match.
      const text = textOf([...letters, pattern.replace(/[?*+()|\\]/g, ''), required.slice(0, -1)], 5);
      if (!matches(text)) continue;
      matched += 1;
      expect({ pattern, text, has: text.toLowerCase().includes(required) }).toMatchObject({ has: true });
    }
  }
  expect(matched).toBeGreaterThan(1_000);
});

test('the counts of a pattern are added up before it is compiled', () => {
  const startedMs = performance.now();
  for (const pattern of ['x{1000}'.repeat(70), '(){1000}'.repeat(60), '(x{31}){32}'.repeat(40)])
    expect(() => compileLogPattern(pattern)).toThrow(/too large/);
  expect(performance.now() - startedMs).toBeLessThan(1_000);
  expect(compileLogPattern('^x\\{2000\\}$')('x{2000}')).toBe(true);
});

test('the place where a long line is cut is no end of it', () => {
  const long = 'ab '.repeat(20_000);
  const large = '(?:[a-c ][a-c ]?){300}';
  expect(compileLogPattern(`${large}$`)(`${long}!`)).toBe(false);
  expect(compileLogPattern(`${large}.*`)(`${long}!`)).toBe(true);
  expect(compileLogPattern(`^${large}?\\b`)(`${long}!`)).toBe(true);
}, 60_000);

test('a pattern that is too large is refused, and one that is slow elsewhere takes linear time', () => {
  expect(() => compileLogPattern('((ab){20}c){30}')).toThrow(/at most 1000 steps/);
  const matches = compileLogPattern('^(a+)+$');
  const startedMs = performance.now();
  expect(matches(`${'a'.repeat(50_000)}b`)).toBe(false);
  expect(performance.now() - startedMs).toBeLessThan(5_000);
});
