import type { TestCase } from '../../../model/report';
import { mergeRepeats } from '../cases/merge-repeats';
import type { FoundCase, ReportBuilder } from '../cases/report-builder';
import { tellingLine } from '../cases/telling-line';
import type { Attributes } from '../input/xml-reader';
import { foundCase, isExpectedToFail, type JunitCase } from './junit-case';
import { parametersOf, takePlace } from './junit-place';
import { countsDoubted, countUnnamed, type JunitSuite, startSuite } from './junit-suite';

/** The most cases that are made up for counts without names. */
const maxUnnamed = 1_000;
const counted = 'the report counts it and has no case for it';

/** The suites that are open while a JUnit file is read, and what follows from their counts when they close. */
export interface SuiteStack {
  readonly innermost: JunitSuite | null;
  open(attributes: Attributes, isRoot: boolean): void;
  /** Answers the case as it stands in the report. */
  addCase(read: JunitCase): TestCase | null;
  close(): void;
  /** Closes the suites of a file that is cut off, whose counts may be about cases that are lost. */
  abandon(): void;
}

export function createSuiteStack(builder: ReportBuilder): SuiteStack {
  const suites: JunitSuite[] = [];

  function add(suite: JunitSuite, found: FoundCase): TestCase {
    found.file ??= suite.attributes.file ?? null;
    takePlace(found, suite);
    const added = builder.add(found);
    suite.cases.push(added);
    return added;
  }

  function close(isWhole: boolean): void {
    const suite = suites.pop();
    if (!suite) return;
    const outer = suites.at(-1) ?? null;
    if (suite.whole) {
      add(suite, foundCase(suite.whole));
      countCase(suite, suite.whole);
    }
    settleDoubted(suite, outer);
    if (isWhole) addUnnamed(suite, (found) => add(suite, found));
    for (const gone of mergeRepeats(suite.cases, suite.isGo)) builder.drop(gone);
    if (outer) countSuite(outer, suite);
  }

  return {
    get innermost() {
      return suites.at(-1) ?? null;
    },
    open(attributes, isRoot) {
      const outer = suites.at(-1) ?? null;
      const parameters = { ...outer?.parameters, ...parametersOf(attributes, suites[0]?.attributes) };
      suites.push(startSuite(attributes, outer, parameters, isRoot));
    },
    addCase(read) {
      const suite = suites.at(-1);
      if (!suite) return null;
      const added = add(suite, foundCase(read));
      countCase(suite, read);
      if (read.skips.length > 0 || added.status === 'skipped') suite.found.skips += 1;
      const elements = read.failures + read.errors;
      if (elements === 0 || read.skips.length === 0) return added;
      const skipReason = tellingLine(read.skips.map(({ message }) => message ?? '')) ?? '';
      if (isExpectedToFail(read)) expectFailure(added, skipReason);
      else suite.doubted.push({ testCase: added, elements, skipReason });
      return added;
    },
    close: () => close(true),
    abandon() {
      while (suites.length > 0) close(false);
    },
  };
}

function countCase({ found }: JunitSuite, { failures, errors, tries }: JunitCase): void {
  found.failures += failures;
  found.errors += errors;
  if (failures + errors > 0) found.failedCases += 1;
  // Surefire counts every try.
  for (const { status } of tries) {
    if (status === 'failed') found.failures += 1;
    else found.errors += 1;
  }
}

function countSuite(outer: JunitSuite, { found, printed }: JunitSuite): void {
  outer.found.failures += found.failures;
  outer.found.errors += found.errors;
  outer.found.skips += found.skips;
  outer.found.failedCases += found.failedCases;
  if (outer.printed.isEmpty) outer.printed.add(printed.toString());
}

/** Decides by the counts of the suite, or leaves it to the suite around it, whether failures were expected. */
function settleDoubted(suite: JunitSuite, outer: JunitSuite | null): void {
  if (suite.doubted.length === 0) return;
  const areCounted = countsDoubted(suite);
  if (areCounted === null) outer?.doubted.push(...suite.doubted);
  if (areCounted !== false) return;
  for (const { testCase, skipReason } of suite.doubted) expectFailure(testCase, skipReason);
}

function expectFailure(testCase: TestCase, skipReason: string): void {
  testCase.status = 'skipped';
  testCase.message = [skipReason, testCase.message].filter(Boolean).join(': ') || null;
}

function addUnnamed(suite: JunitSuite, add: (found: FoundCase) => void): void {
  const { failures, errors, skips } = countUnnamed(suite);
  const printed = suite.printed.toString();
  const addEach = (count: number, noun: string, status: 'failed' | 'errored' | 'skipped') => {
    for (let n = 1; n <= Math.min(count, maxUnnamed); n++) {
      const which = count === 1 ? `1 ${noun}` : `${noun} ${n} of ${count}`;
      add({
        name: `${which} that the report does not name`,
        status,
        message: status === 'skipped' ? counted : (tellingLine([printed]) ?? counted),
        ...(status === 'skipped' ? {} : { printed }),
      });
    }
  };
  addEach(failures, 'failure', 'failed');
  addEach(errors, 'error', 'errored');
  addEach(skips, 'skipped case', 'skipped');
  suite.found.failures += failures;
  suite.found.errors += errors;
  suite.found.failedCases += failures + errors;
  suite.found.skips += skips;
}
