import { describe, expect, it } from 'vitest';
import { parse, readCoverage } from './read-report';

const totals = (content: string) => {
  const { format, linesCovered, linesTotal, branchesCovered, branchesTotal } = readCoverage(content);
  return [format, linesCovered, linesTotal, branchesCovered, branchesTotal];
};

describe('a report of coverage', () => {
  it('in Cobertura has its lines counted rather than its rates trusted, file by file', () => {
    const xml = `<coverage line-rate="1"><packages><package><classes>
<class name="A" filename="a.js"><lines><line number="1" hits="1"/><line number="2" hits="0" branch="true" condition-coverage="50% (1/2)"/></lines></class>
<class name="A.Inner" filename="a.js"><methods><method><lines><line number="9" hits="0"/></lines></method></methods><lines><line number="9" hits="3"/><line number="1" hits="0"/></lines></class>
<class name="B"><lines/></class></classes></package></packages></coverage>`;
    expect(readCoverage(xml)).toEqual({
      format: 'cobertura',
      linesCovered: 2,
      linesTotal: 3,
      branchesCovered: 1,
      branchesTotal: 2,
      files: [
        { path: 'a.js', linesCovered: 2, linesTotal: 3 },
        { path: 'B', linesCovered: 0, linesTotal: 0 },
      ],
    });
  });

  it('in lcov joins the records of a file', () => {
    const info = `TN:one\nSF:/suite/a.js\nDA:1,1\nDA:2,0\nBRDA:2,0,0,-\nBRDA:2,0,1,3\nend_of_record\nTN:two\nSF:/suite/a.js\nDA:2,5\nDA:3,0\nend_of_record\n`;
    expect(totals(info)).toEqual(['lcov', 2, 3, 1, 2]);
    expect(readCoverage(info).files).toEqual([{ path: 'a.js', linesCovered: 2, linesTotal: 3 }]);
  });

  it('in JaCoCo has lines, or the counters of files without any', () => {
    const file = (inner: string) =>
      `<!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd"><report name="x"><package name="shop"><class name="shop/A"><counter type="LINE" missed="9" covered="9"/></class><sourcefile name="A.java">${inner}<counter type="LINE" missed="1" covered="2"/><counter type="BRANCH" missed="1" covered="1"/></sourcefile></package><counter type="LINE" missed="50" covered="50"/></report>`;
    expect(totals(file(''))).toEqual(['jacoco', 2, 3, 1, 2]);
    expect(
      totals(file('<line nr="3" mi="0" ci="2" mb="1" cb="3"/><line nr="4" mi="2" ci="0" mb="0" cb="0"/>')),
    ).toEqual(['jacoco', 1, 2, 3, 4]);
  });

  it('in Clover has statements and the branches of the metrics, not methods', () => {
    const xml = `<coverage generated="1" clover="3"><project><file name="a.php" path="/src/a.php"><class name="A"><metrics conditionals="9" coveredconditionals="9"/></class>
<line num="1" type="method" count="1"/><line num="2" type="stmt" count="1"/><line num="3" type="cond" truecount="1" falsecount="0"/><line num="4" type="stmt" count="0"/>
<metrics conditionals="2" coveredconditionals="1"/></file><metrics conditionals="2" coveredconditionals="1"/></project></coverage>`;
    expect(totals(xml)).toEqual(['clover', 2, 3, 1, 2]);
  });

  it('of SimpleCov has lines with code, in the formatted report as in the result set', () => {
    const lines = [1, null, 0, 3];
    const formatted = {
      meta: { simplecov_version: '0.22.0' },
      coverage: { 'a.rb': { lines, branches: [{ coverage: 1 }, { coverage: 0 }] } },
    };
    const results = {
      RSpec: {
        coverage: { 'a.rb': { lines, branches: { '[:if, 0]': { '[:then]': 1, '[:else]': 0 } } } },
        timestamp: 1,
      },
    };
    expect(totals(JSON.stringify(formatted))).toEqual(['simplecov', 2, 3, 1, 2]);
    expect(totals(JSON.stringify(results))).toEqual(['simplecov', 2, 3, 1, 2]);
  });

  it('of Go counts statements, a block that several packages cover once', () => {
    const profile = 'mode: count\na/x.go:1.2,3.4 2 5\na/x.go:5.2,6.4 1 0\na/x.go:1.2,3.4 2 0\n';
    expect(totals(profile)).toEqual(['go-cover', 2, 3, 0, 0]);
  });

  it.each([
    ['of JUnit', '<testsuite/>', 'cobertura', 'its content is JUnit: set "format: junit" or "format: auto"'],
    [
      'of Clover',
      '<coverage clover="1"><project/></coverage>',
      'cobertura',
      'its content is Clover: set "format: clover" or "format: auto"',
    ],
    [
      'that is cut off',
      '<coverage><packages>',
      'cobertura',
      'line 1: it is cut off: the element packages is not closed',
    ],
    [
      'of lcov that is cut off',
      'SF:a.js\nDA:1,1\n',
      'lcov',
      'it is cut off: the last record has no end_of_record',
    ],
    [
      'without what it needs',
      '<coverage line-rate="1"/>',
      'cobertura',
      'expected the element packages in coverage',
    ],
  ] as const)('is not valid when it is one %s', (_which, content, format, problem) => {
    expect(parse(content, format)).toEqual({ problem });
  });
});
