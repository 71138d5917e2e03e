import type { TestCase } from '../../../model/report';
import { hasFailed } from '../../../model/test-case';
import type { BoundedText } from '../cases/bounded-text';
import { createReportBuilder } from '../cases/report-builder';
import { hasGroups, readSeconds } from '../cases/seconds';
import { type Attributes, createXmlReader } from '../input/xml-reader';
import type { ReportReader } from '../report-reader';
import { foundCase, type JunitCase, openChild, startCase } from './junit-case';
import { createSuiteStack } from './suite-stack';

/** The name of a case that stands for what fails a suite and not one of its cases. */
export const wholeSuiteName = 'the suite as a whole';

/**
 * Reads JUnit XML, `testsuites` or one `testsuite`, nested or not, by what its writer meant: docs/results.md has the
 * rules. Source of the format: the XML that Jenkins' JUnit plugin reads.
 */
export function createJunitReader(): ReportReader {
  const builder = createReportBuilder('junit');
  const suites = createSuiteStack(builder);
  let current: JunitCase | null = null;
  let text: BoundedText | null = null;
  let depthBelowText = 0;
  let sawRoot = false;
  let hasGroupedTimes = false;
  const ambiguous: { testCase: TestCase; asThousands: number }[] = [];

  const xml = createXmlReader({
    onOpen(name, attributes) {
      if (text) depthBelowText += 1;
      else if (current) text = openChild(current, name, attributes);
      else if (name === 'testsuites' || name === 'testsuite') {
        sawRoot = true;
        hasGroupedTimes ||= hasGroups(attributes.time);
        suites.open(attributes, name === 'testsuites');
      } else openInSuite(name, attributes);
    },
    onText(piece) {
      text?.add(piece);
    },
    onClose(name) {
      if (depthBelowText > 0) depthBelowText -= 1;
      else if (text) text = null;
      else if (name === 'testcase' && current) closeCase(current);
      else if ((name === 'testsuites' || name === 'testsuite') && !current) suites.close();
    },
  });

  function openInSuite(name: string, attributes: Attributes): void {
    const suite = suites.innermost;
    if (!suite) return;
    if (name === 'testcase') {
      hasGroupedTimes ||= hasGroups(attributes.time);
      current = startCase(attributes, readSeconds(attributes.time));
    } else if (name === 'failure' || name === 'error') {
      suite.whole ??= startCase({ name: wholeSuiteName }, { ms: null });
      text = openChild(suite.whole, name, attributes);
    } else if (name === 'system-err') text = suite.printed;
    else if (name === 'property' && attributes.name === 'go.version') suite.isGo = true;
  }

  function closeCase(read: JunitCase): void {
    current = null;
    const added = suites.addCase(read);
    const { ambiguous: other } = read.time;
    if (added && other) ambiguous.push({ testCase: added, asThousands: other.asThousands });
  }

  return {
    write: (piece) => xml.write(piece),
    end() {
      const damage = xml.end();
      // A case that is cut off counts only for what is known of it already.
      if (current && hasFailed(foundCase(current))) closeCase(current);
      suites.abandon();
      if (!sawRoot) throw new Error(damage ?? 'expected the element testsuites or testsuite');
      for (const { testCase, asThousands } of hasGroupedTimes ? ambiguous : [])
        testCase.durationMs = asThousands;
      return builder.finish(damage);
    },
  };
}
