import type { Execution, Step } from '../../model/execution';
import type { TestCase, TestSummary } from '../../model/report';
import { isTestSummary } from '../../model/report-kind';
import { caseKey, countFailures, countMuted, hasFailed } from '../../model/test-case';
import type { ArtifactStore } from '../../store/artifact-store';
import { type Counts, type WrittenTry, writeCase, writeRootStart, writeSuiteStart } from './junit-writer';
import { type Cases, caseOfRun, caseOfStep, storedCases, summarizedCases } from './run-cases';

interface Sources {
  artifacts: Pick<ArtifactStore, 'list' | 'report'>;
}

/** One suite of the file: a step, or the run as a whole. */
interface Suite {
  name: string;
  step: Step | null;
  reports: { summary: TestSummary; isThere: boolean }[];
  /** The case for the step or the run itself. */
  own: TestCase | null;
  counts: Counts;
}

/** The number of cases that are written at a time, so that a large report does not block the process. */
const sliceLength = 500;

/**
 * The test results of a run as one JUnit file, piece by piece: a suite for each step that reported something or did not
 * end well, in plan order. A run that did not pass has a failure or an error in it. What counts of a step is its last
 * attempt; where that one left no report and the step has not passed, an earlier one. `link` leads to the run.
 */
export async function* mergeJunit(
  sources: Sources,
  execution: Execution,
  link: string | null,
): AsyncGenerator<Uint8Array> {
  const suites = await planSuites(sources, execution);
  yield encode(writeRootStart(execution.suite.title, sumOf(suites.map(({ counts }) => counts))));
  for (const suite of suites) {
    const { name, counts, step } = suite;
    yield encode(writeSuiteStart(name, counts, propertiesOf(execution, suite, link)));
    const before = step
      ? await triesBefore(sources, step, suite.reports[0]?.summary.attempt ?? 1)
      : new Map();
    for (const { summary, isThere } of suite.reports) {
      const stored = isThere ? storedCases(await sources.artifacts.report(summary.artifactId)) : null;
      yield* writeCases(stored ?? summarizedCases(summary), before);
    }
    if (suite.own) yield* writeCases({ cases: [suite.own], outputs: [] }, before);
    yield encode('</testsuite>\n');
  }
  yield encode('</testsuites>\n');
}

function* writeCases({ cases, outputs }: Cases, before: Map<string, WrittenTry[]>): Generator<Uint8Array> {
  for (let at = 0; at < cases.length; at += sliceLength) {
    const written = cases
      .slice(at, at + sliceLength)
      .map((each) => (each.isMuted ? asSkipped(each) : each))
      .map((testCase) => writeCase({ testCase, outputs, before: before.get(caseKey(testCase)) ?? [] }));
    yield encode(`${written.join('\n')}\n`);
  }
}

/** Other CI servers know no muted cases, and would fail the run because of one. */
function asSkipped({ isMuted: _, ...testCase }: TestCase): TestCase {
  return { ...testCase, status: 'skipped', message: `muted: ${testCase.message ?? testCase.status}` };
}

async function planSuites({ artifacts }: Sources, execution: Execution): Promise<Suite[]> {
  const owners = new Set([execution.id, ...execution.steps.map((step) => ownerOf(step, execution))]);
  const there = new Set<string>();
  for (const owner of owners) for (const { id } of await artifacts.list(owner)) there.add(id);
  const suites = execution.steps.map((step): Suite => {
    const reports = reportsThatCount(step).map((summary) => ({
      summary,
      isThere: there.has(summary.artifactId),
    }));
    const own = caseOfStep(
      step,
      reports.some(({ summary }) => countFailures(summary) > 0),
    );
    return { name: step.id, step, reports, own, counts: countsOf(reports, own) };
  });
  const kept = suites.filter(({ reports, own }) => reports.length > 0 || own !== null);
  const ofRun = kept.some(({ counts }) => counts.failures + counts.errors > 0) ? null : caseOfRun(execution);
  if (!ofRun) return kept;
  return [...kept, { name: 'run', step: null, reports: [], own: ofRun, counts: countsOf([], ofRun) }];
}

/** The execution that stores the reports of a step: another one when the step has taken over its result. */
function ownerOf(step: Step, execution: Execution): string {
  return step.takeOver?.from ?? execution.id;
}

function reportsThatCount(step: Step): TestSummary[] {
  const all = step.reports.filter(isTestSummary);
  const last = Math.max(...all.map(({ attempt }) => attempt));
  const isStale = step.status === 'passed' && last < step.attempts.length;
  return isStale ? [] : all.filter(({ attempt }) => attempt === last);
}

function countsOf(reports: Suite['reports'], own: TestCase | null): Counts {
  const counted = reports.map(({ summary, isThere }): Counts => {
    if (!isThere) return countCases(summarizedCases(summary).cases);
    const { total, failed, errored, skipped, durationMs, muted } = summary;
    return {
      tests: total,
      failures: failed - (muted?.failed ?? 0),
      errors: errored - (muted?.errored ?? 0),
      skipped: skipped + countMuted(summary),
      timeMs: durationMs,
    };
  });
  return sumOf([...counted, countCases(own ? [own] : [])]);
}

function countCases(cases: readonly TestCase[]): Counts {
  const count = (status: TestCase['status']) =>
    cases.filter((each) => (each.isMuted ? 'skipped' : each.status) === status).length;
  return {
    tests: cases.length,
    failures: count('failed'),
    errors: count('errored'),
    skipped: count('skipped'),
    timeMs: cases.reduce((sum, { durationMs }) => sum + (durationMs ?? 0), 0),
  };
}

function sumOf(all: readonly Counts[]): Counts {
  const sum = (key: keyof Counts) => all.reduce((total, counts) => total + counts[key], 0);
  return {
    tests: sum('tests'),
    failures: sum('failures'),
    errors: sum('errors'),
    skipped: sum('skipped'),
    timeMs: sum('timeMs'),
  };
}

function propertiesOf(
  { id, suite: { title } }: Execution,
  { step, reports }: Suite,
  link: string | null,
): Record<string, string | number> {
  const attempt = reports[0]?.summary.attempt ?? step?.attempts.length ?? 0;
  const paths = reports.map(({ summary }) => summary.path);
  return {
    'gantry.suite': title,
    'gantry.execution': id,
    ...(link === null ? {} : { 'gantry.link': link }),
    ...(step === null ? {} : { 'gantry.step': step.id, 'gantry.attempt': attempt }),
    ...(step === null ? {} : { 'gantry.attempts': Math.max(step.attempts.length, attempt) }),
    ...(paths.length > 0 ? { 'gantry.file': paths.join(', ').slice(0, 1_000) } : {}),
  };
}

/** Cases that failed in earlier attempts of the step, by their identity. */
async function triesBefore(
  { artifacts }: Sources,
  step: Step,
  attempt: number,
): Promise<Map<string, WrittenTry[]>> {
  const tries = new Map<string, WrittenTry[]>();
  for (const summary of step.reports) {
    if (!isTestSummary(summary) || summary.attempt >= attempt) continue;
    const { cases, outputs } =
      storedCases(await artifacts.report(summary.artifactId)) ?? summarizedCases(summary);
    for (const each of cases.filter(hasFailed)) {
      const text = each.output === null ? '' : (outputs[each.output] ?? '');
      const key = caseKey(each);
      const added = { status: each.status, message: each.message, text, type: each.type ?? '' };
      tries.set(key, [...(tries.get(key) ?? []), added]);
    }
  }
  return tries;
}

function encode(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}
