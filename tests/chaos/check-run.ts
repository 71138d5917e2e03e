import { isDeepStrictEqual } from 'node:util';
import { applyEvents, executionFromFirstEvent } from '@/lib/model/apply-event';
import type { EnvironmentRecord } from '@/lib/model/environment';
import type { ExecutionEvent } from '@/lib/model/event';
import type { Execution, Step } from '@/lib/model/execution';
import type { LogLine } from '@/lib/model/log-line';
import type { RemovalReceipt } from '@/lib/model/receipt';
import { isFinalExecution } from '@/lib/model/status';
import { expectedEnds, expectedOutput, type RandomStep, type RandomSuite } from './random-suite';

/** All that is known of one execution afterwards. */
export interface RunEvidence {
  suite: RandomSuite;
  execution: Execution;
  /** What is there of it, and the rows of all it made; null: nobody keeps that. */
  record: EnvironmentRecord | null;
  /** From each control plane, and as a reader that was cut off again and again has got them. */
  histories: ExecutionEvent[][];
  logs: LogLine[][];
  /** Starts of an attempt's container, as Docker told it; null: Docker is not asked. */
  startsOf: ((stepId: string, attempt: number) => number) | null;
}

/** What is wrong with it, one sentence each. */
export function checkRun(evidence: RunEvidence): string[] {
  const { execution } = evidence;
  const problems = [
    ...checkEnd(evidence),
    ...checkHistories(evidence),
    ...checkStarts(evidence),
    ...checkOutput(evidence),
    ...(wasInterfered(execution) ? [] : checkStatuses(evidence)),
  ];
  return problems.map((problem) => `${execution.id} (${evidence.suite.id}): ${problem}`);
}

/** Someone cancelled it, or its backend was away: then its states are not those of an undisturbed run. */
function wasInterfered({ cancelRequestedAt, status, steps }: Execution): boolean {
  return (
    cancelRequestedAt !== null || status === 'errored' || steps.some((step) => step.status === 'errored')
  );
}

function checkEnd({ execution, record }: RunEvidence): string[] {
  if (!isFinalExecution(execution.status)) return [`it has not ended but is ${execution.status}`];
  const open = execution.steps.filter((step) => step.finishedAt === null).map(({ id }) => id);
  const { receipt } = execution;
  return [
    ...(open.length > 0 ? [`these steps have no end: ${open.join(', ')}`] : []),
    ...(receipt && receipt.left.length > 0 ? [`left behind: ${JSON.stringify(receipt.left)}`] : []),
    ...checkReceipt(receipt, record),
  ];
}

/** The receipt, the rows it is counted from, and the backend say the same. */
function checkReceipt(receipt: RemovalReceipt | null, record: EnvironmentRecord | null): string[] {
  const { created = 0, removed = 0, left = [] } = receipt ?? {};
  if (!record) return [];
  const made = record.rows.filter(({ madeAt }) => madeAt !== null).length;
  const open = record.rows.filter(({ removedAt }) => removedAt === null).map(({ name }) => name);
  const there = record.environment?.resources.map(({ name }) => name) ?? [];
  return [
    ...(removed + left.length === created ? [] : [`its receipt does not add up: ${JSON.stringify(receipt)}`]),
    ...(made === created ? [] : [`${made} things were made, and its receipt says ${created}`]),
    ...(open.length === 0 ? [] : [`rows are still open: ${open.join(', ')}`]),
    ...(there.length === 0 ? [] : [`still there: ${there.join(', ')}`]),
  ];
}

function checkHistories({ execution, histories }: RunEvidence): string[] {
  const [first = []] = histories;
  const problems: string[] = [];
  if (histories.some((history) => !isDeepStrictEqual(history, first)))
    problems.push(`its readers got different events: ${histories.map((each) => each.length).join(', ')}`);
  first.forEach((event, index) => {
    if (event.seq !== index + 1) problems.push(`event ${index + 1} has the number ${event.seq}`);
  });
  for (const step of execution.steps) {
    const ends = first.filter((event) => event.type === 'step.finished' && event.stepId === step.id);
    if (ends.length !== 1) problems.push(`${step.id} has ended ${ends.length} times`);
    step.attempts.forEach(({ number }) => {
      const starts = first.filter(
        (event) => event.type === 'attempt.started' && event.stepId === step.id && event.attempt === number,
      );
      if (starts.length !== 1) problems.push(`attempt ${number} of ${step.id} began ${starts.length} times`);
    });
  }
  const [created] = first;
  if (!created || first.at(-1)?.type !== 'execution.finished')
    return [...problems, 'its history is not whole'];
  const { status } = applyEvents(executionFromFirstEvent(execution.id, created), first);
  return status === execution.status ? problems : [...problems, `its history makes it ${status}`];
}

function checkStarts({ execution, startsOf }: RunEvidence): string[] {
  if (!startsOf) return [];
  return execution.steps.flatMap((step) =>
    step.attempts.flatMap(({ number, runningAt }) => {
      const starts = startsOf(step.id, number);
      if (starts > 1) return [`the container of attempt ${number} of ${step.id} was started ${starts} times`];
      if (starts === 0 && runningAt !== null)
        return [`attempt ${number} of ${step.id} ran without a container`];
      return [];
    }),
  );
}

function checkStatuses({ suite, execution }: RunEvidence): string[] {
  const ends = expectedEnds(suite);
  const kinds = new Map(suite.steps.map((step) => [step.id, step.kind]));
  const problems = execution.steps.flatMap((step) => {
    const expected = ends.get(step.id);
    // A service that nothing needs any more before it was up.
    const wasNotNeeded = kinds.get(step.id) === 'service' && step.status === 'skipped';
    if (!expected || wasNotNeeded) return [];
    const attempts = step.takeOver?.from ? expected.attempts : step.attempts.length;
    if (step.status === expected.status && attempts === expected.attempts) return [];
    return [
      `${step.id} is ${step.status} after ${attempts} attempts (${step.result?.reason}), expected ${expected.status} after ${expected.attempts}`,
    ];
  });
  const hasFailed = [...ends.values()].some(({ status }) => status === 'failed');
  const expected = hasFailed ? 'failed' : 'passed';
  return execution.status === expected
    ? problems
    : [...problems, `it is ${execution.status}, expected ${expected}: ${execution.cause?.sentence}`];
}

function checkOutput({ suite, execution, logs }: RunEvidence): string[] {
  const [first = []] = logs;
  const problems: string[] = [];
  if (logs.some((log) => !isDeepStrictEqual(log, first)))
    problems.push(`its readers got different lines: ${logs.map((each) => each.length).join(', ')}`);
  first.forEach((line, index) => {
    if (line.seq !== index + 1) problems.push(`line ${index + 1} has the number ${line.seq}`);
  });
  const steps = new Map(suite.steps.map((step) => [step.id, step]));
  const byAttempt = new Map<string, string[]>();
  for (const { stepId, attempt, stream, text } of first) {
    const key = `${stepId} ${attempt} ${stream}`;
    const texts = byAttempt.get(key) ?? [];
    byAttempt.set(key, texts);
    texts.push(text);
  }
  for (const step of execution.steps) {
    const printed = steps.get(step.id);
    for (const { number, status, warnings } of printed ? step.attempts : []) {
      const isCut = warnings.some((warning) => warning.includes('may be missing'));
      for (const stream of ['stdout', 'stderr'] as const) {
        const got = byAttempt.get(`${step.id} ${number} ${stream}`) ?? [];
        const isWhole = !isCut && (status === 'passed' || status === 'failed');
        const problem = printed && checkAttemptOutput(printed, step, number, stream, got, isWhole);
        if (problem) problems.push(`${stream} of attempt ${number} of ${step.id}: ${problem}`);
      }
    }
  }
  return problems;
}

/** Of one that was cut short a beginning is enough. */
function checkAttemptOutput(
  printed: RandomStep,
  step: Step,
  attempt: number,
  stream: 'stdout' | 'stderr',
  got: string[],
  isWhole: boolean,
): string | null {
  if (printed.kind === 'service') {
    const ticks = stream === 'stdout' ? got.filter((text) => text.startsWith('tick ')) : [];
    const isCounted = ticks.every((text, index) => text === `tick ${index + 1}`);
    return isCounted ? null : `a tick is missing or doubled: ${ticks.length} lines`;
  }
  const expected = expectedOutput(printed, attempt)[stream];
  const wanted = isWhole ? expected : expected.slice(0, got.length);
  if (isDeepStrictEqual(got, wanted)) return null;
  const at = wanted.findIndex((text, index) => text !== got[index]);
  return `line ${at + 1} is ${JSON.stringify(got[at])}, expected ${JSON.stringify(wanted[at])}; ${got.length} of ${wanted.length} lines (${step.status})`;
}
