import { expect, test } from 'vitest';
import { compileLogRule } from '@/lib/backends/log-rule';
import type { LogStream } from '@/lib/model/log-line';

const line = (text: string, stream: LogStream = 'stdout') => ({ stream, atMs: 0, text });

test('finds a literal text anywhere in a line, taking no character for a pattern', () => {
  const matches = compileLogRule({ text: 'a.b', pattern: null, stream: 'any' });
  expect(matches(line('x a.b y'))).toBe(true);
  expect(matches(line('x aab y'))).toBe(false);
});

test('finds a pattern anywhere in a line', () => {
  const matches = compileLogRule({ text: null, pattern: 'listening on \\d+$', stream: 'any' });
  expect(matches(line('now listening on 8080'))).toBe(true);
  expect(matches(line('now listening on nothing'))).toBe(false);
});

test('looks at the stream that the rule names', () => {
  const matches = compileLogRule({ text: 'x', pattern: null, stream: 'stderr' });
  expect(matches(line('x', 'stderr'))).toBe(true);
  expect(matches(line('x', 'stdout'))).toBe(false);
});

test("never matches Gantry's own lines", () => {
  const matches = compileLogRule({ text: 'x', pattern: null, stream: 'any' });
  expect(matches(line('x', 'system'))).toBe(false);
});

test('refuses a pattern that RE2 does not know', () => {
  expect(() => compileLogRule({ text: null, pattern: '(?=x)', stream: 'any' })).toThrow();
});

test('answers a pattern that makes backtracking engines hang', () => {
  const matches = compileLogRule({ text: null, pattern: '^(a+)+$', stream: 'any' });
  expect(matches(line(`${'a'.repeat(100_000)}!`))).toBe(false);
});

test('looks at no more of a line than its pattern has time for', () => {
  const small = compileLogRule({ text: null, pattern: 'end$', stream: 'any' });
  expect(small(line(`${'a'.repeat(200_000)}end`))).toBe(true);
  const large = compileLogRule({ text: null, pattern: '(a.{0,300}b)[0-9]', stream: 'any' });
  const abs = 'ab'.repeat(2_000);
  expect(large(line(`${abs}1`))).toBe(true);
  // 306 steps: the first 13,000 characters.
  expect(large(line(`${abs.repeat(10)}1`))).toBe(false);
});
