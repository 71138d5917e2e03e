import { z } from 'zod';
import type { Execution, Step } from '../../model/execution';
import {
  caseSummary,
  type Report,
  type TestCase,
  type TestReport,
  type TestSummary,
} from '../../model/report';
import { isFinalStep } from '../../model/status';

/** Cases with the outputs that they refer to. */
export type Cases = Pick<TestReport, 'cases' | 'outputs'>;

/** The cases of a stored report, in today's form or in that of the first release; null for a report of coverage. */
export function storedCases(stored: Report | null): Cases | null {
  if (!stored || !('cases' in stored)) return null;
  if ('outputs' in stored) return stored;
  const old = z.object({ cases: z.array(caseSummary) }).safeParse(stored);
  return old.success ? fromSummaries(old.data.cases) : null;
}

/** The cases that the summary of a removed report still has: its first failing ones, and one for the others. */
export function summarizedCases({ failures, failed, errored, path }: TestSummary): Cases {
  const more = failed + errored - failures.length;
  const { cases, outputs } = fromSummaries(failures);
  if (more > 0) {
    const name = more === 1 ? '1 more case that failed' : `${more} more cases that failed`;
    const message = `the report ${path} was removed, and with it their names`;
    cases.push({ ...plainCase, name, status: 'failed', message });
  }
  return { cases, outputs };
}

/**
 * A step that did not end well as a case of its own; null for one that did, and for one whose failure its reports have.
 */
export function caseOfStep(step: Step, hasFailingCases: boolean): TestCase | null {
  const { status, result } = step;
  if (!isFinalStep(status) || status === 'passed' || (status === 'failed' && hasFailingCases)) return null;
  const message = result?.reason ?? null;
  return {
    ...plainCase,
    path: ['step'],
    name: step.id,
    status: status === 'failed' ? 'failed' : status === 'skipped' ? 'skipped' : 'errored',
    type: status,
    message: message ?? `the step ended as ${status.replace('_', ' ')}`,
    durationMs: durationOf(step),
  };
}

/** A run that ended badly though no case and no step says so. */
export function caseOfRun({ status, cause }: Execution): TestCase | null {
  if (status === 'passed' || status === 'queued' || status === 'running') return null;
  return {
    ...plainCase,
    path: ['run'],
    name: 'the run as a whole',
    status: status === 'failed' ? 'failed' : 'errored',
    type: status,
    message: cause?.sentence ?? `the run ended as ${status.replace('_', ' ')}`,
  };
}

const plainCase = {
  file: null,
  path: [],
  className: null,
  name: '',
  parameters: {},
  durationMs: null,
  message: null,
  output: null,
  type: null,
  attempts: [],
} satisfies Omit<TestCase, 'status'>;

function fromSummaries(given: readonly z.infer<typeof caseSummary>[]): Cases {
  const outputs: string[] = [];
  const cases = given.map(({ suite, name, status, durationMs, message, output, isMuted }): TestCase => {
    const reference = output === null ? null : outputs.push(output) - 1;
    const path = suite ? [suite] : [];
    return {
      ...plainCase,
      path,
      name,
      status,
      durationMs,
      message,
      output: reference,
      ...(isMuted ? { isMuted } : {}),
    };
  });
  return { cases, outputs };
}

function durationOf({ startedAt, finishedAt }: Step): number | null {
  return startedAt === null || finishedAt === null ? null : Date.parse(finishedAt) - Date.parse(startedAt);
}
