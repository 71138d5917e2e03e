import type { Execution } from '../../model/execution';
import type { LogLine } from '../../model/log-line';
import { describeEvent } from '../describe-event';
import type { Terminal } from '../terminal';
import { groupLines } from './ci-groups';
import { describeEnd } from './describe-end';
import { formatLine, type RunView } from './run-view';

interface PlainViewOptions {
  url: string;
  /** Print the output of every step: as it comes, and on a CI server in one group for each step. */
  logs: boolean;
  ci: Terminal['ci'];
  write(line: string): void;
  /** All lines of a step that has ended. */
  readStep(stepId: string): Promise<LogLine[]>;
}

/** One line for each thing that happens, for files and CI servers. */
export function createPlainView({ url, logs, ci, write, readStep }: PlainViewOptions): RunView {
  let keptUntil: string | null = null;
  const isGrouped = logs && ci !== null;
  return {
    takesLines: logs && ci === null,
    begin(summary, notes) {
      write(`${summary.suite.title}, profile ${summary.profile}, on ${summary.backend.label}`);
      for (const note of notes) write(note);
      write(`${url}/executions/${summary.id}\n`);
    },
    async onEvent(execution, event) {
      if (event.type === 'environment.kept') keptUntil = event.until;
      const line = describeEvent(execution, event);
      if (line) write(line);
      if (!isGrouped || event.type !== 'step.finished' || event.status === 'skipped') return;
      const lines = (await readStep(event.stepId)).map((each) => formatLine(each));
      if (lines.length > 0)
        for (const each of groupLines(ci, `Output of ${event.stepId}`, lines)) write(each);
    },
    onLines(lines) {
      for (const line of lines) write(formatLine(line));
    },
    end(execution, lastLines) {
      for (const line of lastLinesOf(execution, lastLines, ci)) write(line);
      write('');
      for (const line of describeEnd(execution, keptUntil)) write(line);
    },
    close() {},
  };
}

/** What the step that went wrong printed last, under a title; nothing when no step did. */
export function lastLinesOf(
  execution: Execution,
  lines: readonly LogLine[],
  ci: Terminal['ci'],
): readonly string[] {
  const stepId = execution.cause?.stepId;
  if (execution.status === 'passed' || !stepId) return [];
  const texts = lines.map(({ text }) => text);
  return ['', ...groupLines(ci, `The last lines of ${stepId}`, texts)];
}
