import type { CaseInputs, NewCaseReport, NewCaseResult } from '../../model/cases/case-record';
import type { Plan } from '../../model/plan';
import type { CaseAttempt, TestReport } from '../../model/report';
import { caseKey, hasFailed } from '../../model/test-case';
import { caseIdOf } from './case-id';
import { fingerprintOf } from './fingerprint';

export interface CaseOrigin extends Omit<NewCaseReport, keyof CaseInputs | 'results'> {
  inputs: CaseInputs;
}

/** The inputs of a run that its results may depend on. */
export function inputsOf({ profile, packageDigest, nodes }: Plan): CaseInputs {
  const images = nodes.flatMap(({ id, image }) => (image === null ? [] : [[id, image] as const]));
  return { profile, packageDigest, images: Object.fromEntries(images) };
}

/**
 * A report as its results are stored. A case that the report names more than once is one result with all tries, of
 * which the worst is the last.
 */
export function resultsOf({ inputs, ...origin }: CaseOrigin, report: TestReport): NewCaseReport {
  const results = new Map<string, NewCaseResult>();
  for (const testCase of report.cases) {
    const tries = [...testCase.attempts, testCase].map(tryOf);
    const key = caseKey(testCase);
    const known = results.get(key);
    if (known) {
      const [worse, better] = hasFailed(known.tries.at(-1) ?? testCase)
        ? [known.tries, tries]
        : [tries, known.tries];
      known.tries = [...better, ...worse];
      continue;
    }
    const { file, path, className, name, parameters } = testCase;
    const id = caseIdOf(origin.suiteId, origin.stepId, testCase);
    results.set(key, { id, file, path, className, name, parameters, tries });
  }
  return { ...origin, ...inputs, results: [...results.values()] };
}

function tryOf(given: CaseAttempt): NewCaseResult['tries'][number] {
  const { status, durationMs, output } = given;
  const message = status === 'passed' ? null : given.message;
  return {
    status,
    durationMs,
    message,
    output,
    fingerprint: hasFailed(given) ? fingerprintOf(message) : null,
  };
}
