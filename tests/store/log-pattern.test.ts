import { expect, test } from 'vitest';
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

test('a pattern that is too large is refused, and one that is slow elsewhere takes linear time', () => {
  expect(() => compileLogPattern('((ab){20}c){30}')).toThrow(/at most 1000 steps/);
  const matches = compileLogPattern('^(a+)+$');
  const startedMs = performance.now();
  expect(matches(`${'a'.repeat(50_000)}b`)).toBe(false);
  expect(performance.now() - startedMs).toBeLessThan(5_000);
});
