import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '@/lib/clock';
import { largestReportBytes, parseReport } from '@/lib/engine/reports/parse-report';
import { createReportParser } from '@/lib/engine/reports/report-parser';
import { createFakeClock } from '../../support/fake-clock';

const at = { attempt: 1, artifactId: 'a', path: 'report.xml' };
const parse = (format: 'junit' | 'cobertura', text: string) =>
  parseReport({ format, content: new TextEncoder().encode(text), ...at });

function casesOf(xml: string) {
  const parsed = parse('junit', xml);
  if ('problem' in parsed) throw new Error(parsed.problem);
  if (parsed.report.format !== 'junit') throw new Error('expected a JUnit report');
  return parsed.report.cases;
}

const problemOf = (format: 'junit' | 'cobertura', xml: string) => {
  const parsed = parse(format, xml);
  return 'problem' in parsed ? parsed.problem : null;
};

describe('a JUnit file', () => {
  it('is read whatever its suites are nested in, with what each case says', () => {
    expect(
      casesOf(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="outer" tests="4" failures="1" errors="1">
    <testsuite name="inner">
      <testcase classname="cart.Total" name="adds" time="0.25"/>
      <testcase name="pays &amp; waits" time="1,234.5"><failure message="expected 200&#10;got 502">at pay.js:3</failure><system-out><![CDATA[<b>]]></system-out></testcase>
    </testsuite>
    <testcase classname="test" name="breaks"><error/></testcase>
    <testcase name="later"><skipped/></testcase>
    <testcase/>
  </testsuite>
</testsuites>`),
    ).toEqual([
      { suite: 'cart.Total', name: 'adds', status: 'passed', durationMs: 250, message: null, output: null },
      {
        suite: 'inner',
        name: 'pays & waits',
        status: 'failed',
        durationMs: 1_234_500,
        message: 'expected 200\ngot 502',
        output: 'at pay.js:3\n<b>',
      },
      { suite: 'outer', name: 'breaks', status: 'errored', durationMs: null, message: null, output: null },
      { suite: 'outer', name: 'later', status: 'skipped', durationMs: null, message: null, output: null },
      { suite: 'outer', name: 'unnamed', status: 'passed', durationMs: null, message: null, output: null },
    ]);
  });

  it('is summed up, with the first twenty failures cut short', () => {
    const failing = Array.from(
      { length: 30 },
      (_, n) => `<testcase name="t${n}" time="0.001"><failure message="${'m'.repeat(600)}"/></testcase>`,
    );
    const parsed = parse('junit', `<testsuite>${failing.join('')}<testcase name="ok"/></testsuite>`);
    expect(parsed).toMatchObject({
      summary: {
        ...at,
        format: 'junit',
        total: 31,
        passed: 1,
        failed: 30,
        errored: 0,
        skipped: 0,
        durationMs: 30,
      },
    });
    const failures = 'summary' in parsed && parsed.summary.format === 'junit' ? parsed.summary.failures : [];
    expect(failures).toHaveLength(20);
    expect(failures[0]?.message).toHaveLength(500);
  });

  it('whose suite failed as a whole has a case that says so', () => {
    expect(
      casesOf('<testsuite name="s"><error message="no setup"/><testcase name="a"/></testsuite>'),
    ).toMatchObject([
      { name: 'a', status: 'passed' },
      { suite: 's', name: 'the suite as a whole', status: 'errored', message: 'no setup' },
    ]);
  });

  it.each([
    ['nothing', '', 'line 1: Start tag expected.'],
    ['no XML', 'Segmentation fault', "line 1: char 'S' is not expected."],
    [
      'another format',
      '<html><body>502 Bad Gateway</body></html>',
      'expected the element testsuites or testsuite',
    ],
    [
      'an end that is missing',
      '<testsuite>\n<testcase name="a">',
      'line 1: the element testcase is not closed',
    ],
    [
      'failures that are only counted',
      '<testsuite tests="3" failures="2"/>',
      'it counts 2 failures, and no case in it has failed',
    ],
    [
      'errors that are only counted, further in',
      '<testsuites><testsuite errors="1"><testcase name="a"/></testsuite></testsuites>',
      'it counts 1 errors, and no case in it has failed',
    ],
    [
      'a name that is no name',
      `<testsuite>${'<'.repeat(100_000)}</testsuite>`,
      expect.stringMatching(/^line 1: .{1,310}$/),
    ],
  ])('is not valid with %s', (_what, xml, problem) => {
    expect(problemOf('junit', xml)).toEqual(problem);
  });

  it('with a byte order mark, odd bytes and a NUL is read', () => {
    const bytes = Buffer.concat([
      Buffer.from('\ufeff<testsuite><testcase name="a'),
      Buffer.from([0xff, 0x00]),
      Buffer.from('b"/></testsuite>'),
    ]);
    const parsed = parseReport({ format: 'junit', content: bytes, ...at });
    expect(parsed).toMatchObject({ report: { cases: [{ name: 'a\ufffd␀b' }] } });
  });

  it('that is larger than can be held is not valid', () => {
    expect(parseReport({ format: 'junit', content: null, ...at })).toEqual({
      problem: `it is larger than ${largestReportBytes / 1024 / 1024} MB`,
    });
  });
});

describe('a Cobertura file', () => {
  const lines = (text: string) =>
    `<coverage line-rate="1"><packages><package><classes>${text}</classes></package></packages></coverage>`;

  it('has its lines counted rather than its rates trusted, file by file', () => {
    const xml = lines(`
      <class name="A" filename="a.js"><lines><line number="1" hits="1"/><line number="2" hits="0" branch="true" condition-coverage="50% (1/2)"/></lines></class>
      <class name="A.Inner" filename="a.js"><methods><method><lines><line number="9" hits="0"/></lines></method></methods><lines><line number="9" hits="3"/></lines></class>
      <class name="B"><lines/></class>`);
    expect(parse('cobertura', xml)).toEqual({
      report: {
        format: 'cobertura',
        linesCovered: 2,
        linesTotal: 3,
        branchesCovered: 1,
        branchesTotal: 2,
        files: [
          { path: 'a.js', linesCovered: 2, linesTotal: 3 },
          { path: 'B', linesCovered: 0, linesTotal: 0 },
        ],
      },
      summary: {
        ...at,
        format: 'cobertura',
        linesCovered: 2,
        linesTotal: 3,
        branchesCovered: 1,
        branchesTotal: 2,
      },
    });
  });

  it.each([
    ['of JUnit', '<testsuite/>', 'expected the element coverage'],
    [
      'of Clover',
      '<coverage><project><metrics statements="1"/></project></coverage>',
      'expected the element packages in coverage',
    ],
    ['that is cut off', '<coverage><packages>', 'line 1: the element packages is not closed'],
  ])('is not valid when it is one %s', (_which, xml, problem) => {
    expect(problemOf('cobertura', xml)).toBe(problem);
  });
});

describe('a hostile report', () => {
  const entities = (definitions: string, use: string) =>
    `<!DOCTYPE r [${definitions}]><testsuite><testcase name="${use}"/></testsuite>`;
  const letters = [...'abcdefghij'];
  const laughs = letters.map(
    (letter, level) => `<!ENTITY ${letter} "${level === 0 ? 'lol' : `&${letters[level - 1]};`.repeat(10)}">`,
  );

  it.each([
    ['an entity bomb', entities(laughs.join(''), '&j;')],
    ['a quadratic bomb', entities(`<!ENTITY a "${'x'.repeat(100_000)}">`, '&a;'.repeat(20_000))],
    ['an external entity', entities('<!ENTITY a SYSTEM "file:///etc/passwd">', '&a;')],
    [
      'a document type from elsewhere',
      '<!DOCTYPE r SYSTEM "http://127.0.0.1:1/x.dtd"><testsuite><testcase name="a"/></testsuite>',
    ],
    ['tags 5,000 deep', `${'<testsuite>'.repeat(5_000)}${'</testsuite>'.repeat(5_000)}`],
    [
      'names that are special in JavaScript',
      '<testsuite><testcase name="a" __proto__="x"/><__proto__ polluted="1"/></testsuite>',
    ],
    [
      'a million ampersands',
      `<testsuite><testcase name="a"><system-out>${'&'.repeat(1_000_000)}</system-out></testcase></testsuite>`,
    ],
  ])('is answered soon, expands nothing and reads nothing: %s', (_what, xml) => {
    const startMs = performance.now();
    const said = JSON.stringify(parse('junit', xml));
    expect(performance.now() - startMs).toBeLessThan(5_000);
    expect(said.length).toBeLessThan(1_000);
    expect(said).not.toContain('root:');
    expect(said).not.toContain('lollol');
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});

describe('the thread that parses reports', () => {
  it('answers as the parser does, and leaves the event loop free', { timeout: 60_000 }, async () => {
    const reports = createReportParser({ clock: systemClock });
    onTestFinished(() => reports.close());
    const good = {
      format: 'junit',
      content: Buffer.from('<testsuite><testcase name="a"/></testsuite>'),
      ...at,
    } as const;
    expect(await reports.parse(good)).toEqual(parseReport(good));
    expect(await reports.parse({ ...good, content: null })).toHaveProperty('problem');
    const cases = '<testcase classname="shop.Cart" name="adds an item" time="0.01"/>'.repeat(40_000);
    const large = { ...good, content: Buffer.from(`<testsuite>${cases}</testsuite>`) };
    let turns = 0;
    const count = setInterval(() => {
      turns += 1;
    }, 5);
    const parsed = await reports.parse(large);
    clearInterval(count);
    expect(parsed).toMatchObject({ summary: { total: 40_000 } });
    expect(turns).toBeGreaterThan(3);
  });

  it('tells a report that takes too long, and goes on with the next', async () => {
    const clock = createFakeClock();
    const reports = createReportParser({ clock });
    onTestFinished(() => reports.close());
    const good = { format: 'junit', content: Buffer.from('<testsuite/>'), ...at } as const;
    const first = reports.parse(good);
    await clock.whenSleeping(30_000);
    await clock.advance(30_000);
    expect(await first).toEqual({ problem: 'parsing takes longer than 30 s' });
    expect(await reports.parse(good)).toHaveProperty('summary');
  });
});
