import { Link } from '@/app/_components/hover-link';
import { CountBar } from '@/app/_components/segment-bar';
import { Sentence } from '@/app/_components/sentence';
import { StatusIcon, stateWord } from '@/app/_components/status-icon';
import { Elapsed, When } from '@/app/_components/time';
import { flakyWords } from '@/lib/model/cases/count-flaky';
import type { ExecutionSummary } from '@/lib/model/execution';
import { isFinalExecution } from '@/lib/model/status';

/** One execution in a list: state, suite, how far it is, how long it took, what it does or why it failed. */
export function ExecutionRow({
  execution,
  showCause = true,
}: {
  execution: ExecutionSummary;
  showCause?: boolean;
}) {
  const isOver = isFinalExecution(execution.status);
  return (
    <Link
      href={`/executions/${execution.id}`}
      className="grid grid-cols-[20px_1fr_auto] items-center gap-x-3 gap-y-1 px-3 py-2 hover:bg-sunken md:grid-cols-[20px_minmax(10rem,1.2fr)_minmax(8rem,1fr)_5rem_6rem]"
      data-execution={execution.id}
      data-opens={execution.id}
    >
      <StatusIcon state={execution.status} />
      <span className="min-w-0 truncate">
        <span className="font-[550]">{execution.suite.title}</span>{' '}
        <span className="text-ink-2">
          {execution.profile} · {execution.backend.id}
        </span>
      </span>
      <span className="hidden md:block">
        <CountBar counts={execution.stepCounts} />
      </span>
      <span className="hidden text-right text-ink-2 md:block">
        <Elapsed from={execution.startedAt ?? execution.createdAt} to={execution.finishedAt} />
      </span>
      <span className="text-right text-ink-2 text-xs">
        <When at={execution.createdAt} />
      </span>
      {showCause || !isOver ? (
        <span className="col-[2/-1] truncate text-ink-2 text-xs">
          <Sentence text={sentence(execution)} />
        </span>
      ) : null}
    </Link>
  );
}

function endWords({ status, flakyCases }: ExecutionSummary): string {
  const flaky = flakyWords(flakyCases);
  return flaky && status === 'passed' ? `Passed, ${flaky}.` : 'Every step ended well.';
}

/** What it does or waits for, or how it ended, in words. */
function sentence(execution: ExecutionSummary): string {
  if (isFinalExecution(execution.status)) return execution.cause?.sentence ?? endWords(execution);
  if (execution.status === 'queued') return execution.waitsFor ?? 'Waiting for its turn.';
  if (execution.cancelRequestedAt) return `Is being cancelled for ${execution.cancelRequestedBy}.`;
  const parts = (['running', 'starting', 'ready', 'queued', 'pending'] as const)
    .filter((status) => execution.stepCounts[status])
    .map((status) => `${execution.stepCounts[status]} ${stateWord(status)}`);
  return parts.length > 0 ? `Steps: ${parts.join(', ')}.` : 'Is being cleaned up.';
}
