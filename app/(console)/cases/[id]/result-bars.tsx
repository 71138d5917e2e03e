import { glyphOf, resultWords } from '@/app/_components/cases/case-state';
import { Link } from '@/app/_components/hover-link';
import { stateColor } from '@/app/_components/status-icon';
import { formatDuration } from '@/app/_components/time';
import type { CaseResult } from '@/lib/model/cases/case-record';
import { passedOnRetry } from '@/lib/model/cases/passed-on-retry';
import { hasFailed } from '@/lib/model/test-case';

/** The newest results, the newest right: height is time, colour and foot are the result. Each leads to its run. */
export function ResultBars({ results }: { results: readonly CaseResult[] }) {
  const longest = Math.max(...results.map(({ durationMs }) => durationMs ?? 0), 1);
  return (
    <section className="panel p-3">
      <h2 className="mb-2">
        {results.length === 1 ? 'The only result' : `The last ${results.length} results`}
        <span className="ml-2 font-normal text-ink-2 text-xs">
          oldest left; a dark foot is a failure, a notch a retry
        </span>
      </h2>
      <ol className="flex h-14 items-end gap-px">
        {results.map((result) => (
          <li
            key={`${result.executionId} ${result.attempt}`}
            className={`flex h-full min-w-0 max-w-4 flex-1 items-end ${stateColor[glyphOf(result.status)]}`}
          >
            <Bar result={result} longest={longest} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Bar({ result, longest }: { result: CaseResult; longest: number }) {
  const time = result.durationMs === null ? '' : ` in ${formatDuration(result.durationMs)}`;
  const words = `${resultWords(result)}${time}, ${result.at.slice(0, 16).replace('T', ' ')} UTC`;
  const sign = hasFailed(result)
    ? 'border-ink border-b-4'
    : passedOnRetry(result)
      ? 'border-t-4 border-timed-out'
      : '';
  return (
    <Link
      href={`/executions/${result.executionId}?tab=results`}
      aria-label={words}
      title={words}
      className={`w-full rounded-t-[1px] bg-current hover:opacity-70 ${sign}`}
      style={{ height: `${Math.max(20, ((result.durationMs ?? 0) / longest) * 100)}%` }}
    />
  );
}
