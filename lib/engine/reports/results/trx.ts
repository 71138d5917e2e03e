import type { CaseStatus, TestCase } from '../../../model/report';
import { BoundedText } from '../cases/bounded-text';
import { createReportBuilder } from '../cases/report-builder';
import { type Attributes, createXmlReader } from '../input/xml-reader';
import type { ReportReader } from '../report-reader';

const statuses: ReadonlyMap<string, CaseStatus> = new Map([
  ['Passed', 'passed'],
  ['PassedButRunAborted', 'passed'],
  ['Completed', 'passed'],
  ['Failed', 'failed'],
  ['NotExecuted', 'skipped'],
  ['Inconclusive', 'skipped'],
  ['Pending', 'skipped'],
  ['Warning', 'warned'],
]);

/** Reads Visual Studio's test results (TRX). The class of a case stands after the results, with its definition. */
export function createTrxReader(): ReportReader {
  const builder = createReportBuilder('trx');
  const byTest = new Map<string, TestCase[]>();
  let result: {
    attributes: Attributes;
    message: BoundedText;
    trace: BoundedText;
    printed: BoundedText;
  } | null = null;
  let definition = '';
  let summary: string | null = null;
  const runInfo = new BoundedText(16_384);
  let text: BoundedText | null = null;
  let hasRoot = false;
  let hasFailed = false;

  const xml = createXmlReader({
    onOpen(name, attributes) {
      if (name === 'TestRun') hasRoot = true;
      else if (name === 'UnitTestResult') {
        result = {
          attributes,
          message: new BoundedText(),
          trace: new BoundedText(),
          printed: new BoundedText(),
        };
      } else if (name === 'Message') text = result?.message ?? null;
      else if (name === 'StackTrace') text = result?.trace ?? null;
      else if (name === 'StdOut' || name === 'StdErr' || name === 'DebugTrace')
        text = result?.printed ?? null;
      else if (name === 'Text') text = runInfo;
      else if (name === 'UnitTest') definition = attributes.id ?? '';
      else if (name === 'TestMethod') nameClass(attributes);
      else if (name === 'ResultSummary') summary = attributes.outcome ?? null;
    },
    onText: (piece) => text?.add(piece),
    onClose(name) {
      text = null;
      if (name !== 'UnitTestResult' || !result) return;
      const { attributes, message, trace, printed } = result;
      result = null;
      const status = statuses.get(attributes.outcome ?? '') ?? 'errored';
      hasFailed ||= status === 'failed' || status === 'errored';
      const added = builder.add({
        name: attributes.testName ?? '',
        status,
        durationMs: durationOf(attributes.duration),
        message: message.toString(),
        details: trace.toString(),
        printed: printed.toString(),
      });
      const id = attributes.testId ?? '';
      byTest.set(id, [...(byTest.get(id) ?? []), added]);
    },
  });

  function nameClass({ className, name }: Attributes): void {
    for (const testCase of byTest.get(definition) ?? []) {
      testCase.className = className?.split(',', 1)[0] || null;
      // Full names begin with the class.
      const prefix = `${testCase.className}.`;
      if (testCase.name.startsWith(prefix)) testCase.name = testCase.name.slice(prefix.length);
      if (testCase.className === testCase.name && name) testCase.className = null;
    }
  }

  return {
    write: (piece) => xml.write(piece),
    end() {
      const damage = xml.end();
      if (!hasRoot) throw new Error(damage ?? 'expected the element TestRun');
      if (!hasFailed && ['Failed', 'Error', 'Aborted', 'Timeout'].includes(summary ?? '')) {
        builder.add({
          name: 'the run as a whole',
          status: 'errored',
          details: runInfo.toString(),
          type: summary,
        });
      }
      return builder.finish(damage);
    },
  };
}

/** `00:00:01.2345678`, hours first. */
function durationOf(text: string | undefined): number | null {
  const [, hours, minutes, seconds] = /^(\d+):(\d\d):(\d\d(?:\.\d+)?)$/.exec(text ?? '') ?? [];
  if (seconds === undefined) return null;
  return Math.round((Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1e6) / 1e3;
}
