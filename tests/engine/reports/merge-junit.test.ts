import { describe, expect, it } from 'vitest';
import { mergeJunit } from '@/lib/engine/reports/merge-junit';
import { settleTentative, summarize } from '@/lib/engine/reports/summarize';
import { applyEvents, executionFromFirstEvent } from '@/lib/model/apply-event';
import type { ExecutionEvent } from '@/lib/model/event';
import type { Execution, Step } from '@/lib/model/execution';
import type { Report } from '@/lib/model/report';
import { isTestReport } from '@/lib/model/report-kind';
import type { FinalExecutionStatus, FinalStepStatus } from '@/lib/model/status';
import { elementsOf, schemaProblems } from './junit-schema';
import { read, readTests, titles } from './read-report';

interface File {
  step: string;
  attempt?: number;
  content: string;
  /** It was removed. */
  isGone?: boolean;
  /** As another release stored it. */
  stored?: unknown;
}

interface Run {
  files?: File[];
  /** How steps ended; those of `files` passed. */
  ends?: Record<string, { status: FinalStepStatus; reason?: string }>;
  status?: FinalExecutionStatus;
  change?: (step: Step) => Step;
}

const at = '2026-01-01T00:00:00.000Z';
const link = 'https://gantry.example';

/** The JUnit file of a run whose steps left these files; valid by both schemas, with counts that agree. */
async function merge({
  files = [],
  ends = {},
  status = 'passed',
  change = (step) => step,
}: Run): Promise<string> {
  const stored = files.map((file, index) => {
    const parsed = read(file.content);
    const report = isTestReport(parsed) ? settleTentative(parsed, 0) : parsed;
    const summary = summarize(report, {
      attempt: file.attempt ?? 1,
      artifactId: String(index),
      path: `${file.step}.xml`,
    });
    return { ...file, report, summary };
  });
  const steps = [...new Set([...files.map(({ step }) => step), ...Object.keys(ends)])];
  const events = [
    ...stored.map(({ step, summary }) => ({
      type: 'step.report' as const,
      stepId: step,
      attempt: summary.attempt,
      report: summary,
    })),
    ...steps.map((stepId) => {
      const { status: ended = 'passed' as const, reason = null } = ends[stepId] ?? {};
      const result = { exitCode: 0, signal: null, oomKilled: false, reason };
      return { type: 'step.finished' as const, stepId, status: ended, result };
    }),
    {
      type: 'execution.finished' as const,
      status,
      cause: status === 'passed' ? null : { stepId: null, sentence: 'because' },
    },
  ].map((event, index): ExecutionEvent => ({ ...event, seq: index + 2, at }));
  const execution: Execution = applyEvents(executionFromFirstEvent('run-1', firstEvent(steps)), events);
  const list = async (id: string) =>
    stored
      .filter(({ isGone }) => !isGone && id === 'run-1')
      .map(({ step, summary }) => ({
        id: summary.artifactId,
        stepId: step,
        attempt: 1,
        path: '',
        format: 'junit' as const,
        bytes: 1,
        sha256: '',
      }));
  const report = async (id: string) =>
    (stored[Number(id)]?.stored ?? stored[Number(id)]?.report ?? null) as Report | null;
  const pieces: Uint8Array[] = [];
  const changed = { ...execution, steps: execution.steps.map(change) };
  for await (const piece of mergeJunit({ artifacts: { list, report } }, changed, link)) pieces.push(piece);
  const xml = Buffer.concat(pieces).toString('utf8');
  expect(schemaProblems(xml)).toEqual([]);
  expectCountsToAgree(xml);
  return xml;
}

function firstEvent(steps: string[]): ExecutionEvent {
  return {
    ...{
      type: 'execution.created',
      seq: 1,
      at,
      profile: 'default',
      author: 'test',
      labels: {},
      warnings: [],
    },
    suite: { id: 'shop', title: 'Shop & <Co>', version: null, repository: null },
    backend: { id: 'process', kind: 'process', label: 'Here' },
    steps: steps.map((id, index) => ({ id, name: id, kind: 'test', index, after: [], onFailure: [] })),
  };
}

function expectCountsToAgree(xml: string): void {
  const root = elementsOf(xml);
  for (const suite of [root, ...root.children]) {
    const suites = suite === root ? root.children : [suite];
    const cases = suites.flatMap(({ children }) => children.filter(({ name }) => name === 'testcase'));
    const count = (child: string) =>
      cases.filter(({ children }) => children.some(({ name }) => name === child)).length;
    expect(suite.attributes).toMatchObject({
      tests: String(cases.length),
      failures: String(count('failure')),
      errors: String(count('error')),
    });
    if (suite !== root) expect(suite.attributes.skipped).toBe(String(count('skipped')));
  }
}

const suitesOf = (xml: string) => elementsOf(xml).children;
const suite = (inner: string) => `<testsuite name="S">${inner}</testsuite>`;
const propertiesOf = (xml: string, position = 0) =>
  Object.fromEntries(
    suitesOf(xml)[position]?.children[0]?.children.map(({ attributes }) => [
      attributes.name,
      attributes.value,
    ]) ?? [],
  );

describe('the JUnit file of a run', () => {
  it('is an empty but valid one when it passed and nothing was reported', async () => {
    const xml = await merge({ ends: { one: { status: 'passed' } } });
    expect(elementsOf(xml).attributes).toMatchObject({ name: 'Shop & <Co>', tests: '0' });
    expect(suitesOf(xml)).toEqual([]);
  });

  it('has one suite for each step, in plan order, with all of its reports and where it is from', async () => {
    const xml = await merge({
      files: [
        { step: 'unit', content: suite('<testcase name="a" time="1.5"/>') },
        { step: 'unit', content: 'ok 1 - b\n1..1\n' },
        { step: 'pay/unit', content: suite('<testcase name="c"><skipped message="later"/></testcase>') },
        { step: 'pay/unit', content: 'mode: set\n' },
      ],
    });
    expect(
      suitesOf(xml).map(({ attributes }) => [attributes.name, attributes.tests, attributes.time]),
    ).toEqual([
      ['unit', '2', '1.500'],
      ['pay/unit', '1', '0.000'],
    ]);
    expect(propertiesOf(xml)).toEqual({
      'gantry.suite': 'Shop & <Co>',
      'gantry.execution': 'run-1',
      'gantry.link': 'https://gantry.example',
      'gantry.step': 'unit',
      'gantry.attempt': '1',
      'gantry.attempts': '1',
      'gantry.file': 'unit.xml, unit.xml',
    });
    expect(titles(xml)).toEqual(['passed: unit › S › a', 'passed: unit › b', 'skipped: pay/unit › S › c']);
  });

  it.each([
    ['failed', 'failed', 'exit code 3, expected 0'],
    ['errored', 'errored', 'the image is missing'],
    ['timed_out', 'errored', 'timed out after 5 min'],
    ['cancelled', 'errored', 'cancelled by ada'],
    ['skipped', 'skipped', 'skipped: `build` failed'],
  ] as const)('has a case for a step that %s', async (status, told, reason) => {
    const others: Run['ends'] = status === 'skipped' ? { build: { status: 'failed' } } : {};
    const xml = await merge({ ends: { ...others, job: { status, reason } }, status: 'failed' });
    const found = readTests(xml).cases.find(({ name }) => name === 'job');
    expect(found).toMatchObject({ status: told, message: reason, path: ['job'], className: 'step' });
  });

  it('has no second failure for a step whose report has one, but an error for one that timed out', async () => {
    const files = [{ step: 's', content: suite('<testcase name="a"><failure message="no"/></testcase>') }];
    const failed = await merge({ files, ends: { s: { status: 'failed' } }, status: 'failed' });
    expect(titles(failed)).toEqual(['failed: s › S › a']);
    const late = await merge({ files, ends: { s: { status: 'timed_out' } }, status: 'timed_out' });
    expect(titles(late)).toEqual(['failed: s › S › a', 'errored: s › step › s']);
  });

  it.each([
    ['failed', 'failed'],
    ['errored', 'errored'],
    ['timed_out', 'errored'],
    ['cancelled', 'errored'],
  ] as const)('is red for a run that %s though no step says so', async (status, told) => {
    const xml = await merge({ ends: { job: { status: 'passed' } }, status });
    expect(titles(xml)).toEqual([`${told}: run › the run as a whole`]);
    expect(readTests(xml).cases[0]?.message).toBe('because');
  });

  it('has flaky cases with the tries of all attempts, as Surefire marks them', async () => {
    const failed = '<testcase name="a"><failure message="first" type="T">at x</failure></testcase>';
    const xml = await merge({
      files: [
        { step: 's', attempt: 1, content: suite(failed) },
        {
          step: 's',
          attempt: 2,
          content: suite('<testcase name="a"><flakyError message="again"/></testcase>'),
        },
      ],
    });
    const [testCase] = suitesOf(xml)[0]?.children.filter(({ name }) => name === 'testcase') ?? [];
    expect(
      testCase?.children.map(({ name, attributes, children }) => [
        name,
        attributes.message,
        children[0]?.text,
      ]),
    ).toEqual([
      ['flakyFailure', 'first', 'at x'],
      ['flakyError', 'again', ''],
    ]);
    expect(propertiesOf(xml)).toMatchObject({ 'gantry.attempt': '2' });
  });

  it('has reruns of cases that failed in the end', async () => {
    const content = suite('<testcase name="a"><failure message="1"/><rerunFailure message="2"/></testcase>');
    const xml = await merge({
      files: [{ step: 's', content }],
      ends: { s: { status: 'failed' } },
      status: 'failed',
    });
    expect(readTests(xml).cases).toMatchObject([
      { status: 'failed', message: '2', attempts: [{ message: '1' }] },
    ]);
  });

  it('has numbers only, and nothing where a time is not known', async () => {
    const content =
      '<testsuite name="S" time="2,120.5"><testcase name="a" time="NaN"/><testcase name="b" time="0,160"/></testsuite>';
    const xml = await merge({ files: [{ step: 's', content }] });
    expect(xml).toContain('name="a" time=""');
    expect(xml).toContain('name="b" time="0.160"');
  });

  it('has a warning as a case that passed', async () => {
    const content = suite('<testcase name="a"><error type="TodoTestSucceeded" message="done"/></testcase>');
    const xml = await merge({ files: [{ step: 's', content }] });
    expect(titles(xml)).toEqual(['passed: s › S › a']);
    expect(xml).toContain('<system-err>warning: done</system-err>');
  });

  it('takes an earlier attempt only where the last one left nothing and did not pass', async () => {
    const files = [{ step: 's', content: suite('<testcase name="a"><failure/></testcase>') }];
    const attempt = {
      phase: null,
      startedAt: at,
      runningAt: null,
      readyAt: null,
      finishedAt: at,
      result: null,
    };
    const twice = (step: Step): Step => ({
      ...step,
      attempts: [1, 2].map((number) => ({ ...attempt, number, status: step.status, warnings: [] })),
    });
    expect(suitesOf(await merge({ files, change: twice }))).toEqual([]);
    const failed = await merge({ files, change: twice, ends: { s: { status: 'failed' } }, status: 'failed' });
    expect(propertiesOf(failed)).toMatchObject({ 'gantry.attempt': '1', 'gantry.attempts': '2' });
  });

  it('stays valid with what a hostile report has in it', async () => {
    const name = 'a\u0001b\u001b[31m\ufffe&#27;&#10;]]&gt; &quot; {';
    const content = suite(
      `<testcase name="${name}" classname="&lt;script&gt;"><failure message="${name}">]]&gt;<![CDATA[\u0007</testsuites>]]></failure></testcase>`,
    );
    const xml = await merge({
      files: [{ step: '<s>', content }],
      ends: { '<s>': { status: 'failed' } },
      status: 'failed',
    });
    expect(xml).not.toMatch(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u);
    expect(xml).not.toMatch(/CDATA|<script/);
    expect(readTests(xml).cases).toMatchObject([{ name: 'a␁b␛[31m\ufffd␛\n]]> " {', status: 'failed' }]);
  });

  it('tells the first failures of a report that is gone', async () => {
    const failing = Array.from(
      { length: 22 },
      (_, n) => `<testcase name="${n}"><failure message="m${n}">out</failure></testcase>`,
    );
    const files = [{ step: 's', isGone: true, content: suite(`<testcase name="ok"/>${failing.join('')}`) }];
    const { cases } = readTests(await merge({ files, ends: { s: { status: 'failed' } }, status: 'failed' }));
    expect(cases).toHaveLength(21);
    expect(cases[0]).toMatchObject({ name: '0', className: 'S', message: 'm0' });
    expect(cases.at(-1)).toMatchObject({ name: '2 more cases that failed', status: 'failed' });
  });

  it('reads what the first release stored', async () => {
    const old = {
      format: 'junit',
      cases: [{ suite: 'S', name: 'a', status: 'passed', durationMs: 5, message: null, output: null }],
    };
    const files = [{ step: 's', content: suite('<testcase name="a"/>'), stored: old }];
    expect(titles(await merge({ files }))).toEqual(['passed: s › S › a']);
  });

  it('reads what a step took over where it is stored', async () => {
    const files = [{ step: 's', content: suite('<testcase name="a"/>') }];
    const from = (id: string) => (step: Step) => ({
      ...step,
      takeOver: { from: id, sentence: '', result: null, reports: [] },
    });
    expect(titles(await merge({ files, change: from('run-1') }))).toHaveLength(1);
  });
});
