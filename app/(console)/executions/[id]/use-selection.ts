'use client';

import { useSearchParams } from 'next/navigation';
import { replaceQuery } from '@/app/_components/address';

export const leftTabs = ['steps', 'graph'] as const;
export const rightTabs = ['logs', 'results', 'artifacts', 'ran', 'environment', 'events'] as const;

/** Stands for all steps, where no step would mean: the one that matters most. */
export const allSteps = '*';

/** What is selected. It is all in the URL, so that a link is a finding. */
export interface Selection {
  step: string | null;
  /** Of the step; null: the last one. */
  attempt: number | null;
  view: (typeof leftTabs)[number];
  tab: (typeof rightTabs)[number];
  line: number | null;
  /** The state that the list of steps is narrowed to: a name of a group. */
  state: string | null;
  /** The text that the list of steps is narrowed to. */
  find: string;
}

export type Select = (change: Partial<Selection>) => void;

export function useSelection(): { place: Selection; go: Select } {
  const search = useSearchParams();
  const place: Selection = {
    step: search.get('step'),
    attempt: positive(search.get('attempt')),
    view: leftTabs.find((each) => each === search.get('view')) ?? 'steps',
    tab: rightTabs.find((each) => each === search.get('tab')) ?? 'logs',
    line: positive(search.get('line')),
    state: search.get('state'),
    find: search.get('find') ?? '',
  };
  return { place, go: replaceQuery };
}

function positive(text: string | null): number | null {
  const value = Number(text);
  return Number.isInteger(value) && value > 0 ? value : null;
}
