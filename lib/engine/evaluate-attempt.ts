import type { StepOutcome, StopRequest } from '../backends/backend';
import type { StepResult } from '../model/execution';
import type { PlannedNode } from '../model/node';
import type { ReportSummary } from '../model/report';
import { isTestSummary } from '../model/report-kind';
import type { FinalStepStatus } from '../model/status';
import { staysUp } from '../model/step-kind';
import { countFailures } from '../model/test-case';

/** What is known about an attempt that ended, beside its outcome. */
export interface Evidence {
  /** What the engine asked for before the end, if anything. */
  stop: StopRequest | null;
  /** How to say why it was asked for: "the execution was cancelled by ada". */
  stopReason: string | null;
  /** A service or mock got ready before it ended. */
  wasReady: boolean;
  /** When the last step that needed it ended, by the same clock as `endedAtMs`; null if that is unknown. */
  neededUntilMs?: number | null;
  /** The first line that a `fail_on_logs` rule matched. */
  forbiddenLine: string | null;
  /** `expect_logs` rules that no line matched, as people wrote them. */
  missingLogs: string[];
  reports: ReportSummary[];
  /** Exports that are wrong: missing though required, or not what their format says. */
  exportProblems: string[];
  /** What its last lines tell about a bad end. */
  hint?: string | null;
}

/** The kinds of end that differ in what a person can do about them. */
export type EndKind =
  | 'passed'
  | 'cancelled'
  | 'timed_out'
  | 'not_ready'
  | 'out_of_memory'
  | 'service_exited'
  | 'not_needed'
  | 'exit_code'
  | 'failed_cases'
  | 'output_cut'
  | 'forbidden_line'
  | 'missing_line'
  | 'bad_export';

export interface Verdict {
  status: FinalStepStatus;
  result: StepResult;
}

/**
 * How an attempt ended, from what the suite asked for. Pure. In this order: the end that the engine asked for
 * (cancelled, timed out, a service that is not needed any more); memory; a service that exited unexpectedly or did
 * not get ready; the exit code, told by failed cases where there are any, and no failure where all of them are muted; log rules; reports with failed cases,
 * for a suite's report is its word even where the exit code is 0; exports.
 */
export function evaluateAttempt(
  node: PlannedNode,
  outcome: StepOutcome,
  evidence: Evidence,
): Verdict & { end: EndKind } {
  const verdict: MakeVerdict = (end, status, reason) => ({
    end,
    status,
    result: {
      exitCode: outcome.exitCode,
      signal: outcome.signal,
      oomKilled: outcome.oomKilled,
      reason,
      ...(outcome.image ? { image: outcome.image } : {}),
    },
  });
  const more = outcome.reason ?? evidence.hint ?? null;
  const explain = (sentence: string) => (more ? `${sentence} (${more})` : sentence);
  const why = evidence.stop?.why;

  if (why === 'cancelled' && wasCutShort(node, outcome)) {
    return verdict('cancelled', 'cancelled', explain(evidence.stopReason ?? 'cancelled'));
  }
  if (why === 'timed_out' && wasCutShort(node, outcome)) {
    return verdict(
      'timed_out',
      'timed_out',
      explain(evidence.stopReason ?? `timed out after ${formatDuration(node.timeoutMs)}`),
    );
  }
  if (outcome.ended === 'not_ready')
    return verdict('not_ready', 'failed', outcome.reason ?? 'it did not get ready in time');
  if (outcome.oomKilled && outcome.exitCode !== 0) {
    const limit = outcome.memoryLimitBytes ?? node.resources.memoryBytes;
    return verdict(
      'out_of_memory',
      'failed',
      limit
        ? `out of memory: its limit is ${bytes(limit)}`
        : 'out of memory: it has no limit of its own, and its machine had none left',
    );
  }
  if (staysUp(node.kind)) {
    // The engine requests this stop only after it knows that every step that needed the service has ended.
    if (why === 'not_needed' ? wasNeeded(outcome, evidence) : outcome.ended === 'exited') {
      return verdict(
        'service_exited',
        'failed',
        explain(`exited unexpectedly (${formatExit(outcome)}) while other steps needed it`),
      );
    }
    if (!evidence.wasReady)
      return verdict('not_needed', 'skipped', 'stopped before it was ready: nothing needed it any more');
  } else if (!isExpectedExit(node, outcome)) {
    // A suite's own report says more than its exit code.
    const cases = failedCases(evidence.reports);
    if (cases) return verdict('failed_cases', 'failed', cases);
    if (!isFailureMuted(outcome, evidence.reports)) {
      return verdict(
        'exit_code',
        'failed',
        explain(`${formatExit(outcome)}, expected ${node.expectExit.join(' or ')}`),
      );
    }
  }
  if (outcome.isOutputCut && evidence.missingLogs.length > 0) {
    const missing = evidence.missingLogs.join(', ');
    return verdict(
      'output_cut',
      'errored',
      `what it printed last is lost, and expect_logs asks for ${missing}`,
    );
  }
  return judgeOutput(node, evidence, formatExit(outcome), { verdict, explain });
}

type MakeVerdict = (
  end: EndKind,
  status: FinalStepStatus,
  reason: string | null,
) => Verdict & { end: EndKind };

function judgeOutput(
  node: PlannedNode,
  evidence: Evidence,
  exit: string,
  { verdict, explain }: { verdict: MakeVerdict; explain(sentence: string): string },
): Verdict & { end: EndKind } {
  if (evidence.forbiddenLine !== null) {
    return verdict(
      'forbidden_line',
      'failed',
      `it printed what fail_on_logs forbids: ${quote(evidence.forbiddenLine)}`,
    );
  }
  if (evidence.missingLogs.length > 0) {
    return verdict(
      'missing_line',
      'failed',
      `${exit}, but it never printed what expect_logs asks for: ${evidence.missingLogs.join(', ')}`,
    );
  }
  const cases = failedCases(evidence.reports);
  if (cases) return verdict('failed_cases', 'failed', cases);
  if (evidence.exportProblems.length > 0) {
    const problems = evidence.exportProblems.join('; ');
    return verdict(
      'bad_export',
      'failed',
      explain(staysUp(node.kind) ? problems : `${exit}, but ${problems}`),
    );
  }
  return verdict('passed', 'passed', null);
}

/**
 * It ended because of the request. A step that was adopted after the request of another control plane has
 * `exited` by then: with the code of the signal that it got.
 */
function wasCutShort(node: PlannedNode, outcome: StepOutcome): boolean {
  return outcome.ended === 'stopped' || staysUp(node.kind) || !isExpectedExit(node, outcome);
}

function isExpectedExit(node: PlannedNode, outcome: StepOutcome): boolean {
  return outcome.exitCode !== null && node.expectExit.includes(outcome.exitCode);
}

/** "2 of 14 cases failed. First: checkout › pays by card: expected 200, got 502" */
export function failedCases(reports: ReportSummary[]): string | null {
  let failed = 0;
  let total = 0;
  let first: string | null = null;
  for (const report of reports) {
    if (!isTestSummary(report)) continue;
    failed += countFailures(report);
    total += report.total;
    const failure = report.failures[0];
    if (failure && !failure.isMuted)
      first ??= `${failure.suite ? `${failure.suite} › ` : ''}${failure.name}${failure.message ? `: ${oneLine(failure.message)}` : ''}`;
  }
  if (failed === 0) return null;
  return `${failed} of ${total} cases failed${first ? `. First: ${first}` : ''}`;
}

/** Codes from 126 on are those of shells and signals: a tool ends with a lower one when cases have failed. */
const maxToolExit = 125;

/**
 * Tells whether muted cases alone explain the exit code: the reports name failed cases, all of them are muted, and no
 * report was cut.
 */
function isFailureMuted(
  { exitCode, signal, ended }: StepOutcome,
  reports: readonly ReportSummary[],
): boolean {
  if (ended !== 'exited' || signal !== null || exitCode === null || exitCode > maxToolExit) return false;
  const tests = reports.filter(isTestSummary);
  return (
    tests.some(({ muted }) => muted !== undefined) &&
    tests.every((report) => countFailures(report) === 0 && (report.damage ?? null) === null)
  );
}

function formatExit(outcome: StepOutcome): string {
  if (outcome.exitCode === null) return outcome.signal ? `signal ${outcome.signal}` : 'no exit code';
  return outcome.signal
    ? `exit code ${outcome.exitCode} (${outcome.signal})`
    : `exit code ${outcome.exitCode}`;
}

function quote(line: string): string {
  return JSON.stringify(oneLine(line));
}

function oneLine(text: string): string {
  const line = text.trim().split('\n', 1)[0] ?? '';
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}

export function formatDuration(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  if (ms % 60_000 === 0) return `${ms / 60_000} min`;
  return `${Number((ms / 1000).toFixed(1))} s`;
}

export function bytes(count: number): string {
  return count >= 1024 * 1024 ? `${Math.round(count / 1024 / 1024)} MB` : `${Math.round(count / 1024)} kB`;
}

/** Tells whether a service ended before the steps that needed it, although the backend reported it later. */
function wasNeeded({ endedAtMs }: StepOutcome, { neededUntilMs }: Evidence): boolean {
  return endedAtMs !== undefined && neededUntilMs != null && endedAtMs < neededUntilMs;
}
