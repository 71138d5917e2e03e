import type { CaseStatus } from '../../../model/report';
import { BoundedText } from '../cases/bounded-text';
import { mergeRepeats } from '../cases/merge-repeats';
import { createReportBuilder } from '../cases/report-builder';
import { type Fields, fieldsOf, numberOf, textOf } from '../input/json-values';
import { createLineReader } from '../input/line-reader';
import type { ReportReader } from '../report-reader';

interface Package {
  printed: BoundedText;
  running: Map<string, BoundedText>;
  /** Something in it has failed since it began. */
  hasFailed: boolean;
}

const wholePackage = 'the package as a whole';

const ends: ReadonlyMap<string, CaseStatus> = new Map([
  ['pass', 'passed'],
  ['fail', 'failed'],
  ['skip', 'skipped'],
]);

/**
 * Reads the events of `go test -json`. A test and its subtests are cases; a test that runs again is one case with its
 * tries. A package that fails though no test of it did is a case that errored.
 */
export function createGoTestReader(): ReportReader {
  const builder = createReportBuilder('go-test');
  const packages = new Map<string, Package>();
  const builds = new Map<string, BoundedText>();
  const cases: ReturnType<typeof builder.add>[] = [];
  let events = 0;

  const packageOf = (name: string): Package => {
    const known = packages.get(name);
    if (known) return known;
    const added = { printed: new BoundedText(16_384), running: new Map(), hasFailed: false };
    packages.set(name, added);
    return added;
  };

  const endTest = (name: string, test: string, status: CaseStatus, elapsed: unknown) => {
    const its = packageOf(name);
    const printed = its.running.get(test)?.toString() ?? '';
    its.running.delete(test);
    if (status === 'failed') its.hasFailed = true;
    const seconds = numberOf(elapsed);
    cases.push(
      builder.add({
        name: test,
        path: [name],
        status,
        durationMs: seconds === null ? null : seconds * 1000,
        details: printed,
      }),
    );
  };

  const endPackage = (name: string, event: Fields) => {
    const its = packageOf(name);
    for (const [test] of event.Action === 'fail' ? its.running : []) endTest(name, test, 'failed', null);
    if (event.Action === 'fail' && !its.hasFailed) {
      const build = builds.get(textOf(event.FailedBuild))?.toString() ?? '';
      builder.add({
        name: wholePackage,
        path: [name],
        status: 'errored',
        details: build,
        printed: its.printed.toString(),
      });
    }
    packages.delete(name);
  };

  const take = (event: Fields) => {
    const name = textOf(event.Package);
    const test = textOf(event.Test);
    const action = textOf(event.Action);
    events += 1;
    if (action === 'build-output') {
      const key = textOf(event.ImportPath);
      const text = builds.get(key) ?? new BoundedText(16_384);
      builds.set(key, text);
      text.add(textOf(event.Output));
    } else if (action === 'output') {
      (packageOf(name).running.get(test) ?? packageOf(name).printed).add(textOf(event.Output));
    } else if (test !== '' && action === 'run') packageOf(name).running.set(test, new BoundedText());
    else if (test !== '' && ends.has(action))
      endTest(name, test, ends.get(action) ?? 'passed', event.Elapsed);
    else if (name !== '' && ends.has(action)) endPackage(name, event);
  };

  return createLineReader({
    onLine(line) {
      const [, broken] = /^FAIL\t(\S+) \[(?:setup|build) failed\]$/.exec(line) ?? [];
      if (broken !== undefined) {
        events += 1;
        builder.add({
          name: wholePackage,
          path: [broken],
          status: 'errored',
          message: line.replaceAll('\t', ' '),
        });
      }
      const event = eventOf(line);
      if (event) take(event);
    },
    end() {
      if (events === 0) throw new Error('expected events of go test -json, a JSON object in each line');
      let cut = 0;
      for (const [name, its] of packages) {
        for (const [test] of [...its.running]) {
          cut += 1;
          endTest(name, test, 'errored', null);
        }
      }
      for (const gone of mergeRepeats(cases, true)) builder.drop(gone);
      const isCut = packages.size > 0;
      const which =
        cut === 0 ? 'before a package ended' : `while ${cut === 1 ? '1 test' : `${cut} tests`} ran`;
      return builder.finish(isCut ? `it is cut off: it ends ${which}` : null);
    },
  });
}

/** Null for a line that the go command itself printed. */
function eventOf(line: string): Fields | null {
  if (!line.startsWith('{')) return null;
  try {
    const event = fieldsOf(JSON.parse(line));
    return typeof event.Action === 'string' ? event : null;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
}
