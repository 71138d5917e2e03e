import type { Execution } from '../../model/execution';
import { isTestSummary } from '../../model/report-kind';
import { warningsOf } from '../../model/warnings';
import { glyphOf } from '../describe-event';
import { formatDuration, statusWords } from '../format';
import { failedCases } from './annotations';
import { findFailurePlace } from './failure-place';

const maxFailures = 50;

/** A run as Markdown for the page of a CI job: result, cause, failed cases with their places, and the steps. */
export function markdownSummary(execution: Execution, url: string, sourceFolder: string): string {
  const { suite, status, cause, profile, backend, steps, id } = execution;
  const failed = failedCases(execution);
  return [
    `## ${escapeText(suite.title)}: ${statusWords(status)}`,
    '',
    ...(cause ? [escapeText(cause.sentence), ''] : []),
    `Profile ${escapeText(profile)} on ${escapeText(backend.label)}, [execution ${id}](${url}/executions/${id}).`,
    '',
    ...(failed.length > 0
      ? [
          '| failed case | step | place | message |',
          '| --- | --- | --- | --- |',
          ...failed.slice(0, maxFailures).map(({ stepId, failure }) => {
            const place = findFailurePlace(failure, sourceFolder);
            const at = place ? `${place.file}:${place.line}` : '';
            return rowOf([failure.name, stepId, at, failure.message ?? '']);
          }),
          '',
        ]
      : []),
    '| step | result | time | tests |',
    '| --- | --- | --- | --- |',
    ...steps.map((step) => {
      const reports = step.reports.filter(isTestSummary);
      const tests = reports.map(({ passed, total }) => `${passed} of ${total}`).join(', ');
      const time =
        step.startedAt && step.finishedAt
          ? formatDuration(Date.parse(step.finishedAt) - Date.parse(step.startedAt))
          : '';
      return rowOf([step.id, `${glyphOf(step.status)} ${statusWords(step.status)}`, time, tests]);
    }),
    '',
    ...warningsOf(execution).map(({ stepId, sentence }) => `- ${escapeText(`${stepId}: ${sentence}`)}`),
  ].join('\n');
}

function rowOf(cells: readonly string[]): string {
  return `| ${cells.map((cell) => escapeText(cell.slice(0, 500))).join(' | ')} |`;
}

/** Text of a suite as text: no markup, no row and no link of its own. */
function escapeText(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_{}[\]|#!~]/g, '\\$&');
}
