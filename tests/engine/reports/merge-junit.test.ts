import { XMLValidator } from 'fast-xml-parser';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '@/lib/clock';
import { mergeJunit } from '@/lib/engine/reports/merge-junit';
import { parseReport } from '@/lib/engine/reports/parse-report';
import { createReportParser } from '@/lib/engine/reports/report-parser';
import { elements, parseXml, text } from '@/lib/engine/reports/xml';
import { applyEvents, executionFromFirstEvent } from '@/lib/model/apply-event';
import type { ExecutionEvent } from '@/lib/model/event';
import type { Execution, Step } from '@/lib/model/execution';
import type { TestReport } from '@/lib/model/report';

interface File {
  step: string;
  attempt?: number;
  xml: string;
  /** It was removed. */
  isGone?: boolean;
}

const at = '2026-01-01T00:00:00.000Z';

/** What a run whose steps left these files is as one. */
async function merge(files: File[], change: (step: Step) => Step = (step) => step): Promise<string> {
  const stored = files.map((file, index) => {
    const content = new TextEncoder().encode(file.xml);
    const where = { attempt: file.attempt ?? 1, artifactId: String(index), path: `${file.step}.xml` };
    const parsed = parseReport({ format: 'junit', content, ...where });
    if ('problem' in parsed) throw new Error(parsed.problem);
    return { ...file, ...parsed, content };
  });
  const steps = [...new Set(files.map(({ step }) => step))];
  let execution: Execution = applyEvents(executionFromFirstEvent('run-1', firstEvent(steps)), [
    ...stored.map(
      ({ step, summary }, index): ExecutionEvent => ({
        type: 'step.report',
        seq: index + 2,
        at,
        stepId: step,
        attempt: summary.attempt,
        report: summary,
      }),
    ),
  ]);
  execution = { ...execution, steps: execution.steps.map(change) };
  const reports = createReportParser({ clock: systemClock });
  onTestFinished(() => reports.close());
  const artifacts = {
    open: async (id: string, artifactId: string) => {
      const found = stored[Number(artifactId)];
      if (!found || found.isGone || id !== 'run-1') return null;
      const { content } = found;
      const artifact = { id: artifactId, stepId: found.step, format: 'junit' as const, bytes: 1, sha256: '' };
      return {
        artifact: { ...artifact, attempt: found.summary.attempt, path: found.summary.path },
        content: (async function* () {
          yield content.subarray(0, 7);
          yield content.subarray(7);
        })(),
      };
    },
    report: async (artifactId: string) => stored[Number(artifactId)]?.report ?? null,
  };
  const pieces: Uint8Array[] = [];
  for await (const piece of mergeJunit({ artifacts, reports }, execution)) pieces.push(piece);
  const xml = Buffer.concat(pieces).toString('utf8');
  expect(XMLValidator.validate(xml)).toBe(true);
  return xml;
}

function firstEvent(steps: string[]): ExecutionEvent {
  return {
    type: 'execution.created',
    seq: 1,
    at,
    suite: { id: 'shop', title: 'Shop & <Co>', version: null, repository: null },
    profile: 'default',
    backend: { id: 'process', kind: 'process', label: 'Here' },
    author: 'test',
    labels: {},
    steps: steps.map((id, index) => ({ id, name: id, kind: 'test', index, after: [], onFailure: [] })),
    warnings: [],
  };
}

function casesOf(xml: string): TestReport['cases'] {
  const content = new TextEncoder().encode(xml);
  const parsed = parseReport({ format: 'junit', content, attempt: 1, artifactId: '', path: '' });
  if ('problem' in parsed || parsed.report.format !== 'junit') throw new Error('it is not valid JUnit');
  return parsed.report.cases;
}

const propertiesOf = (element: Record<string, unknown> | undefined) =>
  Object.fromEntries(
    elements(elements(element?.properties)[0]?.property).map((each) => [
      text(each['@name']),
      text(each['@value']),
    ]),
  );
const wholeOf = (xml: string) => elements(parseXml(xml).testsuites)[0];
const suitesOf = (xml: string) => elements(wholeOf(xml)?.testsuite);

describe('the JUnit file of a run', () => {
  it('is an empty but valid one when nothing was reported', async () => {
    const xml = await merge([]);
    expect(wholeOf(xml)).toMatchObject({ '@name': 'Shop & <Co>', '@tests': '0', '@failures': '0' });
    expect(suitesOf(xml)).toEqual([]);
  });

  it('keeps all that the files say, and tells the steps apart', async () => {
    const body = `<properties><property name="browser" value="firefox"/></properties>
<testcase classname="a.B" name="pays" time="0.5" file="b.js" line="3"><failure type="E" message="no&#10;way">at b.js</failure><system-out><![CDATA[<b>&amp;]]></system-out></testcase>
<testcase classname="a.B" name="later"><skipped message="not yet"/></testcase>
<system-err>loud</system-err>`;
    const xml = await merge([
      { step: 'one', xml: `<testsuite name="S" time="0.5" hostname="h">${body}</testsuite>` },
      { step: 'two/inner', xml: `<testsuites name="R"><testsuite>${body}</testsuite></testsuites>` },
    ]);
    expect(wholeOf(xml)).toMatchObject({
      '@tests': '4',
      '@failures': '2',
      '@skipped': '2',
      '@time': '1.000',
    });
    const [one, two] = suitesOf(xml);
    expect(one).toMatchObject({
      '@name': 'one: S',
      '@time': '0.5',
      '@hostname': 'h',
      '@tests': '2',
      'system-err': 'loud',
      testcase: [
        {
          '@classname': 'a.B',
          '@file': 'b.js',
          '@line': '3',
          failure: { '@type': 'E', '@message': 'no\nway', '#text': 'at b.js' },
          'system-out': '<b>&amp;',
        },
        { skipped: { '@message': 'not yet' } },
      ],
    });
    expect(propertiesOf(one)).toMatchObject({ browser: 'firefox', 'gantry.step': 'one' });
    expect(two?.['@name']).toBe('two/inner: R');
    expect(propertiesOf(two)).toEqual({
      browser: 'firefox',
      'gantry.step': 'two/inner',
      'gantry.attempt': '1',
      'gantry.attempts': '1',
      'gantry.file': 'two/inner.xml',
    });
    expect(casesOf(xml)).toHaveLength(4);
  });

  it('has every case that counts, however its file is built', async () => {
    const xml = `<testsuites><testcase name="loose" classname="test"/>
<testsuite name="outer"><error message="no setup"/><testsuite name="inner"><testcase name="x &amp; y"/></testsuite></testsuite></testsuites>`;
    const merged = await merge([{ step: 's', xml }]);
    const plain = ({ suite, name, status }: TestReport['cases'][number]) =>
      `${suite.replace('s: ', '')} › ${name}: ${status}`;
    expect(casesOf(merged).map(plain).sort()).toEqual([
      'inner › x & y: passed',
      'outer › the suite as a whole: errored',
      's.xml › loose: passed',
    ]);
    expect(wholeOf(merged)).toMatchObject({ '@tests': '3', '@errors': '1' });
    expect(suitesOf(merged).map((suite) => suite['@tests'])).toEqual(['1', '2']);
  });

  it('counts the last attempt, and says which cases are flaky', async () => {
    const run = (inner: string) =>
      `<testsuite name="S"><testcase name="a &lt;b&gt;">${inner}</testcase><testcase name="ok"/></testsuite>`;
    const xml = await merge([
      { step: 's', attempt: 1, xml: run('<failure message="a &quot;502&quot;&#10;and more"/>') },
      { step: 's', attempt: 2, xml: run('') },
    ]);
    expect(wholeOf(xml)).toMatchObject({ '@tests': '2', '@failures': '0' });
    const [suite] = suitesOf(xml);
    expect(propertiesOf(suite)).toMatchObject({ 'gantry.attempt': '2', 'gantry.attempts': '2' });
    const [flaky, ok] = elements(suite?.testcase);
    expect(propertiesOf(flaky)).toEqual({ 'gantry.flaky': 'failed in attempt 1: a "502"' });
    expect(propertiesOf(ok)).toEqual({});
  });

  it('takes an earlier attempt only where the last one left nothing and did not pass', async () => {
    const files = [
      { step: 's', xml: '<testsuite name="S"><testcase name="a"><failure/></testcase></testsuite>' },
    ];
    const attempt = {
      phase: null,
      startedAt: at,
      runningAt: null,
      readyAt: null,
      finishedAt: at,
      result: null,
    };
    const ended = (status: 'passed' | 'failed') => (step: Step) => ({
      ...step,
      status,
      attempts: [1, 2].map((number) => ({ ...attempt, number, status, warnings: [] })),
    });
    expect(suitesOf(await merge(files, ended('passed')))).toEqual([]);
    const [suite] = suitesOf(await merge(files, ended('failed')));
    expect(propertiesOf(suite)).toMatchObject({ 'gantry.attempt': '1', 'gantry.attempts': '2' });
  });

  it('stays valid and whole with what a hostile file has in it', async () => {
    const name = 'a\u0001b\u001b[31m\ufffe&#27;&#0;&#xd800;&#x110000;&nbsp;&#10;]]&gt; " {';
    const xml = `<!DOCTYPE x><testsuites xmlns="urn:j" xmlns:xsi="urn:x"><testsuite name='${name.replace('"', '&#34;')}' xsi:type="t" constructor="c">
<testcase name='q "1"' classname="&lt;script&gt;"><failure message='${name}'>${name} > \u0008<![CDATA[\u0007</testsuites>&#27;]]></failure></testcase>
<!-- <testcase name="no"/> --><?php echo 1 ?></testsuite></testsuites>`;
    const merged = await merge([{ step: 's', xml }]);
    expect(merged).not.toMatch(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u);
    expect(merged).not.toMatch(/&(?!(amp|lt|gt|quot|apos|#10|#34);)/);
    expect(merged).not.toMatch(/xsi|xmlns|CDATA|DOCTYPE|\?php|<script/);
    expect(casesOf(merged)).toMatchObject([{ suite: '<script>', name: 'q "1"', status: 'failed' }]);
    expect(casesOf(merged)[0]?.message).toContain('a␁b␛[31m�␛␀��&nbsp;\n]]> " {');
    expect(casesOf(merged)[0]?.output).toContain('␇</testsuites>&#27;');
    expect(casesOf(merged)).toHaveLength(1);
  });

  it('leaves what was masked in a file as it was masked', async () => {
    const merged = await merge([
      {
        step: 's',
        xml: '<testsuite><testcase name="x"><system-out>h&#117;nter2 ***</system-out></testcase></testsuite>',
      },
    ]);
    expect(merged).toContain('<system-out>h&#117;nter2 ***</system-out>');
  });

  it('tells counts and first failures of a file that is gone', async () => {
    const xml = `<testsuite name="S"><testcase name="ok"/><testcase name="bad" classname="C" time="0.25"><failure message="m">out \u001b</failure></testcase></testsuite>`;
    const merged = await merge([{ step: 's', xml, isGone: true }]);
    const [suite] = suitesOf(merged);
    expect(suite).toMatchObject({ '@name': 's: s.xml', '@tests': '2', '@failures': '1' });
    expect(suite?.['system-out']).toContain('could not be read any more');
    expect(casesOf(merged)).toEqual([
      { suite: 'C', name: 'bad', status: 'failed', durationMs: 250, message: 'm', output: 'out ␛' },
    ]);
  });

  it('reads what a step took over where it is stored', async () => {
    const files = [{ step: 's', xml: '<testsuite name="S"><testcase name="ok"/></testsuite>' }];
    const takenFrom = (from: string) => (step: Step) => ({
      ...step,
      takeOver: { from, sentence: '', result: null, reports: [] },
    });
    expect(casesOf(await merge(files, takenFrom('run-1')))).toHaveLength(1);
    expect(casesOf(await merge(files, takenFrom('run-0')))).toHaveLength(0);
  });
});
