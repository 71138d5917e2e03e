'use client';

import { useSearchParams } from 'next/navigation';
import { useMemo } from 'react';
import { replaceQuery } from '@/app/_components/address';

export const filterKeys = [
  'q',
  'suite',
  'status',
  'profile',
  'author',
  'branch',
  'label',
  'after',
  'before',
] as const;
export type FilterKey = (typeof filterKeys)[number];

/** What the list shows, all of it kept in the address; '' is no condition. Days are the viewer's. */
export type Filter = Record<FilterKey, string>;
export type ChangeFilter = (change: Partial<Filter>) => void;

export function useExecutionFilter(): { filter: Filter; change: ChangeFilter } {
  const search = useSearchParams().toString();
  const filter = useMemo(() => filterOf(search), [search]);
  return { filter, change: replaceQuery };
}

export function filterOf(search: string): Filter {
  const query = new URLSearchParams(search);
  const of = (key: FilterKey) => query.get(key) ?? '';
  return {
    ...{ q: of('q'), suite: of('suite'), status: of('status'), profile: of('profile'), author: of('author') },
    ...{ branch: of('branch'), label: of('label'), after: of('after'), before: of('before') },
  };
}

/** The query of the API for it. A day that is none, and a label without a colon, are no condition. */
export function requestOf({ after, before, label, ...rest }: Filter): Record<string, string> {
  return {
    ...rest,
    label: /^[^:]+:/.test(label) ? label : '',
    createdAfter: startOf(after, 0),
    createdBefore: startOf(before, 1),
  };
}

function startOf(day: string, daysLater: number): string {
  const [, year, month, date] = /^(2[01]\d\d)-(\d\d)-(\d\d)$/.exec(day)?.map(Number) ?? [];
  if (year === undefined || month === undefined || date === undefined) return '';
  return new Date(year, month - 1, date + daysLater).toISOString();
}
