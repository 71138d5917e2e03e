import type { ExecutionEvent } from '../model/event';
import type { Execution } from '../model/execution';
import { isTestSummary } from '../model/report-kind';
import { isFinalStep, type StepStatus } from '../model/status';
import { staysUp } from '../model/step-kind';
import { formatDuration } from './format';

const glyphs = {
  passed: '✓',
  failed: '✕',
  errored: '!',
  timed_out: '◷',
  cancelled: '⊘',
  skipped: '◌',
} as const;

/** One event as a line for a terminal; null for those that need none. */
export function describeEvent(execution: Execution, event: ExecutionEvent): string | null {
  const at = formatDuration(Date.parse(event.at) - Date.parse(execution.createdAt)).padStart(8);
  const line = (glyph: string, text: string) => `${at}  ${glyph} ${text}`;
  switch (event.type) {
    case 'attempt.started':
      return line('◐', `${event.stepId} starting${event.attempt > 1 ? `, attempt ${event.attempt}` : ''}`);
    case 'attempt.phase':
      return event.phase.name === 'pulling' || event.phase.name === 'building'
        ? line('◐', `${event.stepId} ${event.phase.name} ${event.phase.detail ?? ''}`.trimEnd())
        : null;
    case 'attempt.ready':
      return line('◉', `${event.stepId} ready`);
    case 'attempt.finished':
      return event.retryAt
        ? line('↻', `${event.stepId} ${event.status}, is tried again: ${event.result.reason ?? ''}`)
        : null;
    case 'step.finished': {
      const step = execution.steps.find((each) => each.id === event.stepId);
      const word =
        step && staysUp(step.kind) && event.status === 'passed' ? 'stopped' : event.status.replace('_', ' ');
      const reason =
        event.result.reason && event.status !== 'passed'
          ? `: ${event.result.reason.replace(/^skipped: /, '')}`
          : '';
      return line(glyphs[event.status], `${event.stepId} ${word}${reason}`);
    }
    case 'step.report':
      return isTestSummary(event.report)
        ? line('·', `${event.stepId}: ${event.report.passed} of ${event.report.total} cases passed`)
        : line(
            '·',
            `${event.stepId}: ${event.report.linesCovered} of ${event.report.linesTotal} lines covered`,
          );
    case 'execution.warning':
      return line('!', event.message);
    case 'environment.kept':
      return line('·', `the environment is kept until ${event.until}`);
    case 'execution.cancel_requested':
      return line('⊘', `${event.force ? 'end of everything' : 'cancel'} requested by ${event.by}`);
    default:
      return null;
  }
}

/** The sign of a step's status. */
export function glyphOf(status: StepStatus): string {
  if (isFinalStep(status)) return glyphs[status];
  if (status === 'ready') return '◉';
  return status === 'pending' || status === 'queued' ? '○' : '◐';
}
