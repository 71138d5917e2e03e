'use client';

import { useRowKeys } from '@/app/_components/use-row-keys';
import { useStableOrder } from '@/app/_components/use-stable-order';
import type { Environment } from '@/lib/model/environment';
import type { Person } from './environment-row';
import { EnvironmentRow } from './environment-row';
import type { LiveState } from './live-state';
import { useSuiteRights } from './use-suite-rights';
import type { ChangeView, View } from './use-view';

interface EnvironmentTableProps {
  environments: Environment[];
  state: LiveState;
  view: View;
  change: ChangeView;
  person: Person;
  onReap: (environment: Environment) => void;
}

/** One row per environment; `j` and `k` move between them, Enter opens one. */
export function EnvironmentTable({
  environments,
  state,
  view,
  change,
  person,
  onReap,
}: EnvironmentTableProps) {
  const table = useRowKeys<HTMLTableElement>();
  const rightsTo = useSuiteRights();
  const { ordered, hold } = useStableOrder(environments, ({ id }) => id);

  return (
    <div className="panel" {...hold}>
      <table ref={table} className="w-full">
        <thead>
          <tr className="border-line border-b text-left">
            <th className="label py-1.5 pr-2 pl-3">State</th>
            <th className="label px-2 py-1.5">Environment</th>
            <th className="label hidden px-2 py-1.5 lg:table-cell">Owns</th>
            <th className="label hidden px-2 py-1.5 md:table-cell">CPU</th>
            <th className="label hidden px-2 py-1.5 md:table-cell">Memory</th>
            <th className="label hidden px-2 py-1.5 sm:table-cell">Age</th>
            <th className="label px-3 py-1.5">
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        {ordered.map((environment) => (
          <EnvironmentRow
            key={environment.id}
            environment={environment}
            usage={state.usage[environment.id]}
            history={state.history[environment.id]}
            isOpen={view.open === environment.id}
            onToggle={() => change({ open: view.open === environment.id ? null : environment.id })}
            person={person}
            rights={environment.suiteId === null ? undefined : rightsTo.get(environment.suiteId)}
            onReap={onReap}
          />
        ))}
      </table>
    </div>
  );
}
