import { describe, expect, it } from 'vitest';
import { foundText, notFoundYetText } from '@/app/(console)/executions/found-text';
import {
  filterOf,
  isLookedThrough,
  mistakeIn,
  requestOf,
} from '@/app/(console)/executions/use-execution-filter';

describe('a filter from the address', () => {
  it.each([
    ['?label=foo', 'label', 'expected key:value'],
    ['?label=:foo', 'label', 'expected key:value'],
    ['?after=bad', 'after', 'expected a day such as 2026-01-31'],
    ['?after=2026-13-45', 'after', 'expected a day such as 2026-01-31'],
    ['?before=2026-02-29', 'before', 'expected a day such as 2026-01-31'],
    ['?before=1999-01-01', 'before', 'expected a day such as 2026-01-31'],
  ] as const)('%s is said to be wrong and is not sent', (search, key, mistake) => {
    const filter = filterOf(search);
    expect(mistakeIn(filter, key)).toBe(mistake);
    expect(Object.values(requestOf(filter)).filter((value) => value !== '')).toEqual([]);
  });

  it('what is right is sent, with days that begin and end where the viewer is', () => {
    const filter = filterOf('?label=team:pay&branch=main&after=2024-02-29&before=2026-12-31&q=a+b');
    for (const key of ['label', 'branch', 'after', 'before', 'q', 'suite'] as const)
      expect(mistakeIn(filter, key)).toBeNull();
    expect(requestOf(filter)).toMatchObject({
      ...{ q: 'a b', label: 'team:pay', branch: 'main', suite: '' },
      createdAfter: new Date(2024, 1, 29).toISOString(),
      createdBefore: new Date(2027, 0, 1).toISOString(),
    });
  });

  it('words, a profile and a person are looked for in one execution after the other', () => {
    const isSlow = (search: string) => isLookedThrough(filterOf(search));
    expect(['?q=a', '?profile=p', '?author=ana'].map(isSlow)).toEqual([true, true, true]);
    expect(['', '?q=+', '?branch=main&suite=s&label=a:b&status=failed'].map(isSlow)).toEqual([
      ...[false, false, false],
    ]);
  });
});

it('what was found is told with whether all was looked through', () => {
  expect(foundText(1, false, true)).toBe('1 execution found');
  expect(foundText(50, true, false)).toBe('50 executions shown, there are older ones');
  expect(foundText(3, true, true)).toBe(
    '3 executions found so far: not all were looked through. “Show older ones” looks further back.',
  );
  expect(notFoundYetText(1)).toContain('None of the newest 20,000 is.');
  expect(notFoundYetText(3)).toContain('None of the newest 60,000 is.');
});
