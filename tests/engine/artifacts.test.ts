import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createArtifactCollector } from '@/lib/engine/artifacts';
import { startParsing } from '@/lib/engine/reports/parse-report';
import { createMasker } from '@/lib/model/masker';
import type { ExportRule, StepKind } from '@/lib/model/node';
import type { ReportSummary } from '@/lib/model/report';
import type { ArtifactStore } from '@/lib/store/artifact-store';
import type { Store } from '@/lib/store/store';
import { openTestStore, silentLogger } from '../support/database';
import { createFakeClock } from '../support/fake-clock';
import { makePlan } from '../support/plan';

let store: Store;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ store, close } = await openTestStore());
});
afterAll(() => close());

const rule = (path: string, more: Partial<ExportRule> = {}): ExportRule => ({
  path,
  format: 'file',
  on: 'always',
  required: false,
  ...more,
});

let count = 0;

async function open(
  rules: ExportRule[],
  given: {
    maxBytes?: number;
    maxReportBytes?: number;
    artifacts?: ArtifactStore;
    secrets?: string[];
    kind?: StepKind;
    before?: ReportSummary[];
  } = {},
) {
  count += 1;
  const id = `execution${count}`.padEnd(16, 'x');
  await store.executions.create({
    id,
    plan: makePlan({ nodes: [{ id: 's' }] }),
    backend: { id: 'local', kind: 'local', label: 'Docker' },
    author: 'ada',
    labels: {},
    env: {},
    idempotencyKey: null,
    requestHash: '',
  });
  const collector = createArtifactCollector(
    {
      clock: createFakeClock(),
      logger: silentLogger,
      artifacts: given.artifacts ?? store.artifacts,
      cases: store.cases,
      reports: {
        async parse(format, content) {
          const parsing = startParsing(format);
          for await (const chunk of content) parsing.write(chunk);
          return parsing.end();
        },
      },
    },
    {
      executionId: id,
      suiteId: 'shop',
      inputs: { profile: 'default', packageDigest: 'sha256:1', images: {} },
      stepId: 's',
      kind: given.kind ?? 'task',
      attempt: 1,
      maxReportBytes: given.maxReportBytes ?? 1024 * 1024,
      reportsBefore: async () => given.before ?? [],
      maxBytes: given.maxBytes ?? 1024 * 1024,
      abandoned: new AbortController().signal,
      masker: createMasker(given.secrets ?? []),
      noSpaceMs: 60_000,
    },
    rules,
  );
  return {
    collector,
    async take(path: string, text: string, format: ExportRule['format'] = 'file') {
      await collector.take({ path, format, bytes: Buffer.byteLength(text), content: once(text) });
    },
    stored: async () => (await store.artifacts.list(id)).map(({ path }) => path).sort(),
    async content(path: string) {
      const artifact = (await store.artifacts.list(id)).find((each) => each.path === path);
      const opened = artifact && (await store.artifacts.open(id, artifact.id));
      let text = '';
      for await (const chunk of opened?.content ?? []) text += Buffer.from(chunk).toString();
      return text;
    },
  };
}

async function* once(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text);
}

const coverage = (path: string) => ({
  ...{ format: 'lcov' as const, attempt: 1, artifactId: 'a', path },
  ...{ linesCovered: 0, linesTotal: 0, branchesCovered: 0, branchesTotal: 0 },
});

const goodJunit = '<testsuite name="s"><testcase name="a"/></testsuite>';

describe('what an attempt exports', () => {
  it('is stored, and reports are parsed and stored whole', async () => {
    const { collector, take, stored, content } = await open([
      rule('out'),
      rule('*.xml', { format: 'junit' }),
    ]);
    await take('out/a.txt', 'hello');
    await take('j.xml', goodJunit, 'junit');
    expect(await collector.reports(0)).toMatchObject([
      { format: 'junit', path: 'j.xml', total: 1, passed: 1 },
    ]);
    const { events, problems, warnings } = await collector.settle('success', 0, []);
    expect(events.map(({ type }) => type)).toEqual(['step.artifact', 'step.artifact', 'step.report']);
    expect([problems, warnings]).toEqual([[], []]);
    expect(await stored()).toEqual(['j.xml', 'out/a.txt']);
    expect(await content('out/a.txt')).toBe('hello');
    const id = (await collector.reports(0))[0]?.artifactId ?? '';
    expect(await store.artifacts.report(id)).toMatchObject({ cases: [{ name: 'a' }] });
  });

  it('is stored many small files at a time, in their order, the last one of a name alone', async () => {
    const batches: number[] = [];
    const counting: ArtifactStore = {
      ...store.artifacts,
      putMany(id, files) {
        batches.push(files.length);
        return store.artifacts.putMany(id, files);
      },
    };
    const { collector, take, stored, content } = await open([rule('**')], { artifacts: counting });
    for (let index = 0; index < 1_200; index += 1) await take(`${index}.json`, `${index}`);
    await take('1199.json', 'again');
    await take('large', 'x'.repeat(300_000));
    const { events, warnings } = await collector.settle('success', 0, []);
    expect(batches).toEqual([500, 500, 200]);
    expect(warnings).toEqual([]);
    expect(events.map((event) => event.type === 'step.artifact' && event.artifact.path)).toEqual([
      ...Array.from({ length: 1_200 }, (_, index) => `${index}.json`),
      '1199.json',
      'large',
    ]);
    expect(await stored()).toHaveLength(1_201);
    expect(await content('1199.json')).toBe('again');
    expect(await content('3.json')).toBe('3');
  });

  it('is stored file by file when the store refuses them together, and only the refused is lost', async () => {
    const picky: ArtifactStore = {
      ...store.artifacts,
      putMany: () => Promise.reject(new Error('one of them is wrong')),
      put: (id, key, content, maxBytes) =>
        key.path === 'b'
          ? Promise.reject(new Error('b is wrong'))
          : store.artifacts.put(id, key, content, maxBytes),
    };
    const { collector, take, stored } = await open([rule('*')], { artifacts: picky });
    for (const path of ['a', 'b', 'c']) await take(path, path);
    const { problems, warnings } = await collector.settle('success', 0, []);
    expect([problems, warnings]).toEqual([[], ['b could not be kept: b is wrong']]);
    expect(await stored()).toEqual(['a', 'c']);
  });

  it('says of what is missing that a link stands there, and of the rest that it was left out', async () => {
    const link = (path: string, target: string | null) => ({ path, type: 'link' as const, target });
    const required = (path: string) => rule(path, { format: 'junit', required: true });
    const { collector } = await open([
      ...['junit.xml', 'latest/junit.xml', 'home/j.xml', 'gone.xml'].map(required),
      rule('*.txt'),
    ]);
    const { problems, warnings } = await collector.settle('success', 0, [
      link('junit.xml', 'run-1/junit.xml'),
      link('latest', '/gantry/artifacts/run-1'),
      link('home', '/root'),
      link('a.txt', '../secret'),
      { path: 'b.txt', type: 'special file', target: null },
    ]);
    expect(problems).toEqual([
      'the required report junit.xml was not written: junit.xml is a link to run-1/junit.xml, and links are not followed; export run-1/junit.xml instead',
      'the required report latest/junit.xml was not written: latest is a link to /gantry/artifacts/run-1, and links are not followed; export run-1/junit.xml instead',
      'the required report home/j.xml was not written: home is a link to /root, and links are not followed',
      'the required report gone.xml was not written',
    ]);
    expect(warnings).toEqual([
      'a.txt was not exported: it is a link to ../secret, and links are not followed',
      'b.txt was not exported: it is no regular file',
    ]);
  });

  it.each([
    ['success', ['always.txt', 'both.txt', 'success.txt']],
    ['failure', ['always.txt', 'both.txt', 'failure.txt']],
  ] as const)('is kept on %s only when a rule wants it then', async (on, kept) => {
    const { collector, take, stored } = await open([
      rule('always.txt'),
      rule('success.txt', { on: 'success' }),
      rule('failure.txt', { on: 'failure' }),
      rule('both.*', { on: 'success' }),
      rule('both.txt', { on: 'failure' }),
    ]);
    for (const name of ['always', 'success', 'failure', 'both']) await take(`${name}.txt`, name);
    const { events } = await collector.settle(on, 0, []);
    expect(await stored()).toEqual(kept);
    expect(events).toHaveLength(kept.length);
  });

  it('is missed when it was required, on that end only', async () => {
    const rules = [
      rule('j.xml', { format: 'junit', required: true }),
      rule('dump/*', { on: 'failure', required: true }),
      rule('maybe.txt'),
    ];
    const { collector } = await open(rules);
    expect((await collector.settle('success', 0, [])).problems).toEqual([
      'the required report j.xml was not written',
    ]);
    expect((await (await open(rules)).collector.settle('failure', 1, [])).problems).toEqual([
      'the required report j.xml was not written',
      'the required file dump/* was not written',
    ]);
  });

  it('is kept and complained of when it is no report', async () => {
    const { collector, take, stored } = await open([rule('*.xml', { format: 'junit', required: true })]);
    await take('bad.xml', '<testsuite><testcase name="a"/>', 'junit');
    await take('none.xml', 'Segmentation fault', 'junit');
    expect((await collector.settle('success', 0, [])).problems).toEqual([
      'the JUnit report bad.xml is damaged: line 1: it is cut off: the element testsuite is not closed (1 case could be read)',
      'the report none.xml is not valid JUnit: line 1: text data outside of root node',
    ]);
    expect(await collector.reports(0)).toMatchObject([
      { path: 'bad.xml', total: 1, damage: expect.any(String) },
    ]);
    expect(await stored()).toEqual(['bad.xml', 'none.xml']);
  });

  it('is read in the format that its content tells, where the rule says auto', async () => {
    const rules = [rule('out/**', { format: 'auto' }), rule('named', { format: 'auto' })];
    const { collector, take } = await open(rules);
    await take('out/a', goodJunit, 'auto');
    await take('out/b', 'SF:a.js\nDA:1,1\nend_of_record\n', 'auto');
    await take('out/style.css', 'hello', 'auto');
    await take('out/c.xml', '', 'auto');
    await take('named', 'hello', 'auto');
    const { events, problems } = await collector.settle('success', 0, []);
    const formats = events.flatMap((event) => (event.type === 'step.artifact' ? event.artifact.format : []));
    expect(formats).toEqual(['junit', 'lcov', 'file', 'auto', 'auto']);
    expect((await collector.reports(0)).map(({ format }) => format)).toEqual(['junit', 'lcov']);
    expect(problems).toEqual([
      'the report out/c.xml could not be read: it is empty',
      'the report named could not be read: its content is in no format that Gantry reads',
    ]);
  });

  it('is missed when it was required and none of the files is a report', async () => {
    const rules = [
      rule('out', { format: 'auto', required: true }),
      rule('allure', { format: 'allure', required: true }),
    ];
    const { collector, take } = await open(rules);
    await take('out/style.css', 'hello', 'auto');
    await take('allure/1-container.json', '{}', 'allure');
    expect((await collector.settle('success', 0, [])).problems).toEqual([
      'none of the files that out matches is a report that Gantry reads',
      'none of the files that allure matches is a report that Gantry reads',
    ]);
  });

  it('is kept and not read when it is larger than a report may be, and parsed from the store when it is not held', async () => {
    const limited = await open([rule('*.xml', { format: 'junit' })], { maxReportBytes: 20 });
    await limited.take('j.xml', goodJunit, 'junit');
    expect((await limited.collector.settle('success', 0, [])).problems).toEqual([
      'the report j.xml is not read: it is larger than 0 MB (GANTRY_MAX_REPORT_MB)',
    ]);
    const large = `<testsuite><testcase name="a"/><system-out>${'x'.repeat(21 * 1024 * 1024)}</system-out></testsuite>`;
    const room = { maxBytes: 30 * 1024 * 1024, maxReportBytes: 30 * 1024 * 1024 };
    const roomy = await open([rule('*.xml', { format: 'junit' })], room);
    await roomy.take('j.xml', large, 'junit');
    expect(await roomy.collector.reports(0)).toMatchObject([{ total: 1, passed: 1 }]);
  });

  it('has errors that its tool does not fail because of as warnings, once it ended with 0', async () => {
    const risky = `<testsuite errors="1"><testcase name="a"><error type="PHPUnit\\Framework\\RiskyTestError">x</error></testcase></testsuite>`;
    const { collector, take } = await open([rule('*.xml', { format: 'junit' })]);
    await take('j.xml', risky.replaceAll('\\\\', '\\'), 'junit');
    expect(await collector.reports(0)).toMatchObject([{ errored: 0, warned: 1 }]);
    expect(await collector.reports(2)).toMatchObject([{ errored: 1, warned: 0 }]);
    const { events } = await collector.settle('success', 0, []);
    expect(events.at(-1)).toMatchObject({ type: 'step.report', report: { warned: 1 } });
    const stored = await store.artifacts.report((await collector.reports(0))[0]?.artifactId ?? '');
    expect(stored).toMatchObject({ cases: [{ name: 'a', status: 'warned' }] });
  });

  it('is one report for a folder of Allure results, whose other files are kept as they are', async () => {
    const { collector, take, stored } = await open([rule('allure', { format: 'allure' })]);
    const result = (status: string, start: number) =>
      JSON.stringify({ uuid: 'u', historyId: 'h', name: 'adds', status, stage: 'finished', start });
    await take('allure/2-result.json', result('passed', 2), 'allure');
    await take('allure/1-result.json', result('failed', 1), 'allure');
    await take('allure/1-container.json', '{}', 'allure');
    const { events, problems } = await collector.settle('success', 0, []);
    expect(problems).toEqual([]);
    expect(events.filter(({ type }) => type === 'step.report')).toMatchObject([
      { report: { format: 'allure', path: 'allure/', total: 1, passed: 1, flaky: 1 } },
    ]);
    expect(await stored()).toHaveLength(3);
  });

  it('is hinted at when it is a report that no rule names, and not kept', async () => {
    const { collector, take, stored } = await open([rule('out')]);
    await take('reports/junit.xml', goodJunit);
    await take('reports/other.xml', '<html/>');
    expect((await collector.settle('success', 0, [])).warnings).toEqual([
      'reports/junit.xml looks like a JUnit report that no export names. To read it, add to export: { path: reports/junit.xml, format: junit }',
    ]);
    expect(await stored()).toEqual([]);
  });

  it('is checked against what the rule asks of it', async () => {
    const rules = [
      rule('*.xml', { format: 'junit', required: true, minTests: 2 }),
      rule('*.info', { format: 'lcov', coverage: { min: 80, drop: 1 } }),
    ];
    const before = { ...coverage('a.info'), linesCovered: 9, linesTotal: 10 };
    const { collector, take } = await open(rules, { kind: 'test', before: [before] });
    await take('j.xml', goodJunit, 'junit');
    await take('a.info', 'SF:a.js\nDA:1,1\nDA:2,0\nend_of_record\n', 'lcov');
    expect((await collector.settle('success', 0, [])).problems).toEqual([
      '1 test ran according to *.xml, and min_tests is 2',
      '50.0 % of the lines are covered (1 of 2 in *.info), and coverage.min is 80',
      'the coverage of lines in *.info fell from 90.0 % in the last run that passed to 50.0 %, and coverage.drop is 1',
    ]);
  });

  it('is told when it is too large: it fails the step where it was required, else it is a warning', async () => {
    const { collector, take, stored } = await open([rule('a.bin', { required: true }), rule('b.bin')], {
      maxBytes: 10,
    });
    await take('a.bin', 'x'.repeat(11));
    await take('b.bin', 'x'.repeat(11));
    const { problems, warnings, events } = await collector.settle('success', 0, []);
    expect(problems).toEqual([expect.stringMatching(/^the required a\.bin could not be kept: .*10/)]);
    expect(warnings).toEqual([expect.stringMatching(/^b\.bin could not be kept: /)]);
    expect(events).toEqual([]);
    expect(await stored()).toEqual([]);
  });

  it('is masked, its name too', async () => {
    const { collector, take, content } = await open([rule('**')], { secrets: ['hunter22'] });
    await take('for-hunter22.txt', 'it is hunter22');
    await collector.settle('success', 0, []);
    expect(await content('for-***.txt')).toBe('it is ***');
  });
});
