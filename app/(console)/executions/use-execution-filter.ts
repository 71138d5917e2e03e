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

/** The query of the API for it, without what `mistakeIn` finds. */
export function requestOf({ after, before, label, ...rest }: Filter): Record<string, string> {
  return {
    ...rest,
    label: isLabel(label) ? label : '',
    createdAfter: startOf(after, 0),
    createdBefore: startOf(before, 1),
  };
}

/** Why a condition narrows nothing, which only an address written by hand can have; null where it does, or is none. */
export function mistakeIn(filter: Filter, key: FilterKey): string | null {
  const text = filter[key];
  if (text === '') return null;
  if (key === 'label') return isLabel(text) ? null : 'expected key:value';
  if (key !== 'after' && key !== 'before') return null;
  return startOf(text, 0) === '' ? 'expected a day such as 2026-01-31' : null;
}

/** Whether executions are looked through for it, 20,000 for a page, because no index has it. */
export function isLookedThrough({ q, profile, author }: Filter): boolean {
  return q.trim() !== '' || profile !== '' || author !== '';
}

function isLabel(text: string): boolean {
  return /^[^:]+:/.test(text);
}

/** The time at which a day begins for the viewer, or one that comes so many days later; '' for what is no day. */
function startOf(day: string, daysLater: number): string {
  const [, year, month, date] = /^(2[01]\d\d)-(\d\d)-(\d\d)$/.exec(day)?.map(Number) ?? [];
  if (year === undefined || month === undefined || date === undefined) return '';
  const isReal = new Date(Date.UTC(year, month - 1, date)).toISOString().startsWith(day);
  return isReal ? new Date(year, month - 1, date + daysLater).toISOString() : '';
}
