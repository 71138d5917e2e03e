import type { StepOutcome, StopRequest } from '../backends/backend';
import type { StepResult } from '../model/execution';
import { type PlannedNode, staysUp } from '../model/node';
import type { ReportSummary } from '../model/report';
import type { FinalStepStatus } from '../model/status';

/** What is known about an attempt that ended, beside its outcome. */
export interface Evidence {
  /** What the engine asked for before the end, if anything. */
  stop: StopRequest | null;
  /** How to say why it was asked for: "the execution was cancelled by ada". */
  stopReason: string | null;
  /** A service or mock got ready before it ended. */
  wasReady: boolean;
  /** The first line that a `fail_on_logs` rule matched. */
  forbiddenLine: string | null;
  /** `expect_logs` rules that no line matched, as people wrote them. */
  missingLogs: string[];
  reports: ReportSummary[];
  /** Exports that are wrong: missing though required, or not what their format says. */
  exportProblems: string[];
}

export interface Verdict {
  status: FinalStepStatus;
  result: StepResult;
}

/**
 * How an attempt ended, from what the suite asked for. Pure. In this order: the end that the engine asked for
 * (cancelled, timed out, a service that is not needed any more); memory; a service that ended by itself or did
 * not get ready; the exit code, told by failed cases where there are any; log rules; reports with failed cases,
 * for a suite's report is its word even where the exit code is 0; exports.
 */
export function evaluate(node: PlannedNode, outcome: StepOutcome, evidence: Evidence): Verdict {
  const verdict = (status: FinalStepStatus, reason: string | null): Verdict => ({
    status,
    result: { exitCode: outcome.exitCode, signal: outcome.signal, oomKilled: outcome.oomKilled, reason },
  });
  const with_ = (sentence: string) => (outcome.reason ? `${sentence} (${outcome.reason})` : sentence);
  const why = evidence.stop?.why;

  if (why === 'cancelled' && wasCutShort(node, outcome)) {
    return verdict('cancelled', with_(evidence.stopReason ?? 'cancelled'));
  }
  if (why === 'timed_out' && wasCutShort(node, outcome)) {
    return verdict('timed_out', with_(evidence.stopReason ?? `timed out after ${duration(node.timeoutMs)}`));
  }
  if (outcome.ended === 'not_ready')
    return verdict('failed', outcome.reason ?? 'it did not get ready in time');
  if (outcome.oomKilled && outcome.exitCode !== 0) {
    const limit = node.resources.memoryBytes;
    return verdict('failed', limit ? `out of memory: its limit is ${bytes(limit)}` : with_('out of memory'));
  }
  if (staysUp(node.kind)) {
    if (outcome.ended === 'exited' && why !== 'not_needed') {
      return verdict('failed', with_(`it ended by itself with ${exitWords(outcome)} while it was needed`));
    }
    if (!evidence.wasReady)
      return verdict('skipped', 'stopped before it was ready: nothing needed it any more');
  } else if (!isExpectedExit(node, outcome)) {
    // A suite's own report says more than its exit code.
    const cases = failedCases(evidence.reports);
    if (cases) return verdict('failed', cases);
    return verdict('failed', with_(`${exitWords(outcome)}, expected ${node.expectExit.join(' or ')}`));
  }
  if (outcome.isOutputCut && evidence.missingLogs.length > 0) {
    const missing = evidence.missingLogs.join(', ');
    return verdict('errored', `what it printed last is lost, and expect_logs asks for ${missing}`);
  }
  return judgeOutput(node, evidence, exitWords(outcome), verdict);
}

function judgeOutput(
  node: PlannedNode,
  evidence: Evidence,
  exit: string,
  verdict: (status: FinalStepStatus, reason: string | null) => Verdict,
): Verdict {
  if (evidence.forbiddenLine !== null) {
    return verdict('failed', `it printed what fail_on_logs forbids: ${quote(evidence.forbiddenLine)}`);
  }
  if (evidence.missingLogs.length > 0) {
    return verdict(
      'failed',
      `${exit}, but it never printed what expect_logs asks for: ${evidence.missingLogs.join(', ')}`,
    );
  }
  const cases = failedCases(evidence.reports);
  if (cases) return verdict('failed', cases);
  if (evidence.exportProblems.length > 0) {
    return verdict(
      'failed',
      staysUp(node.kind)
        ? evidence.exportProblems.join('; ')
        : `${exit}, but ${evidence.exportProblems.join('; ')}`,
    );
  }
  return verdict('passed', null);
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
    if (report.format !== 'junit') continue;
    failed += report.failed + report.errored;
    total += report.total;
    const failure = report.failures[0];
    if (failure)
      first ??= `${failure.suite} › ${failure.name}${failure.message ? `: ${oneLine(failure.message)}` : ''}`;
  }
  if (failed === 0) return null;
  return `${failed} of ${total} cases failed${first ? `. First: ${first}` : ''}`;
}

function exitWords(outcome: StepOutcome): string {
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

export function duration(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  if (ms % 60_000 === 0) return `${ms / 60_000} min`;
  return `${Number((ms / 1000).toFixed(1))} s`;
}

function bytes(count: number): string {
  return count >= 1024 * 1024 ? `${Math.round(count / 1024 / 1024)} MB` : `${Math.round(count / 1024)} kB`;
}
