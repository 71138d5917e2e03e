'use client';

import { useSearchParams } from 'next/navigation';
import { replaceQuery } from '@/app/_components/address';

export const leftTabs = ['graph', 'timeline', 'steps'] as const;
export const rightTabs = ['logs', 'results', 'artifacts', 'environment', 'events'] as const;

/** What is selected. It is all in the URL, so that a link is a finding. */
export interface Place {
  step: string | null;
  view: (typeof leftTabs)[number];
  tab: (typeof rightTabs)[number];
  line: number | null;
}

export type Go = (change: Partial<Place>) => void;

export function usePlace(): { place: Place; go: Go } {
  const search = useSearchParams();
  const line = Number(search.get('line'));
  const place: Place = {
    step: search.get('step'),
    view: leftTabs.find((each) => each === search.get('view')) ?? 'graph',
    tab: rightTabs.find((each) => each === search.get('tab')) ?? 'logs',
    line: Number.isInteger(line) && line > 0 ? line : null,
  };
  return { place, go: replaceQuery };
}
