import type { ExecutionEvent } from '../../model/event';
import type { Execution, ExecutionSummary } from '../../model/execution';
import type { LogLine } from '../../model/log-line';

/** Shows a run to whoever reads the output. */
export interface RunView {
  /** Whether it wants the lines of all steps as they are printed. */
  readonly takesLines: boolean;
  begin(summary: ExecutionSummary, notes: readonly string[]): void;
  onEvent(execution: Execution, event: ExecutionEvent): Promise<void> | void;
  onLines(lines: readonly LogLine[]): void;
  /** `lastLines` are those of the step that went wrong, if one did. */
  end(execution: Execution, lastLines: readonly LogLine[]): void;
  /** Leaves the terminal as it was, whatever happened. */
  close(): void;
}

/** A line of one of several steps, with its time of day in UTC. */
export function formatLine({ at, stepId, text }: Pick<LogLine, 'at' | 'stepId' | 'text'>): string {
  return `${at.slice(11, 23)} ${stepId} | ${text}`;
}
