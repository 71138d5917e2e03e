import { Link } from '@/app/_components/hover-link';
import { durationOf, RunBars } from '@/app/_components/run-bars';
import { formatDuration } from '@/app/_components/time';
import type { ExecutionSummary } from '@/lib/model/execution';

const maxRuns = 30;

/** The last runs of each suite as bars: height is duration, colour and label the result. */
export function SuiteHistory({ executions }: { executions: ExecutionSummary[] }) {
  const suites = new Map<string, ExecutionSummary[]>();
  for (const each of executions) suites.set(each.suite.id, [...(suites.get(each.suite.id) ?? []), each]);
  return (
    <section aria-label="Suites">
      <h2 className="mb-2 text-base">Suites</h2>
      <div className="panel overflow-x-auto">
        <table className="w-full">
          <thead>
            <tr className="label border-line border-b text-left">
              <th className="label px-3 py-1.5">Suite</th>
              <th className="label px-3 py-1.5">Last runs, newest right</th>
              <th className="label px-3 py-1.5 text-right">Passed</th>
              <th className="label px-3 py-1.5 text-right">Usually takes</th>
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            {[...suites].map(([id, runs]) => (
              <SuiteRow key={id} runs={runs.slice(0, maxRuns)} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** A run that somebody cancelled says nothing of the suite. */
function SuiteRow({ runs: all }: { runs: ExecutionSummary[] }) {
  const runs = all.filter(({ status }) => status !== 'cancelled');
  const durations = runs.map(durationOf);
  const passed = runs.filter((run) => run.status === 'passed').length;
  const newest = all[0];
  if (!newest) return null;
  return (
    <tr>
      <td className="px-3 py-1.5">
        <Link href={`/executions?suite=${newest.suite.id}`} className="font-[550] hover:text-accent">
          {newest.suite.title}
        </Link>
      </td>
      <td className="px-3 py-1.5">
        <RunBars runs={runs} />
      </td>
      <td className="px-3 py-1.5 text-right">
        {passed} of {runs.length}
      </td>
      <td className="px-3 py-1.5 text-right text-ink-2">{formatDuration(median(durations))}</td>
    </tr>
  );
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
