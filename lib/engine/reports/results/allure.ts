import type { CaseStatus, TestReport } from '../../../model/report';
import { createReportBuilder } from '../cases/report-builder';
import { type Fields, fieldsOf, itemsOf, numberOf, textOf } from '../input/json-values';

/** Reads one `…-result.json` of a folder of Allure results: one try of one test. */
export function readAllure(value: unknown): TestReport {
  const result = fieldsOf(value);
  if (typeof result.status !== 'string' || typeof result.name !== 'string')
    throw new Error('expected the result of a test, with name and status');
  const builder = createReportBuilder('allure');
  const labels = new Map(itemsOf(result.labels).map(({ name, value: text }) => [textOf(name), textOf(text)]));
  const details = fieldsOf(result.statusDetails);
  const shown = itemsOf(result.parameters).filter(({ excluded }) => excluded !== true);
  const path = ['parentSuite', 'suite', 'subSuite'].map((label) => labels.get(label) ?? '').filter(Boolean);
  builder.add({
    name: result.name,
    path: path.length > 0 ? path : [labels.get('package') ?? ''].filter(Boolean),
    className: labels.get('testClass') ?? null,
    status: statuses.get(result.status) ?? 'errored',
    durationMs: durationOf(result),
    message: textOf(details.message),
    details: textOf(details.trace),
    parameters: Object.fromEntries(shown.map(({ name, value: text }) => [textOf(name), textOf(text)])),
  });
  return { ...builder.finish(null), startedAtMs: numberOf(result.start) ?? 0 };
}

const statuses: ReadonlyMap<string, CaseStatus> = new Map([
  ['passed', 'passed'],
  ['failed', 'failed'],
  ['broken', 'errored'],
  ['skipped', 'skipped'],
]);

function durationOf({ start, stop }: Fields): number | null {
  const [from, to] = [numberOf(start), numberOf(stop)];
  return from === null || to === null || to < from ? null : to - from;
}
