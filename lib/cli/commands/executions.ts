import type { ApiClient } from '../../client/api-client';
import { type Clock, systemClock } from '../../clock';
import type { ExecutionStatus } from '../../model/status';
import { executionStatus } from '../../model/status-schema';
import { waitingSteps } from '../../model/waiting';
import { glyphOf } from '../describe-event';
import { formatAge, formatDuration, formatTable, statusWords } from '../format';
import { type CommandContext, printResult } from '../terminal';

interface ListOptions {
  suite?: string;
  status?: string;
  label?: string;
  profile?: string;
  author?: string;
  branch?: string;
  search?: string;
  limit?: string;
}

/** What the API answers at the most. */
const maxListed = 200;
const headers = ['ID', 'SUITE', 'PROFILE', 'BACKEND', 'STATUS', 'TIME', 'AGE', 'BY'];

/** `gantry ls`: executions, newest first. */
export async function listExecutions(
  context: CommandContext,
  api: ApiClient,
  { suite, status, label, profile, author, branch, search: q, limit = '20' }: ListOptions,
  clock: Clock = systemClock,
): Promise<void> {
  const statuses = status === undefined ? undefined : statusList(status);
  const wanted = { suite, status: statuses, label: label?.replace('=', ':'), profile, author, branch, q };
  const page = await api.get('/api/v1/executions', { query: { ...wanted, limit } });
  // What is looked for may be far back: a page ends where its look through does.
  while (page.nextCursor && page.items.length < Number(limit)) {
    const left = String(Number(limit) - page.items.length);
    const next = await api.get('/api/v1/executions', {
      query: { ...wanted, limit: left, cursor: page.nextCursor },
    });
    page.items.push(...next.items);
    page.nextCursor = next.nextCursor;
  }
  const nowMs = clock.now().getTime();
  printResult(context, page, () => [
    ...formatTable(
      headers,
      page.items.map((each) => [
        each.id,
        each.suite.id,
        each.profile,
        each.backend.id,
        statusWords(each.status),
        each.startedAt ? formatDuration(endMs(each.finishedAt, nowMs) - Date.parse(each.startedAt)) : '',
        formatAge(nowMs - Date.parse(each.createdAt)),
        each.author,
      ]),
    ),
    ...(page.nextCursor ? [`There may be more. ${howToSeeMore(Number(limit))}`] : []),
  ]);
}

function howToSeeMore(limit: number): string {
  const next = Math.min(maxListed, limit * 4);
  if (next > limit) return `The same with --limit ${next} shows them.`;
  return 'No list is longer: narrow it with --suite, --status, --label, --branch, --author, --profile or --search.';
}

/** `gantry show`: an execution with its steps. */
export async function showExecution(
  context: CommandContext,
  api: ApiClient,
  id: string,
  clock: Clock = systemClock,
): Promise<void> {
  const execution = await api.get('/api/v1/executions/{id}', { params: { id } });
  printResult(context, execution, () => {
    const { suite, profile, backend, author, labels, cause } = execution;
    const waiting = waitingSteps(execution);
    const nowMs = clock.now().getTime();
    const rows = execution.steps.map((step) => [
      `${glyphOf(step.status)} ${step.id}`,
      step.kind,
      statusWords(step.status),
      step.startedAt ? formatDuration(endMs(step.finishedAt, nowMs) - Date.parse(step.startedAt)) : '',
      step.status === 'passed' ? '' : (step.result?.reason ?? waiting.get(step.id)?.sentence ?? ''),
    ]);
    return [
      `${suite.title}, profile ${profile}, on ${backend.label}`,
      `${statusWords(execution.status)}, launched ${execution.createdAt} by ${author}`,
      ...Object.entries(labels).map(([key, value]) => `label ${key}=${value}`),
      ...(cause ? [cause.sentence] : []),
      ...(execution.waitsFor ? [execution.waitsFor] : []),
      `${api.url}/executions/${id}`,
      '',
      ...formatTable(['STEP', 'KIND', 'STATUS', 'TIME', ''], rows),
    ];
  });
}

/** `gantry cancel`: asks for the end of an execution, and does not wait for it. */
export async function cancelExecution(
  context: CommandContext,
  api: ApiClient,
  id: string,
  { force = false }: { force?: boolean },
): Promise<void> {
  const query = force ? { force: '1' } : {};
  const summary = await api.post('/api/v1/executions/{id}/cancel', { params: { id }, query });
  printResult(context, summary, () => [`Asked ${id} to end. Follow it: gantry events ${id} -f`]);
}

function endMs(finishedAt: string | null, nowMs: number): number {
  return finishedAt ? Date.parse(finishedAt) : nowMs;
}

function statusList(text: string): string {
  const known: readonly string[] = executionStatus.options satisfies readonly ExecutionStatus[];
  const unknown = text.split(',').find((each) => !known.includes(each));
  if (unknown !== undefined)
    throw new Error(`--status: expected ${known.join(', ')}, found ${JSON.stringify(unknown)}.`);
  return text;
}
