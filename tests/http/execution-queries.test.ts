import { expect, it } from 'vitest';
import { executionFilter, listQuery } from '@/lib/http/execution-queries';

it('every word of a search is looked for, and more of them than can be is refused', () => {
  const eight = 'one two  three four five six seven eight ';
  expect(executionFilter(listQuery.parse({ q: eight })).words).toEqual(eight.trim().split(/\s+/));
  expect(executionFilter(listQuery.parse({ q: '  ' })).words).toBeUndefined();
  const refused = listQuery.safeParse({ q: `${eight} nine` });
  expect(refused.error?.issues).toMatchObject([
    { path: ['q'], message: 'expected at most 8 words, with spaces between them' },
  ]);
});
