import { TriangleAlert } from 'lucide-react';
import { count } from '@/app/_components/quantities';
import { StatusIcon } from '@/app/_components/status-icon';
import type { SuiteSummary } from '@/lib/model/suite-details';

/** Each state its own shape, and the words beside it. */
export function SuiteStateMark({
  suite: { valid, problems },
  size = 16,
}: {
  suite: Pick<SuiteSummary, 'valid' | 'problems'>;
  size?: number;
}) {
  return (
    <span
      className="flex items-center gap-2 whitespace-nowrap"
      data-suite-state={valid ? 'launchable' : 'invalid'}
    >
      {valid ? (
        <StatusIcon state="ready" size={size} isDecorative />
      ) : (
        <TriangleAlert size={size} strokeWidth={1.75} aria-hidden="true" className="shrink-0 text-failed" />
      )}
      <span className={valid ? '' : 'font-[550] text-failed'}>
        {valid ? 'launchable' : count(problems.length, 'error')}
      </span>
    </span>
  );
}
