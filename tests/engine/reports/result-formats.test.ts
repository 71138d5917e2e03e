import { describe, expect, it } from 'vitest';
import { joinAllure } from '@/lib/engine/reports/collect-report';
import { isTestReport } from '@/lib/model/report-kind';
import { only, outputOf, parse, read, readTests, titles } from './read-report';

describe('TAP', () => {
  it('has a case for each test of the innermost level, with todos and skips as they are meant', () => {
    expect(
      titles(`TAP version 14
1..6
# Subtest: group
    ok 1 - inside
    not ok 2 - wrong
    1..2
not ok 1 - group
ok 2 - fine # time=12ms
ok 3 - later # SKIP no network
not ok 4 - someday # TODO soon
ok 5 - early # TODO done
not ok 6 - bad
`),
    ).toEqual([
      'passed: group › inside',
      'failed: group › wrong',
      'passed: fine',
      'skipped: later',
      'skipped: someday',
      'warned: early',
      'failed: bad',
    ]);
  });

  it('tells why a test failed by its diagnosis or the comments after it', () => {
    const yaml = '1..1\nnot ok 1 - a\n  ---\n  message: expected 1\n  at: x.js\n  ...\n';
    expect(only(readTests(yaml)).message).toBe('expected 1');
    expect(only(readTests('not ok 1 - a\n#   Failed at x line 3\n1..1\n')).message).toBe(
      'Failed at x line 3',
    );
  });

  it.each([
    ['more in the plan', '1..3\nok 1 - a\n', ['passed: a', 'errored: 2 planned tests that did not run']],
    ['a bail out', '1..3\nok 1 - a\nBail out! no database\n', ['passed: a', 'errored: Bail out!']],
    [
      'a group that fails though nothing in it did',
      '# Subtest: g\n    ok 1 - x\n    1..1\nnot ok 1 - g\n1..1\n',
      ['passed: g › x', 'failed: g'],
    ],
    ['no tests', '1..0 # SKIP not here\n', []],
  ])('with %s', (_what, tap, expected) => {
    expect(titles(tap)).toEqual(expect.arrayContaining(expected));
  });

  it('is expected to have tests or a plan', () => {
    expect(parse('nothing of the kind\n', 'tap')).toHaveProperty('problem', expect.stringContaining('1..3'));
  });
});

describe('CTRF', () => {
  const ctrf = (test: object) =>
    JSON.stringify({
      results: { tool: { name: 't' }, summary: {}, tests: [{ name: 'a', duration: 5, ...test }] },
    });

  it.each([
    [{ status: 'passed' }, 'passed'],
    [{ status: 'failed', message: 'no' }, 'failed'],
    [{ status: 'pending' }, 'skipped'],
    [{ status: 'other', rawStatus: 'todo' }, 'skipped'],
    [{ status: 'other', rawStatus: 'interrupted' }, 'errored'],
  ])('%j is %s', (test, status) => {
    expect(only(readTests(ctrf(test)))).toMatchObject({ status, durationMs: 5 });
  });

  it('has suites as text or list, a browser as parameter, and tries', () => {
    const found = only(
      readTests(
        ctrf({
          name: 'cart when full refuses',
          status: 'passed',
          suite: 'cart > when full',
          browser: 'webkit',
          filePath: 'a.spec.ts',
          retries: 1,
          flaky: true,
          retryAttempts: [{ attempt: 1, status: 'failed', message: 'first', duration: 3 }],
        }),
      ),
    );
    expect(found).toMatchObject({
      name: 'refuses',
      path: ['cart', 'when full'],
      file: 'a.spec.ts',
      parameters: { browser: 'webkit' },
      attempts: [{ status: 'failed', message: 'first', durationMs: 3 }],
    });
    expect(only(readTests(ctrf({ status: 'passed', suite: ['x', 'y'] }))).path).toEqual(['x', 'y']);
    expect(only(readTests(ctrf({ status: 'passed', flaky: true }))).attempts).toHaveLength(1);
  });
});

describe('go test -json', () => {
  const events = (...given: object[]) => given.map((event) => JSON.stringify(event)).join('\n');
  const run = (test: string) => ({ Action: 'run', Package: 'p', Test: test });

  it('has tests and subtests, tries as attempts, and a package that failed by itself', () => {
    const report = readTests(
      events(
        run('TestA'),
        { Action: 'output', Package: 'p', Test: 'TestA', Output: '    a_test.go:3: bad\n' },
        { Action: 'fail', Package: 'p', Test: 'TestA', Elapsed: 0.5 },
        { Action: 'fail', Package: 'p' },
        run('TestA'),
        { Action: 'pass', Package: 'p', Test: 'TestA', Elapsed: 0.25 },
        { Action: 'pass', Package: 'p' },
        { Action: 'output', Package: 'q', Output: 'panic: in init\n' },
        { Action: 'fail', Package: 'q' },
      ),
    );
    expect(report.cases).toMatchObject([
      {
        path: ['p'],
        name: 'TestA',
        status: 'passed',
        durationMs: 250,
        attempts: [{ message: 'a_test.go:3: bad' }],
      },
      { path: ['q'], name: 'the package as a whole', status: 'errored', message: 'panic: in init' },
    ]);
  });

  it('names the output of a build that failed', () => {
    const report = readTests(
      events(
        { ImportPath: 'p [p.test]', Action: 'build-output', Output: 'a_test.go:2: undefined: x\n' },
        { ImportPath: 'p [p.test]', Action: 'build-fail' },
        { Action: 'fail', Package: 'p', FailedBuild: 'p [p.test]' },
      ),
    );
    expect(only(report).message).toBe('a_test.go:2: undefined: x');
  });

  it('that is cut off says so, and that a test did not end', () => {
    const report = readTests(events(run('TestA')));
    expect(report.damage).toBe('it is cut off: it ends while 1 test ran');
    expect(only(report)).toMatchObject({ name: 'TestA', status: 'errored' });
  });
});

describe('TRX', () => {
  const trx = (outcome: string, more = '', summary = 'Completed') => `<?xml version="1.0"?>
<TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Results>
<UnitTestResult testId="1" testName="Shop.Cart.Adds(2)" outcome="${outcome}" duration="00:01:01.5000000"><Output><StdOut>out</StdOut>${more}</Output></UnitTestResult>
</Results><TestDefinitions><UnitTest id="1" name="Adds"><TestMethod className="Shop.Cart, Shop" name="Adds"/></UnitTest></TestDefinitions>
<ResultSummary outcome="${summary}"><RunInfos><RunInfo><Text>the host crashed</Text></RunInfo></RunInfos></ResultSummary></TestRun>`;

  it('has class, name, time and reason of a case', () => {
    const report = readTests(
      trx('Failed', '<ErrorInfo><Message>not 2</Message><StackTrace>at x</StackTrace></ErrorInfo>'),
    );
    expect(only(report)).toMatchObject({
      className: 'Shop.Cart',
      name: 'Adds(2)',
      status: 'failed',
      durationMs: 61_500,
      message: 'not 2',
    });
    expect(outputOf(report, only(report))).toBe('at x\nout');
  });

  it.each([
    ['Passed', 'passed'],
    ['NotExecuted', 'skipped'],
    ['Inconclusive', 'skipped'],
    ['Warning', 'warned'],
    ['Timeout', 'errored'],
    ['Aborted', 'errored'],
  ])('%s is %s', (outcome, status) => {
    expect(only(readTests(trx(outcome))).status).toBe(status);
  });

  it('has a case for a run that broke', () => {
    expect(titles(trx('Passed', '', 'Error'))).toEqual([
      'passed: Shop.Cart › Adds(2)',
      'errored: the run as a whole',
    ]);
  });
});

describe('xUnit.net', () => {
  it('has assemblies, classes, results and errors outside of tests', () => {
    const xml = `<assemblies><assembly name="C:\\x\\Shop.dll"><errors><error type="assembly-cleanup"><failure exception-type="E"><message>left over</message></failure></error></errors>
<collection name="c"><test name="Shop.Cart.Adds(n: 1)" type="Shop.Cart" method="Adds" time="0.5" result="Pass"><output>hello</output></test>
<test name="Own name" type="Shop.Cart" method="Fails" time="0.1" result="Fail"><failure exception-type="Xunit.TrueException"><message>no</message><stack-trace>at y</stack-trace></failure></test>
<test name="Shop.Cart.Later" type="Shop.Cart" result="Skip"><reason>soon</reason></test></collection></assembly></assemblies>`;
    expect(titles(xml)).toEqual([
      'errored: Shop.dll › assembly-cleanup',
      'passed: Shop.dll › Shop.Cart › Adds(n: 1)',
      'failed: Shop.dll › Shop.Cart › Own name',
      'skipped: Shop.dll › Shop.Cart › Later',
    ]);
    expect(readTests(xml).cases).toMatchObject([
      { message: 'left over' },
      { durationMs: 500 },
      { message: 'no', type: 'Xunit.TrueException' },
      { message: 'soon' },
    ]);
  });
});

describe('NUnit 3', () => {
  const testCase = (attributes: string, inner = '') =>
    `<test-case name="Adds(1)" fullname="Shop.CartTest.Adds(1)" classname="Shop.CartTest" methodname="Adds" duration="0.25" ${attributes}>${inner}</test-case>`;
  const run = (inner: string, fixture = 'result="Passed"') =>
    `<test-run id="0"><test-suite type="Assembly" name="Shop.dll"><test-suite type="TestSuite" name="Shop"><test-suite type="TestFixture" name="CartTest" ${fixture}>${inner}</test-suite></test-suite></test-suite></test-run>`;

  it.each([
    ['result="Passed"', 'passed'],
    ['result="Failed"', 'failed'],
    ['result="Failed" label="Error"', 'errored'],
    ['result="Skipped" label="Ignored"', 'skipped'],
    ['result="Inconclusive"', 'skipped'],
    ['result="Warning"', 'warned'],
  ])('%s is %s', (attributes, status) => {
    const xml = run(testCase(attributes, '<failure><message>why</message></failure>'));
    expect(only(readTests(xml))).toMatchObject({
      status,
      path: ['Shop.dll'],
      className: 'Shop.CartTest',
      name: 'Adds(1)',
      durationMs: 250,
      message: status === 'passed' ? null : 'why',
    });
  });

  it('has a case for a fixture whose set-up or tear-down failed', () => {
    const broken = run(
      `<failure><message>TearDown : left over</message></failure>${testCase('result="Passed"')}`,
      'result="Failed" label="Error" site="TearDown"',
    );
    expect(titles(broken)).toEqual([
      'passed: Shop.dll › Shop.CartTest › Adds(1)',
      'errored: Shop.dll › Shop › CartTest › the suite as a whole',
    ]);
  });
});

describe('Allure', () => {
  const result = (more: object) =>
    JSON.stringify({ uuid: 'u', historyId: 'h', name: 'adds', status: 'passed', stage: 'finished', ...more });

  it('has suites, parameters, time and reason', () => {
    const json = result({
      status: 'broken',
      start: 100,
      stop: 350,
      statusDetails: { message: 'TypeError: x', trace: 'at y' },
      labels: [
        { name: 'parentSuite', value: 'shop' },
        { name: 'suite', value: 'cart' },
      ],
      parameters: [
        { name: 'n', value: '1' },
        { name: 'at', value: 'noon', excluded: true },
      ],
    });
    expect(only(readTests(json))).toMatchObject({
      path: ['shop', 'cart'],
      status: 'errored',
      durationMs: 250,
      message: 'TypeError: x',
      parameters: { n: '1' },
    });
  });

  it('has one case for the tries of a test, in the order in which they began', () => {
    const tries = [
      result({ start: 20 }),
      result({ start: 10, status: 'failed', statusDetails: { message: 'first', trace: 'at x' } }),
      result({ start: 15, name: 'other' }),
    ];
    const joined = joinAllure(tries.map((each) => read(each)).filter(isTestReport));
    expect(joined.cases.map(({ name, status, attempts }) => [name, status, attempts.length])).toEqual([
      ['adds', 'passed', 1],
      ['other', 'passed', 0],
    ]);
    expect(outputOf(joined, joined.cases[0]?.attempts[0] ?? { output: null })).toBe('at x');
  });
});

describe('Cucumber JSON', () => {
  it('has scenarios with the worst of their steps, backgrounds aside', () => {
    const step = (status: string, more = {}) => ({
      keyword: 'Given ',
      name: 'a cart',
      result: { status, duration: 2e6, ...more },
    });
    const scenario = (name: string, ...steps: object[]) => ({
      keyword: 'Scenario',
      type: 'scenario',
      name,
      steps,
    });
    const json = JSON.stringify([
      {
        keyword: 'Feature',
        name: 'Shop',
        uri: 'shop.feature',
        elements: [
          { keyword: 'Background', type: 'background', name: '', steps: [step('passed')] },
          scenario('buys', step('passed'), step('passed')),
          scenario(
            'fails',
            step('passed'),
            step('failed', { error_message: 'Error: no\n at x' }),
            step('skipped'),
          ),
          scenario('open', step('undefined')),
          scenario('rows', step('passed')),
          scenario('rows', step('skipped')),
        ],
      },
    ]);
    expect(titles(json)).toEqual([
      'passed: Shop › buys',
      'failed: Shop › fails',
      'errored: Shop › open',
      'passed: 1: Shop › rows',
      'skipped: 2: Shop › rows',
    ]);
    expect(readTests(json).cases.map(({ durationMs, message }) => [durationMs, message])).toEqual([
      [4, null],
      [6, 'Error: no'],
      [2, 'step is undefined: Given a cart'],
      [2, null],
      [2, null],
    ]);
  });
});

describe('a format that is JSON', () => {
  it.each([
    [
      'cut off',
      '{"results":{"tool":{"name":"x"},"tests":[{"name":"a"',
      'it is cut off: its JSON does not end',
    ],
    ['broken', '{"results":{"tool":{}},"tests":oops}}', 'its JSON is not valid'],
    ['another one', '{"results":{"tool":{}}}', 'expected results.tests'],
  ])('and is %s is not valid', (_what, json, problem) => {
    expect(parse(json, 'ctrf')).toHaveProperty('problem', expect.stringContaining(problem));
  });
});
