'use client';

import { useSearchParams } from 'next/navigation';
import { replaceQuery } from '@/app/_components/address';
import type { Environment, EnvironmentState } from '@/lib/model/environment';
import type { LiveState } from './live-state';

export const stateFilters = ['all', 'zombie', 'active', 'kept'] as const;
export const sortKeys = ['state', 'age', 'cpu', 'memory'] as const;

/** Filter, order and open environment, all kept in the URL. */
export interface View {
  q: string;
  state: (typeof stateFilters)[number];
  sort: (typeof sortKeys)[number];
  open: string | null;
}

export type ChangeView = (change: Partial<View>) => void;

export function useView(): { view: View; change: ChangeView } {
  const search = useSearchParams();
  const view: View = {
    q: search.get('q') ?? '',
    state: stateFilters.find((each) => each === search.get('state')) ?? 'all',
    sort: sortKeys.find((each) => each === search.get('sort')) ?? 'state',
    open: search.get('open'),
  };
  return { view, change };
}

function change({ state, ...rest }: Partial<View>): void {
  replaceQuery(state === undefined ? rest : { ...rest, state: state === 'all' ? null : state });
}

export function countStates(environments: readonly Environment[]): Partial<Record<EnvironmentState, number>> {
  const counts: Partial<Record<EnvironmentState, number>> = {};
  for (const { state } of environments) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

/** Returns the environments that pass the filter, sorted. The inventory's own order is zombies first, then oldest. */
export function chooseEnvironments({ inventory, history }: LiveState, view: View): Environment[] {
  const words = view.q.toLowerCase().split(/\s+/).filter(Boolean);
  const chosen = inventory.environments.filter((environment) => {
    if (view.state !== 'all' && environment.state !== view.state) return false;
    const text = textOf(environment);
    return words.every((word) => text.includes(word));
  });
  const last = (id: string) => history[id]?.at(-1);
  switch (view.sort) {
    case 'age':
      return chosen.sort((a, b) => (a.createdAt ?? '').localeCompare(b.createdAt ?? ''));
    case 'cpu':
      return chosen.sort((a, b) => (last(b.id)?.cpu ?? 0) - (last(a.id)?.cpu ?? 0));
    case 'memory':
      return chosen.sort((a, b) => (last(b.id)?.memoryBytes ?? 0) - (last(a.id)?.memoryBytes ?? 0));
    case 'state':
      return chosen;
  }
}

function textOf({ id, suiteId, profile, backend, execution, owner, resources }: Environment): string {
  return [
    ...[id, suiteId, profile, backend.label, execution?.suiteTitle, execution?.author, owner],
    ...resources.flatMap(({ name, image, stepId }) => [name, image, stepId]),
  ]
    .join(' ')
    .toLowerCase();
}
