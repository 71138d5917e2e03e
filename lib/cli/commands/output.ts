import type { ApiClient } from '../../client/api-client';
import { type Clock, systemClock } from '../../clock';
import { applyEvents, executionFromFirstEvent } from '../../model/apply-event';
import type { ExecutionEvent } from '../../model/event';
import type { Execution } from '../../model/execution';
import { type LogLine, logStream } from '../../model/log-line';
import { parseDuration } from '../../suites/file/schema/quantities';
import { describeEvent } from '../describe-event';
import { readLines, wholeLines } from '../run/read-lines';
import { formatLine } from '../run/run-view';
import type { CommandContext } from '../terminal';

export interface LogOptions {
  follow?: boolean;
  step?: string;
  stream?: string;
  since?: string;
  grep?: string;
  pattern?: string;
}

/** `gantry logs`: the output of an execution. Of one step as it was printed; of several with time and step. */
export async function printLogs(
  context: CommandContext,
  api: ApiClient,
  id: string,
  options: LogOptions,
  clock: Clock = systemClock,
): Promise<void> {
  const { step, grep: q, pattern } = options;
  const sinceMs = options.since === undefined ? null : sinceOf(options.since, clock);
  const stream = options.stream === undefined ? undefined : streamOf(options.stream);
  const print = (lines: readonly LogLine[]) => {
    for (const line of lines) {
      if (sinceMs !== null && Date.parse(line.at) < sinceMs) continue;
      const text = step === undefined ? formatLine(line) : line.text;
      context.terminal.print(context.json ? JSON.stringify(line) : text);
    }
  };
  if (!options.follow) {
    for await (const lines of readLines(api, id, { step, stream, q, pattern })) print(lines);
    return;
  }
  const items = api.stream('/api/v1/executions/{id}/logs', {
    params: { id },
    query: { step, stream, q, pattern, batch: 1 },
    signal: new AbortController().signal,
  });
  for await (const { data } of items) {
    print(wholeLines(data));
  }
}

/** `gantry events`: the history of an execution, and with `follow` what comes. */
export async function printEvents(
  context: CommandContext,
  api: ApiClient,
  id: string,
  { follow = false }: { follow?: boolean },
): Promise<void> {
  let execution: Execution | null = null;
  const print = (event: ExecutionEvent) => {
    execution = execution ? applyEvents(execution, [event]) : executionFromFirstEvent(id, event);
    const line = describeEvent(execution, event) ?? describeOther(event);
    context.terminal.print(context.json ? JSON.stringify(event) : `${event.at} ${line}`);
  };
  if (follow) {
    const signal = new AbortController().signal;
    for await (const { data } of api.stream('/api/v1/executions/{id}/events', { params: { id }, signal }))
      print(data);
    return;
  }
  for (let after: number | null = 0; after !== null; ) {
    const page: { items: ExecutionEvent[]; nextAfter: number | null } = await api.get(
      '/api/v1/executions/{id}/events',
      { params: { id }, query: { after, limit: 5_000 } },
    );
    for (const event of page.items) print(event);
    after = page.nextAfter;
  }
}

function describeOther(event: ExecutionEvent): string {
  return `          · ${event.type}${'stepId' in event ? ` ${event.stepId}` : ''}`;
}

function sinceOf(text: string, clock: Clock): number {
  const agoMs = parseDuration(text);
  if (agoMs !== null) return clock.now().getTime() - agoMs;
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw new Error(
      `--since: expected a duration such as 10m or a time such as 2026-01-31T12:00:00Z, found ${text}.`,
    );
  return at;
}

function streamOf(text: string): LogLine['stream'] {
  const parsed = logStream.safeParse(text);
  if (!parsed.success)
    throw new Error(`--stream: expected ${logStream.options.join(', ')}, found ${JSON.stringify(text)}.`);
  return parsed.data;
}
