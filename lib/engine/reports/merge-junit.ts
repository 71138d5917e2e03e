import type { Execution, Step } from '../../model/execution';
import type { ReportSummary } from '../../model/report';
import type { ArtifactStore } from '../../store/store';
import { type FragmentInput, seconds } from './junit-fragment';
import type { ReportParser } from './report-parser';
import { element, writeTree } from './xml-tree';

type JunitSummary = Extract<ReportSummary, { format: 'junit' }>;

interface Counted {
  step: Step;
  summary: JunitSummary;
}

interface Sources {
  artifacts: Pick<ArtifactStore, 'open' | 'report'>;
  reports: Pick<ReportParser, 'junitFragment'>;
}

/**
 * The JUnit results of a run as one file, piece by piece: what each step's last attempt reported, in plan order. Where
 * that one left no report and the step has not passed, an earlier attempt's counts.
 */
export async function* mergeJunit(sources: Sources, execution: Execution): AsyncGenerator<Uint8Array> {
  const counted = execution.steps.flatMap((step) => reportsThatCount(step));
  yield encode(`<?xml version="1.0" encoding="UTF-8"?>\n${openingTag(execution, counted)}\n`);
  for (const each of counted) yield encode(await fragmentOf(sources, execution.id, each));
  yield encode('</testsuites>\n');
}

function reportsThatCount(step: Step): Counted[] {
  const all = step.reports.filter((report) => report.format === 'junit');
  const last = Math.max(...all.map(({ attempt }) => attempt));
  const isStale = step.status === 'passed' && last < step.attempts.length;
  return isStale ? [] : all.filter(({ attempt }) => attempt === last).map((summary) => ({ step, summary }));
}

function openingTag({ id, suite, startedAt }: Execution, counted: readonly Counted[]): string {
  const sum = (of: (summary: JunitSummary) => number) =>
    counted.reduce((total, { summary }) => total + of(summary), 0);
  const whole = element('testsuites', {
    id,
    name: suite.title,
    tests: sum(({ total }) => total),
    failures: sum(({ failed }) => failed),
    errors: sum(({ errored }) => errored),
    skipped: sum(({ skipped }) => skipped),
    time: seconds(sum(({ durationMs }) => durationMs)),
    timestamp: startedAt,
  });
  return writeTree(whole).replace(/\/>$/, '>');
}

async function fragmentOf(
  sources: Sources,
  executionId: string,
  { step, summary }: Counted,
): Promise<string> {
  // What a step has taken over from another execution is stored there.
  const opened = await sources.artifacts.open(step.takeOver?.from ?? executionId, summary.artifactId);
  const input: FragmentInput = {
    content: opened && (await readWhole(opened.content)),
    summary,
    stepId: step.id,
    attempts: step.attempts.length,
    earlier: await failedBefore(sources, step, summary.attempt),
  };
  return sources.reports.junitFragment(input);
}

async function failedBefore(
  { artifacts }: Sources,
  step: Step,
  attempt: number,
): Promise<FragmentInput['earlier']> {
  const found: FragmentInput['earlier'] = [];
  for (const summary of step.reports) {
    if (summary.format !== 'junit' || summary.attempt >= attempt) continue;
    const report = await artifacts.report(summary.artifactId);
    const cases = report?.format === 'junit' ? report.cases : summary.failures;
    const failed = cases.filter(({ status }) => status === 'failed' || status === 'errored');
    found.push(...failed.map((each) => ({ attempt: summary.attempt, failed: each })));
  }
  return found;
}

function encode(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}

async function readWhole(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}
