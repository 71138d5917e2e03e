import type { CaseAttempt, TestCase } from '../../../model/report';
import { caseKey, hasFailed } from '../../../model/test-case';

/**
 * Makes one case of tries of the same one: those that failed before one that did not. With `areNamesUnique` also tries
 * of which the last failed; without it these may be different cases of one name. Answers the cases that have become
 * attempts of others; the first try becomes the case.
 */
export function mergeRepeats(cases: readonly TestCase[], areNamesUnique: boolean): TestCase[] {
  const sameName = groupBy(cases, ({ name }) => name).filter(({ length }) => length > 1);
  // The whole identity takes longer to compare, and few names are there twice.
  return sameName
    .flatMap((group) => groupBy(group, caseKey))
    .filter(({ length }) => length > 1)
    .flatMap((group) => merge(group, areNamesUnique));
}

function groupBy(cases: readonly TestCase[], keyOf: (testCase: TestCase) => string): TestCase[][] {
  const groups = new Map<string, TestCase[]>();
  for (const each of cases) {
    const key = keyOf(each);
    const group = groups.get(key);
    if (group) group.push(each);
    else groups.set(key, [each]);
  }
  return [...groups.values()];
}

function merge(group: readonly TestCase[], areNamesUnique: boolean): TestCase[] {
  const gone: TestCase[] = [];
  let tries: TestCase[] = [];
  for (const [position, each] of group.entries()) {
    tries.push(each);
    const isLast = position === group.length - 1;
    if (hasFailed(each) && !(isLast && areNamesUnique)) continue;
    const [first, ...later] = tries;
    tries = [];
    if (!first || later.length === 0) continue;
    const attempts = [first, ...later].slice(0, -1).flatMap((one) => [...one.attempts, attemptOf(one)]);
    Object.assign(first, { ...each, attempts: [...attempts, ...each.attempts] });
    gone.push(...later);
  }
  return gone;
}

function attemptOf({ status, durationMs, message, output }: TestCase): CaseAttempt {
  return { status, durationMs, message, output };
}
