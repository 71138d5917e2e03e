import type { ExecutionCase, ExecutionCases } from '../../model/cases/case-views';
import { caseTitle } from '../../model/test-case';

const maxListed = 10;

/** Describes, a line each, how the test cases of a run differ from those of earlier runs. */
export function describeCases(cases: ExecutionCases): string[] {
  return [
    ...listed('new failure', cases.newFailures, () => ''),
    ...listed('still failing', cases.stillFailing, ({ failures, since }) => {
      const first = since ? `, since ${since.at} (${since.executionId})` : '';
      return `, ${failures} runs in a row${first}`;
    }),
    ...listed('flaky', cases.flaky, () => ''),
    ...listed('fixed', cases.fixed, () => ''),
  ];
}

function listed(
  word: string,
  cases: readonly ExecutionCase[],
  more: (each: ExecutionCase) => string,
): string[] {
  const lines = cases
    .slice(0, maxListed)
    .map((each) => `${word}: ${caseTitle(each)}${more(each)}${each.isMuted ? ' (muted)' : ''}`);
  if (cases.length > maxListed) lines.push(`${word}: ${cases.length - maxListed} more cases`);
  return lines;
}
