import type { CaseStatus, TestReport } from '../../../model/report';
import { createReportBuilder } from '../cases/report-builder';
import { type Fields, fieldsOf, itemsOf, numberOf, textOf } from '../input/json-values';

/** Reads the JSON report of Cucumber. Each scenario is a case; examples of an outline are numbered. */
export function readCucumber(value: unknown): TestReport {
  if (
    !Array.isArray(value) ||
    itemsOf(value).some(({ elements }) => elements !== undefined && !Array.isArray(elements))
  )
    throw new Error('expected a list of features');
  const builder = createReportBuilder('cucumber');
  for (const feature of itemsOf(value)) {
    const scenarios = itemsOf(feature.elements).filter(({ type }) => type !== 'background');
    const seen = new Map<string, number>();
    for (const scenario of scenarios) {
      const name = textOf(scenario.name);
      const example = (seen.get(name) ?? 0) + 1;
      seen.set(name, example);
      const isOutline = scenarios.filter((each) => each.name === scenario.name).length > 1;
      builder.add({
        ...resultOf(scenario),
        name,
        path: [textOf(feature.name)],
        file: textOf(feature.uri) || null,
        parameters: isOutline ? { example: String(example) } : {},
      });
    }
  }
  return builder.finish(null);
}

/** The worst of its steps, worst first. Pending and undefined steps fail a scenario by default. */
const statuses: [string, CaseStatus][] = [
  ['failed', 'failed'],
  ['ambiguous', 'failed'],
  ['undefined', 'errored'],
  ['pending', 'errored'],
  ['skipped', 'skipped'],
];

function resultOf(scenario: Fields) {
  const steps = [...itemsOf(scenario.before), ...itemsOf(scenario.steps), ...itemsOf(scenario.after)];
  const results = steps.map((step) => ({ step, result: fieldsOf(step.result) }));
  const durations = results.map(({ result }) => numberOf(result.duration)).filter((ns) => ns !== null);
  for (const [word, status] of statuses) {
    const found = results.find(({ result }) => result.status === word);
    if (!found) continue;
    const { step, result } = found;
    const name = `${textOf(step.keyword)}${textOf(step.name)}`.trim();
    const message = textOf(result.error_message);
    return {
      status,
      durationMs: sum(durations),
      message: message || (status === 'skipped' ? '' : `step is ${word}: ${name}`),
      details: message ? `${name}\n${message}` : '',
    };
  }
  return { status: 'passed' as const, durationMs: sum(durations) };
}

function sum(nanoseconds: number[]): number | null {
  if (nanoseconds.length === 0) return null;
  return Math.round(nanoseconds.reduce((total, ns) => total + ns, 0) / 1e3) / 1e3;
}
