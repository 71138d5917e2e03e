import type { ApiClient } from '../../client/api-client';
import type { Execution, ExecutionSummary } from '../../model/execution';
import { isTestSummary } from '../../model/report-kind';
import { type ExitCode, exitCodeOfStatus, exitCodes } from '../exit-codes';
import type { CommandContext } from '../terminal';
import { describeCases } from './describe-cases';
import { followRun } from './follow-run';
import { durationOf, type LaunchOptions, launchRequestOf, readSecrets } from './launch-options';
import { createLiveView } from './live-view';
import { createPlainView } from './plain-view';
import { readLines } from './read-lines';
import type { RunView } from './run-view';
import { type ResultOptions, saveResults } from './save-results';
import { type StopRequests, watchStopRequests } from './stop-requests';

export interface FollowOptions extends ResultOptions {
  logs?: boolean;
  detach?: boolean;
  timeout?: string;
  /** See `followRun`. */
  isEmbedded?: boolean;
}

export type RunOptions = LaunchOptions & FollowOptions;

/** Launches a suite and follows it to its end, unless it is to run alone. Answers the exit code. */
export function runSuite(
  context: CommandContext,
  api: ApiClient,
  suiteId: string,
  options: RunOptions,
): Promise<ExitCode> {
  const body = launchRequestOf(suiteId, options, context.terminal.env);
  return launchAndFollow(context, api, options, () => api.post('/api/v1/executions', { body }));
}

/** As `runSuite`, for what an ended execution ran. Says which results are taken over. */
export function rerunExecution(
  context: CommandContext,
  api: ApiClient,
  id: string,
  options: FollowOptions & { only?: 'all' | 'failed'; secret?: string[] },
): Promise<ExitCode> {
  const body = {
    ...(options.only ? { only: options.only } : {}),
    ...(options.secret ? { secrets: readSecrets(options.secret, context.terminal.env) } : {}),
  };
  return launchAndFollow(context, api, options, () =>
    api.post('/api/v1/executions/{id}/rerun', { params: { id }, body }),
  );
}

async function launchAndFollow(
  context: CommandContext,
  api: ApiClient,
  options: FollowOptions,
  launch: () => Promise<ExecutionSummary>,
): Promise<ExitCode> {
  const timeoutMs = options.timeout === undefined ? null : durationOf('--timeout', options.timeout);
  // Whoever stops it while it is launched has it cancelled as soon as it has an id.
  const stops = watchStopRequests(context.terminal, timeoutMs);
  try {
    const summary = await launch();
    if (options.detach) return detach(context, api, summary);
    const view = viewOf(context, api, summary.id, options);
    try {
      view.begin(summary, await notesOf(api, summary));
      return await follow(context, api, view, stops, summary.id, options);
    } finally {
      view.close();
    }
  } finally {
    stops.close();
  }
}

function detach({ terminal, json }: CommandContext, api: ApiClient, summary: ExecutionSummary): ExitCode {
  terminal.print(json ? JSON.stringify(summary) : `${api.url}/executions/${summary.id}`);
  return exitCodes.passed;
}

async function follow(
  { terminal, json }: CommandContext,
  api: ApiClient,
  view: RunView,
  stops: StopRequests,
  id: string,
  options: FollowOptions,
): Promise<ExitCode> {
  const { status } = await followRun(
    { api, terminal, view, stops, isEmbedded: options.isEmbedded ?? false },
    id,
  );
  const record = await api.get('/api/v1/executions/{id}', { params: { id }, retryForMs: 60_000 });
  if (!json) for (const line of await caseLines(api, record)) terminal.print(line);
  await saveResults({ api, terminal, json }, record, options);
  if (json) terminal.print(JSON.stringify(record));
  return exitCodeOfStatus(status);
}

/** Without them the verdict stands all the same: a control plane that goes away now changes nothing. */
async function caseLines(api: ApiClient, { id, steps }: Execution): Promise<string[]> {
  if (!steps.some(({ reports }) => reports.some(isTestSummary))) return [];
  const cases = await api.get('/api/v1/executions/{id}/cases', { params: { id } }).catch(() => null);
  return cases ? describeCases(cases) : [];
}

function viewOf(
  { terminal, json }: CommandContext,
  api: ApiClient,
  id: string,
  { logs = false }: FollowOptions,
): RunView {
  if (terminal.isInteractive && !json && !logs) return createLiveView({ url: api.url, terminal });
  return createPlainView({
    url: api.url,
    logs,
    ci: json ? null : terminal.ci,
    write: json ? terminal.note : terminal.print,
    async readStep(step) {
      const lines = [];
      for await (const page of readLines(api, id, { step })) lines.push(...page);
      return lines;
    },
  });
}

/** What somebody should know before it runs: that nothing isolates it, and which results are taken over. */
async function notesOf(api: ApiClient, { id, backend, suite, rerunOf }: ExecutionSummary): Promise<string[]> {
  const notes: string[] = [];
  if (rerunOf) {
    const { steps } = await api.get('/api/v1/executions/{id}', { params: { id } });
    for (const step of steps) if (step.takeOver) notes.push(`${step.id}: ${step.takeOver.sentence}`);
  }
  if (backend.kind === 'process') {
    const suites = await api.get('/api/v1/executions/launch-suites', {});
    const others = suites.find((each) => each.id === suite.id)?.backends ?? [];
    const reasons = others
      .filter((each) => each.kind !== 'process')
      .map((each) => `${each.label}: ${each.reason ?? 'not chosen'}`)
      .join('; ');
    notes.push(
      `Steps run as processes of this machine, without isolation or limits${reasons ? ` (${reasons})` : ''}.`,
    );
  }
  return notes;
}
