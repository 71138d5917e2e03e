import { describe, expect, it } from 'vitest';
import { caseKey, isFlaky } from '@/lib/model/test-case';
import { only, outputOf, parse, readTests, titles } from './read-report';

const suite = (inner: string, attributes = 'name="S"') => `<testsuite ${attributes}>${inner}</testsuite>`;
const times = (...given: string[]) =>
  readTests(suite(given.map((time, n) => `<testcase name="${n}" time="${time}"/>`).join(''))).cases.map(
    ({ durationMs }) => durationMs,
  );

describe('the cases of a JUnit file', () => {
  it('are in the order of the file, with the whole path of their suites, class and time', () => {
    const report = readTests(`<?xml version="1.0"?>
<testsuites name="everything"><testsuite name="outer" file="a.js"><testsuite name="inner">
<testcase classname="cart.Total" name="adds" time="0.25"/></testsuite>
<testcase name="breaks"><error message="lost"/></testcase><testcase name="later"><skipped message="not yet"/></testcase>
<testcase/></testsuite></testsuites>`);
    expect(report.cases.map(({ path, className, name, status }) => [path, className, name, status])).toEqual([
      [['outer', 'inner'], 'cart.Total', 'adds', 'passed'],
      [['outer'], null, 'breaks', 'errored'],
      [['outer'], null, 'later', 'skipped'],
      [['outer'], null, 'unnamed', 'passed'],
    ]);
    expect(report.cases.map(({ file, durationMs, message }) => [file, durationMs, message])).toEqual([
      [null, 250, null],
      ['a.js', null, 'lost'],
      ['a.js', null, 'not yet'],
      ['a.js', null, null],
    ]);
  });

  it('are told apart by suites, class, name and project alone', () => {
    const keys = (xml: string) => readTests(xml).cases.map(caseKey);
    const nested = (outer: string) =>
      suite(suite('<testcase name="works"/>', 'name="when valid"'), `name="${outer}"`);
    expect(new Set(keys(`<testsuites>${nested('create')}${nested('update')}</testsuites>`)).size).toBe(2);
    const project = (name: string) =>
      suite('<testcase name="buys" classname="a.spec.ts"/>', `name="a.spec.ts" hostname="${name}"`);
    const browsers = `<testsuites id="" name="">${project('firefox')}${project('webkit')}</testsuites>`;
    expect(titles(browsers)).toEqual([
      'passed: firefox: a.spec.ts › buys',
      'passed: webkit: a.spec.ts › buys',
    ]);
    // Elsewhere it is the name of the machine, which is another one in each run.
    const machine = (host: string) => suite('<testcase name="a"/>', `name="s" hostname="${host}"`);
    expect(keys(machine('one'))).toEqual(keys(machine('two')));
  });

  it.each([
    ['the title', '<testcase classname="adds one" name="adds one"/>', 'passed: S › adds one'],
    ['the suite', '<testcase classname="S" name="adds"/>', 'passed: S › adds'],
    [
      'the last part of a whole title',
      '<testcase classname="adds" name="shop S adds"/>',
      'passed: shop › S › adds',
    ],
    ['what Node writes for every case', '<testcase classname="test" name="adds"/>', 'passed: S › adds'],
  ])('have no class that only repeats %s', (_what, testCase, title) => {
    expect(titles(suite(testCase))).toEqual([title]);
  });

  it('have paths in the package that are the same on every backend', () => {
    const digest = `/var/gantry/run1/sha256-${'0a'.repeat(32)}`;
    for (const folder of ['/suite', digest]) {
      const testCase = `<testcase classname="${folder}/a.test.js" name="x" file="${folder}/a.test.js"/>`;
      expect(readTests(suite(testCase)).cases).toMatchObject([{ file: 'a.test.js', className: 'a.test.js' }]);
    }
  });

  it('without a child element that says so are skipped or failed by their status', () => {
    const status = (word: string) => `<testcase name="${word}" status="${word}"/>`;
    expect(
      titles(suite(['run', 'notrun', 'disabled', 'skipped', 'failed', 'error'].map(status).join(''))),
    ).toEqual([
      'passed: S › run',
      'skipped: S › notrun',
      'skipped: S › disabled',
      'skipped: S › skipped',
      'failed: S › failed',
      'errored: S › error',
    ]);
  });

  it('that ctest could not run have errored, though it writes them as skipped', () => {
    const skipped = (message: string) =>
      `<testcase name="a" status="notrun"><skipped message="${message}"/></testcase>`;
    expect(only(readTests(suite(skipped('Required Files Missing'))))).toMatchObject({
      status: 'errored',
      message: 'Required Files Missing',
    });
    expect(only(readTests(suite(skipped('SKIP_RETURN_CODE=9')))).status).toBe('skipped');
  });
});

describe('a case that failed and is skipped', () => {
  const both = '<testcase name="b"><failure message="no"/><skipped message="known"/></testcase>';
  const bad = '<testcase name="a"><failure/><failure/><failure/></testcase>';

  it.each([
    ['whose suite does not count it was expected to fail', `${both}`, 'failures="0" errors="0"', 'skipped'],
    ['whose suite counts it failed', both, 'failures="1"', 'failed'],
    ['whose suite counts nothing failed', both, '', 'failed'],
    ['beside others, by what failed in them', bad + both, 'failures="3"', 'skipped'],
    ['beside others, by cases', bad + both, 'failures="1"', 'skipped'],
    ['beside others that are all counted', bad + both, 'failures="4"', 'failed'],
    [
      'that its writer marks as a todo',
      both.replace('<skipped', '<skipped type="todo"'),
      'failures="1"',
      'skipped',
    ],
  ])('%s', (_what, cases, counts, status) => {
    const found = readTests(suite(cases, `name="S" ${counts}`)).cases.find(({ name }) => name === 'b');
    expect(found).toMatchObject({ status, message: status === 'failed' ? 'no' : 'known: no' });
  });
});

describe('tries of the same case in a JUnit file', () => {
  const failed =
    '<testcase name="t" classname="c" time="1"><failure message="first">at x</failure></testcase>';
  const passed = '<testcase name="t" classname="c" time="2"/>';

  it('that failed before one that passed make one flaky case', () => {
    const report = readTests(suite(`${failed}<testcase name="other"/>${failed}${passed}`));
    expect(report.cases.map(({ name }) => name)).toEqual(['t', 'other']);
    const [flaky] = report.cases;
    expect(flaky && isFlaky(flaky)).toBe(true);
    expect(flaky).toMatchObject({ status: 'passed', durationMs: 2_000, message: null });
    expect(flaky?.attempts).toMatchObject([
      { status: 'failed', message: 'first', durationMs: 1_000 },
      { status: 'failed', message: 'first' },
    ]);
    expect(flaky?.attempts.map((attempt) => outputOf(report, attempt))).toEqual(['at x', 'at x']);
  });

  it('stay cases of their own where they may be different tests of one name', () => {
    expect(titles(suite(failed + failed))).toHaveLength(2);
    expect(titles(suite(passed + passed))).toHaveLength(2);
    expect(titles(`<testsuites>${suite(failed)}${suite(passed)}</testsuites>`)).toHaveLength(2);
  });

  it('are one case in a Go package, where a name is there once', () => {
    const go = '<properties><property name="go.version" value="go1.22"/></properties>';
    expect(only(readTests(suite(go + failed + failed)))).toMatchObject({ status: 'failed', attempts: [{}] });
  });

  it('are read as Surefire writes them', () => {
    const report = readTests(
      suite(`<testcase name="a"><flakyFailure message="one" type="T"><stackTrace>at y</stackTrace></flakyFailure></testcase>
<testcase name="b"><flakyError type="NPE"/></testcase>
<testcase name="c"><failure message="1"/><rerunFailure message="2"/><rerunError message="3"/></testcase>`),
    );
    expect(
      report.cases.map(({ status, message, attempts }) => [status, message, attempts.map((a) => a.message)]),
    ).toEqual([
      ['passed', null, ['one']],
      ['passed', null, ['NPE']],
      ['errored', '3', ['1', '2']],
    ]);
    expect(report.cases.map(isFlaky)).toEqual([true, true, false]);
  });
});

describe('what a JUnit file counts and does not name', () => {
  it('becomes cases of its own, with what the suite printed', () => {
    const report = readTests(
      `<testsuites errors="1" skipped="2" tests="9">${suite('<testcase name="a"/><system-err>Iteration: 0\nTypeError: x</system-err>', 'name="S" errors="1"')}</testsuites>`,
    );
    expect(report.cases.map(({ name, status }) => [status, name])).toEqual([
      ['passed', 'a'],
      ['errored', '1 error that the report does not name'],
      ['skipped', 'skipped case 1 of 2 that the report does not name'],
      ['skipped', 'skipped case 2 of 2 that the report does not name'],
    ]);
    expect(report.cases[1]).toMatchObject({ path: ['S'], message: 'TypeError: x' });
    expect(outputOf(report, report.cases[1] ?? { output: null })).toBe('Iteration: 0\nTypeError: x');
  });

  it('is nothing where failures and errors are mixed up, or nested suites are counted', () => {
    expect(
      titles(suite('<testcase name="a"><failure/></testcase>', 'name="S" errors="1" failures="0"')),
    ).toHaveLength(1);
    const inner = suite('<testcase name="a"><failure/></testcase><testcase name="b"><failure/></testcase>');
    expect(titles(`<testsuites failures="1">${inner}</testsuites>`)).toHaveLength(2);
  });

  it('is not guessed in a suite that is cut off', () => {
    expect(
      titles('<testsuite name="S" errors="3" tests="9"><testcase name="a"/><testcase name="b">'),
    ).toEqual(['passed: S › a']);
  });

  it('is a failure of the suite as a whole when an element says so', () => {
    expect(
      titles(`<testsuites>${suite('<error message="no set-up"/><testcase name="a"/>')}</testsuites>`),
    ).toEqual(['passed: S › a', 'errored: S › the suite as a whole']);
  });
});

describe('an error that its tool may not fail because of', () => {
  it.each(['PHPUnit\\Framework\\RiskyTestError', 'TodoTestSucceeded'])(
    'is a warning after exit code 0: %s',
    (type) => {
      const xml = suite(
        `<testcase name="a"><error type="${type}">S::a\nNo assertions</error></testcase>`,
        'name="S" errors="1"',
      );
      expect(only(readTests(xml, 0))).toMatchObject({ status: 'warned', message: 'No assertions', type });
      expect(only(readTests(xml, 1))).toMatchObject({ status: 'errored', message: 'No assertions', type });
    },
  );

  it('is an error whatever the exit code when it is any other one', () => {
    expect(only(readTests(suite('<testcase name="a"><error type="TypeError"/></testcase>'), 0)).status).toBe(
      'errored',
    );
  });
});

describe('the message of a case', () => {
  const failure = (text: string, message = '') =>
    suite(
      `<testcase name="a" classname="C"><failure message="${message}">${text}</failure><system-out>printed</system-out></testcase>`,
    );

  it.each([
    ['Failed', '=== RUN   TestX\n    x_test.go:7: got 1\n--- FAIL: TestX (0.0s)\n', 'x_test.go:7: got 1'],
    ['', '\n\n   \nC::a\nNothing was asserted\n', 'Nothing was asserted'],
    ['', "(in test file a.bats, line 2)\n  `[ 1 -eq 2 ]' failed", "`[ 1 -eq 2 ]' failed"],
    [
      'collection failure',
      'a.py:1: in x\nE     File "a.py", line 1\nE   SyntaxError: bad',
      'SyntaxError: bad',
    ],
    ['&#10;expected: 3&#10;     got: 4', 'Failure/Error: x', 'expected: 3'],
    ['', '', 'printed'],
  ])('is the first line that tells something (%j, %j)', (message, text, told) => {
    expect(only(readTests(failure(text, message))).message).toBe(told);
  });

  it('of several lines is in the output as a whole', () => {
    const report = readTests(failure('at x', 'one&#10;two'));
    expect(outputOf(report, only(report))).toBe('one\ntwo\nat x\nprinted');
  });
});

describe('the times of a JUnit file', () => {
  it.each([
    [
      ['0.5', '.01', '2.', '1e-3', ''],
      [500, 10, 2_000, 1, null],
    ],
    [
      ['0,160', '1,500'],
      [160, 1_500],
    ],
    [
      ['1,024.12', '1,500'],
      [1_024_120, 1_500_000],
    ],
    [
      ['1.024,12', '1,234,567'],
      [1_024_120, 1_234_567_000],
    ],
    [
      ['NaN', '-1', 'soon', 'Infinity'],
      [null, null, null, null],
    ],
  ])('%j are %j milliseconds', (given, expected) => {
    expect(times(...given)).toEqual(expected);
  });
});

describe('a damaged JUnit file', () => {
  it.each([
    [
      'cut in an element',
      '<testsuite name="S">\n<testcase name="a"/>\n<testcase name="b"><fail',
      'it is cut off',
    ],
    [
      'cut in a section',
      '<testsuite name="S"><testcase name="a"/><system-out><![CDATA[so far',
      'a CDATA section does not end',
    ],
    ['closed wrongly', '<testsuite name="S"><testcase name="a"/></oops></testsuite>', 'unexpected close tag'],
  ])('%s has the cases that could be read', (_what, xml, damage) => {
    const report = readTests(xml);
    expect(report.cases.map(({ name }) => name)).toEqual(['a']);
    expect(report.damage).toMatch(/^line \d: /);
    expect(report.damage).toContain(damage);
  });

  it('has a case that is cut off after its failure', () => {
    expect(titles('<testsuite name="S"><testcase name="a"><failure message="no"/><system-out>x')).toEqual([
      'failed: S › a',
    ]);
  });

  it('goes on after a section without an end, where a line begins with a closing tag', () => {
    const xml = `<testsuites skipped="1"><testsuite name="S">
  <testcase name="a"><failure message="x"><![CDATA[trace
  </testcase>
  <testcase name="b"/>
</testsuite></testsuites>`;
    expect(titles(xml)).toEqual([
      'failed: S › a',
      'passed: S › b',
      'skipped: skipped case that the report does not name'
        .replace('case', 'case')
        .replace('skipped case', '1 skipped case'),
    ]);
    expect(readTests(xml).damage).toBe('line 2: a CDATA section does not end');
  });

  it.each([
    ['nothing', '', 'it is empty'],
    ['no XML', 'Segmentation fault', /^line 1: /],
    [
      'another format',
      '<html><body>502 Bad Gateway</body></html>',
      'expected the element testsuites or testsuite',
    ],
    [
      'the results of xUnit.net',
      '<assemblies/>',
      'its content is xUnit.net: set "format: xunit" or "format: auto"',
    ],
  ])('with %s in it is not valid', (_what, xml, problem) => {
    const parsed = parse(xml, 'junit');
    expect('problem' in parsed && parsed.problem).toMatch(problem);
  });
});
