import { expect, test } from 'vitest';
import { compileGlob, normalizePath, selectArtifacts } from '@/lib/backends/artifact-selection';
import type { ExportRule } from '@/lib/model/node';

function rule(path: string, format: ExportRule['format'] = 'file'): ExportRule {
  return { path, format, on: 'always', required: false };
}

test.each([
  ['reports/junit.xml', 'reports/junit.xml', true],
  ['reports/*.xml', 'reports/a.xml', true],
  ['reports/*.xml', 'reports/deep/a.xml', false],
  ['reports/**/*.xml', 'reports/a.xml', true],
  ['reports/**/*.xml', 'reports/deep/er/a.xml', true],
  ['**/*.log', '.hidden/.x.log', true],
  ['coverage', 'coverage/lcov/index.html', true],
  ['coverage/', 'coverage/lcov/index.html', true],
  ['coverage', 'coverage2/index.html', false],
  ['*.{xml,json}', 'a.json', true],
  ['*.{xml,json}', 'a.jsonp', false],
  ['a?c', 'abc', true],
  ['a?c', 'a/c', false],
  ['[!a]x', 'bx', true],
  ['[!a]x', 'ax', false],
  ['[a-c]x', 'bx', true],
  ['[z-a]x', '[z-a]x', true],
  ['a(b|c).+', 'a(b|c).+', true],
  ['a(b|c).+', 'ab.+', false],
  ['./reports//x', 'reports/x', true],
  ['../secret', 'secret', false],
  ['/etc/passwd', 'etc/passwd', false],
])('the glob %s on %s: %s', (glob, path, expected) => {
  expect(compileGlob(glob)(path)).toBe(expected);
});

test.each([
  ['a/./b//c', 'a/b/c'],
  ['/a', null],
  ['a/../b', null],
  ['..', null],
  ['', null],
  ['.', null],
  ['a\0b', null],
  ['..a/b..', '..a/b..'],
])('the path %j is normalised to %j', (path, expected) => {
  expect(normalizePath(path)).toBe(expected);
});

test('selects each file once, as a report when any rule says so, in order of path', () => {
  const rules = [rule('**'), rule('reports/*.xml', 'junit'), rule('*.xml', 'cobertura')];
  expect(selectArtifacts(['z.txt', 'reports/a.xml', 'c.xml', '../out.xml'], rules)).toEqual([
    { path: 'c.xml', format: 'cobertura' },
    { path: 'reports/a.xml', format: 'junit' },
    { path: 'z.txt', format: 'file' },
  ]);
});

test('selects nothing without a rule', () => {
  expect(selectArtifacts(['a.txt'], [])).toEqual([]);
});

test('answers a glob that makes backtracking engines hang', () => {
  expect(compileGlob(`${'*a'.repeat(30)}b`)('a'.repeat(250))).toBe(false);
});
