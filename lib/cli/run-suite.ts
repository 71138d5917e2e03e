import { applyEvents, executionFromFirstEvent } from '../model/apply-event';
import type { ExecutionEvent } from '../model/event';
import type { Execution, ExecutionSummary } from '../model/execution';
import type { KeepWhen } from '../model/keep';
import type { LaunchRequest, LaunchSuite } from '../model/launch';
import type { LogLine } from '../model/log-line';
import type { ExecutionStatus } from '../model/status';
import type { Api } from './api-client';
import { describeEvent, formatDuration } from './describe-event';

interface RunOptions {
  profile?: string;
  backend?: string;
  env?: string[];
  label?: string[];
  keep?: KeepWhen;
  /** Minutes. */
  keepFor?: number;
  logs?: boolean;
}

interface RerunOptions {
  only?: 'all' | 'failed';
  logs?: boolean;
}

const exitCodes: Record<ExecutionStatus, number> = {
  passed: 0,
  failed: 1,
  timed_out: 1,
  errored: 2,
  queued: 2,
  running: 2,
  cancelled: 3,
};

/** Launches a suite, prints what happens as it happens, and answers the exit code. Ctrl-C cancels the run. */
export async function runSuite(api: Api, suiteId: string, options: RunOptions): Promise<number> {
  const request: LaunchRequest = {
    suiteId,
    ...(options.profile ? { profile: options.profile } : {}),
    ...(options.backend ? { backend: options.backend } : {}),
    env: pairs(options.env),
    labels: pairs(options.label),
    ...(options.keep ? { keep: options.keep } : {}),
    ...(options.keepFor ? { keepForMs: options.keepFor * 60_000 } : {}),
  };
  return followRun(api, await api.post('/api/v1/executions', request), options);
}

/** As `runSuite`, for what an ended execution ran. Says which results are taken over. */
export async function rerun(api: Api, id: string, options: RerunOptions): Promise<number> {
  const { only } = options;
  const summary: ExecutionSummary = await api.post(`/api/v1/executions/${id}/rerun`, only ? { only } : {});
  const { steps }: Execution = await api.get(`/api/v1/executions/${summary.id}`);
  for (const step of steps) if (step.takeOver) console.log(`${step.id}: ${step.takeOver.sentence}`);
  return followRun(api, summary, options);
}

async function followRun(api: Api, summary: ExecutionSummary, options: { logs?: boolean }): Promise<number> {
  const base = `/api/v1/executions/${summary.id}`;
  console.log(`${summary.suite.title}, profile ${summary.profile}, on ${summary.backend.label}`);
  if (summary.backend.kind === 'process') console.log(await whyProcess(api, summary.suite.id));
  console.log(`${api.url}/executions/${summary.id}\n`);

  const stop = new AbortController();
  const cancel = () => {
    console.error('\nCancelling; press Ctrl-C again to leave without waiting.');
    process.once('SIGINT', () => process.exit(3));
    api.post(`${base}/cancel`, {}).catch((error: Error) => console.error(error.message));
  };
  process.once('SIGINT', cancel);
  try {
    const logs = options.logs ? printLogs(api, base, stop.signal) : null;
    const [execution] = await Promise.all([follow(api, base, summary.id, stop.signal), logs]);
    await printEnd(api, base, execution);
    return exitCodes[execution.status];
  } finally {
    stop.abort();
    process.removeListener('SIGINT', cancel);
  }
}

async function follow(api: Api, base: string, id: string, signal: AbortSignal): Promise<Execution> {
  let execution: Execution | null = null;
  for await (const message of api.stream(`${base}/events`, signal)) {
    const event: ExecutionEvent = JSON.parse(message.data);
    execution = execution ? applyEvents(execution, [event]) : executionFromFirstEvent(id, event);
    const line = describeEvent(execution, event);
    if (line) console.log(line);
  }
  if (!execution) throw new Error(`Execution ${id} has no events.`);
  return execution;
}

async function printLogs(api: Api, base: string, signal: AbortSignal): Promise<void> {
  for await (const message of api.stream(`${base}/logs?batch=1`, signal)) {
    const lines: LogLine[] = JSON.parse(message.data);
    for (const line of lines) console.log(`${line.stepId} | ${line.text}`);
  }
}

async function printEnd(api: Api, base: string, execution: Execution): Promise<void> {
  const stepId = execution.cause?.stepId;
  if (execution.status !== 'passed' && stepId) {
    console.log(`\nThe last lines of ${stepId}:`);
    for (const line of await lastLines(api, base, stepId)) console.log(`  ${line.text}`);
  }
  const elapsed = execution.finishedAt
    ? Date.parse(execution.finishedAt) - Date.parse(execution.createdAt)
    : 0;
  console.log(`\n${execution.status.replace('_', ' ')} in ${formatDuration(elapsed)}`);
  if (execution.cause) console.log(execution.cause.sentence);
  const receipt = execution.receipt;
  if (!receipt) return;
  console.log(
    `environment: created ${receipt.created}, removed ${receipt.removed}, left ${receipt.left.length}`,
  );
  for (const left of receipt.left) console.log(`  left: ${left.kind} ${left.name}: ${left.reason}`);
}

/** At most 20. Other steps may have printed much after it: it goes back until there are enough. */
async function lastLines(api: Api, base: string, stepId: string): Promise<LogLine[]> {
  const step = encodeURIComponent(stepId);
  const { lastSeq }: { lastSeq: number } = await api.get(`${base}/logs?limit=1`);
  for (let span = 5_000; ; span *= 8) {
    const lines: LogLine[] = [];
    let after: number | null = Math.max(0, lastSeq - span);
    while (after !== null) {
      const page: { items: LogLine[]; nextAfter: number | null } = await api.get(
        `${base}/logs?step=${step}&limit=5000&after=${after}`,
      );
      lines.push(...page.items);
      lines.splice(0, lines.length - 20);
      after = page.nextAfter;
    }
    if (lines.length === 20 || span >= lastSeq) return lines;
  }
}

async function whyProcess(api: Api, suiteId: string): Promise<string> {
  const suites: LaunchSuite[] = await api.get('/api/v1/executions/launch-suites');
  const others = suites
    .find((suite) => suite.id === suiteId)
    ?.backends.filter((each) => each.kind !== 'process');
  const reasons = (others ?? []).map((each) => `${each.label}: ${each.reason ?? 'not chosen'}`).join('; ');
  return `Steps run as processes of this machine, without isolation or limits${reasons ? ` (${reasons})` : ''}.`;
}

function pairs(given: string[] = []): Record<string, string> {
  return Object.fromEntries(
    given.map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 1) throw new Error(`Expected KEY=VALUE, found ${pair}.`);
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}
