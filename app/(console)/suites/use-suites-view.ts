'use client';

import { useSearchParams } from 'next/navigation';
import { replaceQuery } from '@/app/_components/address';
import type { SuiteSummary } from '@/lib/model/suite-details';

export const stateFilters = ['all', 'launchable', 'invalid'] as const;

/** What is shown; it is in the URL. */
export interface SuitesView {
  q: string;
  state: (typeof stateFilters)[number];
}

export type ChangeView = (change: Partial<SuitesView>) => void;

export function useSuitesView(): { view: SuitesView; change: ChangeView } {
  const search = useSearchParams();
  const view: SuitesView = {
    q: search.get('q') ?? '',
    state: stateFilters.find((each) => each === search.get('state')) ?? 'all',
  };
  return { view, change };
}

function change({ q, state }: Partial<SuitesView>): void {
  replaceQuery({
    ...(q === undefined ? {} : { q }),
    ...(state === undefined ? {} : { state: state === 'all' ? null : state }),
  });
}

/** Those that have every word, in their own order. */
export function chooseSuites<T extends SuiteSummary>(suites: readonly T[], { q, state }: SuitesView): T[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  return suites.filter((suite) => {
    if (state !== 'all' && suite.valid !== (state === 'launchable')) return false;
    const text = textOf(suite);
    return words.every((word) => text.includes(word));
  });
}

function textOf({ id, title, description, repository, version, profiles, kinds }: SuiteSummary): string {
  return [
    ...[id, title, description, repository, version],
    ...profiles.map(({ name }) => name),
    ...Object.keys(kinds),
  ]
    .join(' ')
    .toLowerCase();
}
