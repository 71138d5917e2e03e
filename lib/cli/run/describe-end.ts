import { flakyWords } from '../../model/cases/count-flaky';
import type { Execution } from '../../model/execution';
import { describeFaults } from '../../model/faults';
import { warningsOf } from '../../model/warnings';
import { faultLines } from '../describe-faults';
import { formatDuration, statusWords } from '../format';

/** How a run ended, its cause and warnings, what its environment left, and how to look into one that is kept. */
export function describeEnd(execution: Execution, keptUntil: string | null): string[] {
  const { finishedAt, createdAt, cause, receipt } = execution;
  const elapsed = finishedAt ? Date.parse(finishedAt) - Date.parse(createdAt) : 0;
  const flaky = flakyWords(execution.flakyCases);
  const status = statusWords(execution.status);
  const lines = [`${flaky ? `${status}, ${flaky},` : status} in ${formatDuration(elapsed)}`];
  if (cause) lines.push(cause.sentence);
  const faults = execution.status === 'passed' ? [] : faultLines(describeFaults(execution.steps));
  if (faults.length > 0) lines.push('', 'What went wrong, and what to do:', ...faults, '');
  const warnings = [
    ...execution.warnings,
    ...warningsOf(execution).map(({ stepId, sentence }) => `${stepId}: ${sentence}`),
  ];
  if (warnings.length > 0) lines.push('Warnings:', ...warnings.map((warning) => `  ${warning}`));
  if (receipt) {
    lines.push(
      `environment: created ${receipt.created}, removed ${receipt.removed}, left ${receipt.left.length}`,
    );
    for (const left of receipt.left) lines.push(`  left: ${left.kind} ${left.name}: ${left.reason}`);
  }
  if (keptUntil)
    lines.push(`The environment is kept until ${keptUntil}. Look in: gantry env show ${execution.id}`);
  return lines;
}
