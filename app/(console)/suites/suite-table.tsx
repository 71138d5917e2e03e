import { useRowKeys } from '@/app/_components/use-row-keys';
import { useStableOrder } from '@/app/_components/use-stable-order';
import type { SuiteRun, SuiteSummaryAnswer } from '@/lib/model/suite-details';
import { SuiteRow } from './suite-row';

interface SuiteTableProps {
  suites: SuiteSummaryAnswer[];
  /** Ids of suites that are valid: another folder that claims one of them is refused it. */
  owned: ReadonlySet<string>;
  /** By suite, the newest first. */
  runs: ReadonlyMap<string, SuiteRun[]>;
}

/** One row per folder; `j` and `k` move between them, Enter opens one. */
export function SuiteTable({ suites, owned, runs }: SuiteTableProps) {
  const table = useRowKeys<HTMLTableElement>();
  // Two folders may claim one id.
  const { ordered, hold } = useStableOrder(suites, ({ folder }) => folder);
  return (
    <div className="panel" {...hold}>
      <table ref={table} className="w-full">
        <thead>
          <tr className="border-line border-b text-left">
            <th className="label py-1.5 pr-2 pl-3">Suite</th>
            <th className="label hidden px-2 py-1.5 sm:table-cell">State</th>
            <th className="label hidden px-2 py-1.5 lg:table-cell">Steps</th>
            <th className="label hidden px-2 py-1.5 xl:table-cell">Profiles</th>
            <th className="label hidden whitespace-nowrap px-2 py-1.5 md:table-cell">
              Last runs, newest right
            </th>
            <th className="label hidden px-2 py-1.5 text-right lg:table-cell">Passed</th>
            <th className="label whitespace-nowrap px-2 py-1.5">Last run</th>
            <th className="label px-3 py-1.5">
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        {ordered.map((suite) => (
          <SuiteRow
            key={suite.folder}
            suite={suite}
            hasId={suite.valid || !owned.has(suite.id)}
            runs={runs.get(suite.id) ?? []}
          />
        ))}
      </table>
    </div>
  );
}
