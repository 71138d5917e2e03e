import type { StepStatus } from '@/lib/model/status';
import { stateWord } from './status-icon';

const fills: Record<StepStatus, string> = {
  pending: 'bg-line',
  queued: 'bg-line-strong',
  starting: 'bg-running/50',
  running: 'bg-running',
  ready: 'bg-ready',
  passed: 'bg-passed',
  failed: 'bg-failed',
  errored: 'bg-errored',
  timed_out: 'bg-timed-out',
  cancelled: 'bg-neutral',
  skipped: 'bg-line-strong',
};

const order: StepStatus[] = [
  'passed',
  'ready',
  'running',
  'starting',
  'failed',
  'errored',
  'timed_out',
  'cancelled',
  'skipped',
  'queued',
  'pending',
];

interface Segment {
  id: string;
  status: StepStatus;
}

/** One segment per step, in plan order. */
export function SegmentBar({ steps, onSelect }: { steps: Segment[]; onSelect?: (id: string) => void }) {
  return (
    <div className="flex h-2 w-full gap-px overflow-hidden rounded-sm" aria-hidden="true">
      {steps.map((step) => (
        <button
          type="button"
          tabIndex={-1}
          key={step.id}
          title={`${step.id}: ${stateWord(step.status)}`}
          className={`min-w-px flex-1 ${fills[step.status]}`}
          onClick={() => onSelect?.(step.id)}
        />
      ))}
    </div>
  );
}

/** The same from counts alone, in order of state. */
export function CountBar({ counts }: { counts: Partial<Record<StepStatus, number>> }) {
  const shown = order.filter((status) => counts[status]);
  const words = shown.map((status) => `${counts[status]} ${stateWord(status)}`).join(', ');
  return (
    <div
      className="flex h-2 w-full gap-px overflow-hidden rounded-sm"
      role="img"
      aria-label={words}
      title={words}
    >
      {shown.map((status) => (
        <span key={status} className={fills[status]} style={{ flexGrow: counts[status] }} />
      ))}
    </div>
  );
}
