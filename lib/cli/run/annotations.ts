import type { Execution } from '../../model/execution';
import type { CaseSummary } from '../../model/report';
import { isTestSummary } from '../../model/report-kind';
import { findFailurePlace } from './failure-place';

/** GitHub shows ten of each kind for a step of a job. */
const maxAnnotations = 10;

/** Every failed case that the reports of an execution name, with its step. */
export function failedCases(execution: Execution): { stepId: string; failure: CaseSummary }[] {
  return execution.steps.flatMap((step) => {
    const reports = step.reports.filter(isTestSummary);
    const last = Math.max(...reports.map(({ attempt }) => attempt));
    return reports
      .filter(({ attempt }) => attempt === last)
      .flatMap(({ failures }) => failures.map((failure) => ({ stepId: step.id, failure })));
  });
}

/**
 * Commands for GitHub that mark the failed cases at their lines, where the reports name any; the cause of the run where
 * no case failed. GitLab marks cases from the JUnit file by itself.
 */
export function githubAnnotations(execution: Execution, sourceFolder: string): string[] {
  const failed = failedCases(execution);
  if (failed.length === 0) {
    const { cause, suite } = execution;
    return cause ? [command({ title: suite.title }, cause.sentence)] : [];
  }
  return failed.slice(0, maxAnnotations).map(({ stepId, failure }) => {
    const place = findFailurePlace(failure, sourceFolder);
    const title = `${stepId}: ${failure.name}`;
    const at: Record<string, string> = place ? { file: place.file, line: String(place.line) } : {};
    return command({ ...at, title }, failure.message ?? `${failure.status}`);
  });
}

function command(properties: Record<string, string>, message: string): string {
  const written = Object.entries(properties).map(([key, value]) => `${key}=${escapeProperty(value)}`);
  return `::error ${written.join(',')}::${escapeMessage(message)}`;
}

function escapeMessage(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeMessage(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
