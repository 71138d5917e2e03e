import { describe, expect, it } from 'vitest';
import { type StepOutcome, StopRequest } from '@/lib/backends/backend';
import { type Evidence, evaluateAttempt, failedCases, formatDuration } from '@/lib/engine/evaluate-attempt';
import type { PlannedNode } from '@/lib/model/node';
import type { ReportSummary } from '@/lib/model/report';
import { makeNode } from '../support/plan';

const nothing: Evidence = {
  stop: null,
  stopReason: null,
  wasReady: false,
  forbiddenLine: null,
  missingLogs: [],
  reports: [],
  exportProblems: [],
};

interface Given {
  node?: Partial<PlannedNode>;
  outcome?: Partial<StepOutcome>;
  evidence?: Partial<Evidence>;
}

function verdictOf({ node, outcome, evidence }: Given) {
  const { status, result } = evaluateAttempt(
    makeNode({ id: 'step', ...node }),
    { ended: 'exited', exitCode: 0, signal: null, oomKilled: false, reason: null, warnings: [], ...outcome },
    { ...nothing, ...evidence },
  );
  return [status, result.reason];
}

const cancelled = { stop: new StopRequest('cancelled', 1_000), stopReason: 'cancelled by ada' };
const timedOut = { stop: new StopRequest('timed_out', 1_000) };
const notNeeded = { stop: new StopRequest('not_needed', 1_000) };
const stoppedByTerm: Partial<StepOutcome> = { ended: 'stopped', exitCode: 143, signal: 'SIGTERM' };
const service: Partial<PlannedNode> = { kind: 'service' };

function junit(failed: number, total: number, message: string | null = 'expected 200'): ReportSummary {
  const failure = {
    suite: 's',
    name: 'pays',
    status: 'failed' as const,
    durationMs: 1,
    message,
    output: null,
  };
  return {
    format: 'junit',
    attempt: 1,
    artifactId: 'a',
    path: 'j.xml',
    total,
    passed: total - failed,
    failed,
    errored: 0,
    skipped: 0,
    durationMs: 1,
    failures: failed > 0 ? [failure] : [],
  };
}

describe('a step that runs to an end', () => {
  it.each<[string, Given, [string, string | null]]>([
    ['exit code 0', {}, ['passed', null]],
    ['another code', { outcome: { exitCode: 3 } }, ['failed', 'exit code 3, expected 0']],
    ['a code that is expected', { node: { expectExit: [1, 3] }, outcome: { exitCode: 3 } }, ['passed', null]],
    [
      '0 where another is expected',
      { node: { expectExit: [1, 3] } },
      ['failed', 'exit code 0, expected 1 or 3'],
    ],
    [
      'a signal',
      { outcome: { exitCode: 139, signal: 'SIGSEGV' } },
      ['failed', 'exit code 139 (SIGSEGV), expected 0'],
    ],
    ['no code at all', { outcome: { exitCode: null } }, ['failed', 'no exit code, expected 0']],
    [
      'a code and more to say',
      { outcome: { exitCode: 137, signal: 'SIGKILL', reason: 'killed from outside' } },
      ['failed', 'exit code 137 (SIGKILL), expected 0 (killed from outside)'],
    ],
    [
      'no memory',
      {
        node: { resources: { cpu: null, memoryBytes: 64 * 1024 ** 2, pids: null } },
        outcome: { exitCode: 137, oomKilled: true },
      },
      ['failed', 'out of memory: its limit is 64 MB'],
    ],
    [
      'no memory, where its limit was changed while it ran',
      {
        node: { resources: { cpu: null, memoryBytes: 64 * 1024 ** 2, pids: null } },
        outcome: { exitCode: 137, oomKilled: true, memoryLimitBytes: 96 * 1024 ** 2 },
      },
      ['failed', 'out of memory: its limit is 96 MB'],
    ],
    [
      'no memory, where the cluster has set a limit and the suite none',
      {
        outcome: {
          exitCode: 137,
          oomKilled: true,
          memoryLimitBytes: 64 * 1024 ** 2,
          reason: 'out of memory: limit 64 MiB',
        },
      },
      ['failed', 'out of memory: its limit is 64 MB'],
    ],
    [
      'no memory and no limit',
      { outcome: { exitCode: 137, oomKilled: true, reason: 'out of memory: limit of this machine' } },
      ['failed', 'out of memory: it has no limit of its own, and its machine had none left'],
    ],
    ['a child without memory, and 0', { outcome: { oomKilled: true } }, ['passed', null]],
    ['its time over', { evidence: timedOut, outcome: stoppedByTerm }, ['timed_out', 'timed out after 1 min']],
    [
      'its time over, killed after grace',
      {
        evidence: timedOut,
        outcome: { ended: 'stopped', exitCode: 137, reason: 'killed by SIGKILL after 1 s of grace' },
      },
      ['timed_out', 'timed out after 1 min (killed by SIGKILL after 1 s of grace)'],
    ],
    ['a cancellation', { evidence: cancelled, outcome: stoppedByTerm }, ['cancelled', 'cancelled by ada']],
    [
      'a cancellation that found it adopted and ended by the signal',
      { evidence: cancelled, outcome: { exitCode: 143, signal: 'SIGTERM' } },
      ['cancelled', 'cancelled by ada'],
    ],
    ['a good end just before a cancellation', { evidence: cancelled }, ['passed', null]],
    ['a good end just before its time was over', { evidence: timedOut }, ['passed', null]],
    [
      'a line that is forbidden',
      { evidence: { forbiddenLine: `FATAL: ${'x'.repeat(300)}\n` } },
      ['failed', `it printed what fail_on_logs forbids: "FATAL: ${'x'.repeat(193)}…"`],
    ],
    [
      'lines that are missing',
      { evidence: { missingLogs: ['"ready"', '/^done$/ on stderr'] } },
      ['failed', 'exit code 0, but it never printed what expect_logs asks for: "ready", /^done$/ on stderr'],
    ],
    [
      'lines that are missing where lines were lost',
      { outcome: { isOutputCut: true }, evidence: { missingLogs: ['"ready"'] } },
      ['errored', 'what it printed last is lost, and expect_logs asks for "ready"'],
    ],
    ['lost lines that nobody asks for', { outcome: { isOutputCut: true } }, ['passed', null]],
    [
      'a report with failed cases and exit code 0',
      { evidence: { reports: [junit(2, 14)] } },
      ['failed', '2 of 14 cases failed. First: s › pays: expected 200'],
    ],
    [
      'a report with failed cases and another code: the report says more',
      { outcome: { exitCode: 1 }, evidence: { reports: [junit(0, 3), junit(1, 2, null)] } },
      ['failed', '1 of 5 cases failed. First: s › pays'],
    ],
    [
      'a report without failures and another code',
      { outcome: { exitCode: 1 }, evidence: { reports: [junit(0, 3)] } },
      ['failed', 'exit code 1, expected 0'],
    ],
    [
      'an export that is missing',
      { evidence: { exportProblems: ['the required report j.xml was not written'] } },
      ['failed', 'exit code 0, but the required report j.xml was not written'],
    ],
    [
      'all of it wrong: the code comes first',
      {
        outcome: { exitCode: 3 },
        evidence: { forbiddenLine: 'x', missingLogs: ['"y"'], exportProblems: ['z'] },
      },
      ['failed', 'exit code 3, expected 0'],
    ],
  ])('with %s', (_what, given, verdict) => {
    expect(verdictOf(given)).toEqual(verdict);
  });
});

describe('a service', () => {
  const up = { wasReady: true };
  it.each<[string, Given, [string, string | null]]>([
    [
      'is stopped when nothing needs it',
      { evidence: { ...up, ...notNeeded }, outcome: stoppedByTerm },
      ['passed', null],
    ],
    [
      'ends with any code after that',
      { evidence: { ...up, ...notNeeded }, outcome: { exitCode: 1 } },
      ['passed', null],
    ],
    [
      'had ended before the last that needed it, and is told to stop all the same: its news came late',
      {
        evidence: { ...up, ...notNeeded, neededUntilMs: 2_000 },
        outcome: { exitCode: 7, endedAtMs: 1_999 },
      },
      ['failed', 'exited unexpectedly (exit code 7) while other steps needed it'],
    ],
    [
      'had ended before, though its engine took the signal for one that was gone',
      {
        evidence: { ...up, ...notNeeded, neededUntilMs: 2_000 },
        outcome: { ended: 'stopped', exitCode: 7, endedAtMs: 1_000 },
      },
      ['failed', 'exited unexpectedly (exit code 7) while other steps needed it'],
    ],
    [
      'ended by itself after the last that needed it, and before the stop',
      {
        evidence: { ...up, ...notNeeded, neededUntilMs: 2_000 },
        outcome: { exitCode: 7, endedAtMs: 2_000 },
      },
      ['passed', null],
    ],
    [
      'ends by itself while it is needed, even with 0',
      { evidence: up },
      ['failed', 'exited unexpectedly (exit code 0) while other steps needed it'],
    ],
    [
      'never gets ready',
      {
        outcome: {
          ended: 'not_ready',
          exitCode: 143,
          reason: 'not ready after 2 s: tcp port 1: connection refused',
        },
      },
      ['failed', 'not ready after 2 s: tcp port 1: connection refused'],
    ],
    [
      'is stopped before it is ready',
      { evidence: notNeeded, outcome: stoppedByTerm },
      ['skipped', 'stopped before it was ready: nothing needed it any more'],
    ],
    [
      'is cancelled',
      { evidence: { ...up, ...cancelled }, outcome: stoppedByTerm },
      ['cancelled', 'cancelled by ada'],
    ],
    [
      'is cancelled and ends with 0',
      { evidence: { ...up, ...cancelled }, outcome: { exitCode: 0 } },
      ['cancelled', 'cancelled by ada'],
    ],
    [
      'printed what it must not',
      { evidence: { ...up, ...notNeeded, forbiddenLine: 'panic' }, outcome: stoppedByTerm },
      ['failed', 'it printed what fail_on_logs forbids: "panic"'],
    ],
    [
      'exported less than it must',
      {
        evidence: { ...up, ...notNeeded, exportProblems: ['the required file a was not written'] },
        outcome: stoppedByTerm,
      },
      ['failed', 'the required file a was not written'],
    ],
    [
      'runs out of memory',
      { evidence: up, outcome: { exitCode: 137, oomKilled: true } },
      ['failed', 'out of memory: it has no limit of its own, and its machine had none left'],
    ],
  ])('that %s', (_what, given, verdict) => {
    expect(verdictOf({ ...given, node: { ...service, ...given.node } })).toEqual(verdict);
  });
});

describe('words', () => {
  it.each([
    [0, '0 ms'],
    [250, '250 ms'],
    [1_000, '1 s'],
    [1_500, '1.5 s'],
    [60_000, '1 min'],
    [90_000, '90 s'],
    [7_200_000, '120 min'],
  ])('for %d milliseconds', (ms, words) => {
    expect(formatDuration(ms)).toBe(words);
  });

  it('for failed cases are none where there are none', () => {
    expect(failedCases([junit(0, 3)])).toBeNull();
    expect(failedCases([])).toBeNull();
  });
});

describe('Muted cases', () => {
  const muted = { ...junit(2, 14), muted: { failed: 2, errored: 0 } };
  const exitOne = { exitCode: 1 };

  it('do not fail a step whose failed cases are all muted, whatever its exit code says of them', () => {
    expect(verdictOf({ outcome: exitOne, evidence: { reports: [muted] } })).toEqual(['passed', null]);
    expect(verdictOf({ evidence: { reports: [muted] } })).toEqual(['passed', null]);
  });

  it('leave the others to fail it', () => {
    const reports = [{ ...muted, muted: { failed: 1, errored: 0 } }];
    expect(verdictOf({ outcome: exitOne, evidence: { reports } })).toEqual([
      'failed',
      '1 of 14 cases failed. First: s › pays: expected 200',
    ]);
  });

  it('do not explain a crash, a damaged report, a signal or a report without failures', () => {
    const expected = (code: number) => ['failed', `exit code ${code}, expected 0`];
    expect(verdictOf({ outcome: { exitCode: 139 }, evidence: { reports: [muted] } })).toEqual(expected(139));
    const damaged = [{ ...muted, damage: 'it is cut' }];
    expect(verdictOf({ outcome: exitOne, evidence: { reports: damaged } })).toEqual(expected(1));
    expect(verdictOf({ outcome: exitOne, evidence: { reports: [junit(0, 14)] } })).toEqual(expected(1));
  });
});
