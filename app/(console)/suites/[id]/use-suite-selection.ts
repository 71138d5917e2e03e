'use client';

import { useSearchParams } from 'next/navigation';
import { replaceQuery } from '@/app/_components/address';
import type { SuiteDetails } from '@/lib/model/suite-details';

export const suiteTabs = [
  'graph',
  'steps',
  'profiles',
  'files',
  'dependencies',
  'errors',
  'runs',
  'tests',
] as const;
export type SuiteTab = (typeof suiteTabs)[number];

/** What is looked at. It is all in the URL, so that a link is a finding. */
export interface SuiteSelection {
  tab: SuiteTab;
  step: string | null;
  profile: string | null;
}

export type SelectInSuite = (change: Partial<SuiteSelection>) => void;

/** Without a tab in the URL: what is wrong, if anything is. */
export function useSuiteSelection({ problems }: SuiteDetails): { place: SuiteSelection; go: SelectInSuite } {
  const search = useSearchParams();
  const place: SuiteSelection = {
    tab: suiteTabs.find((each) => each === search.get('tab')) ?? (problems.length > 0 ? 'errors' : 'graph'),
    step: search.get('step'),
    profile: search.get('profile'),
  };
  return { place, go: replaceQuery };
}
