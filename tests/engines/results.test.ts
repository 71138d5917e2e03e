import { describe, expect, it } from 'vitest';
import type { EngineName } from './engine';
import { putIntoText } from './results';

const text = 'before\n\n<!-- results, made by "npm run engines" -->\n\n<!-- end of results -->\n\nafter\n';
const right = { passed: 43, failed: [], error: null };
const wrong = { passed: 41, failed: ['one', 'two'], error: null };

function result(name: EngineName, groups: Record<string, typeof right | typeof wrong>) {
  return { name, version: `Docker of ${name}`, day: '2026-11-29', groups };
}

describe('The table of engines', () => {
  it('keeps the rows of engines and the cells of groups that were not run again', () => {
    const groups = ['contract', 'cases'];
    const first = putIntoText(text, groups, [result('p58', { contract: right, cases: wrong })]);
    const second = putIntoText(first, groups, [result('d28', { cases: right })]);
    const third = putIntoText(second, groups, [result('p58', { cases: right })]);
    expect(third.split('\n').filter((line) => line.startsWith('|'))).toEqual([
      '| name | engine        | contract | cases    | tried on   |',
      '| ---- | ------------- | -------- | -------- | ---------- |',
      '| d28  | Docker of d28 |          | 43 right | 2026-11-29 |',
      '| p58  | Docker of p58 | 43 right | 43 right | 2026-11-29 |',
    ]);
    expect(second).toContain('| p58  | Docker of p58 | 43 right | 2 of 43 wrong | 2026-11-29 |');
    expect(third.startsWith('before\n') && third.endsWith('\n\nafter\n')).toBe(true);
  });
});
