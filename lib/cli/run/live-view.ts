import { createLogUpdate } from 'log-update';
import { type Clock, systemClock } from '../../clock';
import type { Execution, ExecutionSummary, Step } from '../../model/execution';
import type { LogLine } from '../../model/log-line';
import { isFinalStep } from '../../model/status';
import { waitingSteps } from '../../model/waiting';
import { glyphOf } from '../describe-event';
import { formatDuration } from '../format';
import type { Terminal } from '../terminal';
import { describeEnd } from './describe-end';
import { lastLinesOf } from './plain-view';
import type { RunView } from './run-view';

const redrawMs = 100;
/** Rows that the title and the shell's own line need. */
const otherRows = 4;

/**
 * The steps as a tree that is drawn anew in a terminal: state, elapsed time, what a step waits for, and the last line of
 * what runs. What matters most stays in sight where there are more steps than rows.
 */
export function createLiveView(
  { url, terminal }: { url: string; terminal: Terminal },
  clock: Clock = systemClock,
): RunView {
  const update = createLogUpdate(process.stdout);
  const lastLines = new Map<string, string>();
  let title = '';
  let current: Execution | null = null;
  let keptUntil: string | null = null;
  const draw = () => {
    if (!current) return;
    const rows = Math.max(3, (process.stdout.rows ?? 24) - otherRows);
    update([title, '', ...drawSteps(current, lastLines, clock.now().getTime(), rows)].join('\n'));
  };
  const closed = new AbortController();
  const drawRepeatedly = async () => {
    for (; !closed.signal.aborted; await clock.sleep(redrawMs, closed.signal)) draw();
  };
  void drawRepeatedly();
  return {
    takesLines: true,
    begin(summary: ExecutionSummary, notes) {
      title = `${summary.suite.title}, profile ${summary.profile}, on ${summary.backend.label}\n${url}/executions/${summary.id}`;
      for (const note of notes) terminal.print(note);
    },
    onEvent(execution, event) {
      current = execution;
      if (event.type === 'environment.kept') keptUntil = event.until;
    },
    onLines(lines: readonly LogLine[]) {
      for (const { stepId, text, stream } of lines) {
        if (stream !== 'system' && text.trim() !== '') lastLines.set(stepId, text);
      }
    },
    end(execution, lines) {
      current = execution;
      draw();
      closed.abort();
      update.done();
      for (const line of [...lastLinesOf(execution, lines, null), '', ...describeEnd(execution, keptUntil)])
        terminal.print(line);
    },
    close() {
      closed.abort();
      update.done();
    },
  };
}

/** The rows of the steps at a time. Exported for its tests. */
export function drawSteps(
  execution: Execution,
  lastLines: ReadonlyMap<string, string>,
  nowMs: number,
  maxRows: number,
): string[] {
  const waiting = waitingSteps(execution);
  const hidden = hideSteps(execution.steps, maxRows);
  const shown = execution.steps.filter((step) => !hidden.has(step));
  const width = Math.min(32, Math.max(...shown.map(({ id }) => labelOf(id).length)));
  const rows = shown.map((step) => {
    const note = noteOf(step, waiting.get(step.id)?.brief ?? null, lastLines.get(step.id) ?? null);
    const elapsed = elapsedOf(step, nowMs).padStart(10);
    return `${glyphOf(step.status)} ${labelOf(step.id).padEnd(width)} ${elapsed}  ${note}`.trimEnd();
  });
  return hidden.size > 0 ? [...rows, `  and ${hidden.size} more steps`] : rows;
}

/** Those that wait go out of sight first, then those that are done well. */
function hideSteps(steps: readonly Step[], maxRows: number): ReadonlySet<Step> {
  const overflow = steps.length - maxRows;
  if (overflow <= 0) return new Set();
  const weight = ({ status }: Step) =>
    status === 'pending'
      ? 0
      : status === 'skipped'
        ? 1
        : status === 'passed'
          ? 2
          : isFinalStep(status)
            ? 4
            : 3;
  const ordered = [...steps].sort((a, b) => weight(a) - weight(b));
  return new Set(ordered.slice(0, overflow + 1));
}

/** Steps of nested suites are indented below their alias. */
function labelOf(id: string): string {
  const depth = id.split('/').length - 1;
  return `${'  '.repeat(depth)}${id}`;
}

function elapsedOf(step: Step, nowMs: number): string {
  if (!step.startedAt) return '';
  const endMs = step.finishedAt ? Date.parse(step.finishedAt) : nowMs;
  return formatDuration(Math.max(0, endMs - Date.parse(step.startedAt)));
}

function noteOf(step: Step, waits: string | null, lastLine: string | null): string {
  if (isFinalStep(step.status)) return step.status === 'passed' ? '' : (step.result?.reason ?? step.status);
  if (waits) return waits;
  const phase = step.attempts.at(-1)?.phase;
  if (step.status === 'starting' && phase) return [phase.name, phase.detail ?? ''].join(' ').trim();
  return plainText(lastLine ?? step.status);
}

/** A line of a program must not move the cursor or colour the tree. */
function plainText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
  return text.replace(/\u001b\[[0-9;?]*[ -/]*[@-~]|[\u0000-\u001f\u007f-\u009f]/g, '').slice(0, 120);
}
