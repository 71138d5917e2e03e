import type { CaseItem } from '@/lib/model/cases/case-views';
import { Link } from '../hover-link';
import { StatusIcon } from '../status-icon';
import { When } from '../time';
import { CaseName } from './case-name';
import { glyphOf } from './case-state';
import type { CaseView } from './case-views';
import { failingWords, preciseDuration, trendWords } from './case-words';

interface CaseRowProps {
  item: CaseItem;
  view: CaseView;
  /** The list is of more than one suite. */
  showsSuite: boolean;
}

/** A test case in a list: its last result, its name, and the figure that the list is about. */
export function CaseRow({ item, view, showsSuite }: CaseRowProps) {
  const { figures, mute } = item;
  return (
    <li
      data-case={item.id}
      className="grid grid-cols-[20px_1fr] items-start gap-x-2 px-3 py-2 sm:grid-cols-[20px_1fr_auto]"
    >
      <span className="pt-0.5">
        {figures.last ? <StatusIcon state={glyphOf(figures.last.status)} /> : null}
      </span>
      <span className="min-w-0">
        <Link href={`/cases/${item.id}`} className="break-words text-accent hover:underline">
          <CaseName record={item} part="whole" />
        </Link>
        <span className="ml-2 text-ink-2 text-xs">
          {showsSuite ? `${item.suiteId} · ${item.stepId}` : item.stepId}
        </span>
        {mute && view !== 'muted' ? (
          <span className="ml-2 text-ink-2 text-xs">muted until {mute.expiresAt.slice(0, 10)}</span>
        ) : null}
      </span>
      <span className="col-start-2 text-ink-2 sm:col-start-3">
        <Figure item={item} view={view} />
      </span>
    </li>
  );
}

function Figure({ item: { figures, mute }, view }: { item: CaseItem; view: CaseView }) {
  const { flaky, times, streak, last } = figures;
  switch (view) {
    case 'flaky':
      return (
        <>
          {flaky.passesOnRetry.count} passes on retry, {flaky.flips.count} flips in {figures.runs} runs
        </>
      );
    case 'slow':
    case 'slower':
      return (
        <>
          {times.recentMs === null ? null : preciseDuration(times.recentMs)}{' '}
          {times.change === null ? null : trendWords(times.change)}
        </>
      );
    case 'muted':
      return mute ? (
        <>
          {mute.reason} · until {mute.expiresAt.slice(0, 10)}
        </>
      ) : null;
    default:
      if (streak)
        return (
          <>
            {failingWords(streak)}, since <When at={streak.first.at} />
          </>
        );
      return last ? <When at={last.at} /> : null;
  }
}
