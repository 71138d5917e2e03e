import { expect, test } from 'vitest';
import { changesBetween, figuresOf, scoreFlakiness } from '@/lib/model/cases/case-figures';
import type { CaseResult } from '@/lib/model/cases/case-record';
import { timesOf } from '@/lib/model/cases/case-times';
import { countFlaky } from '@/lib/model/cases/count-flaky';
import { findRename } from '@/lib/model/cases/find-rename';
import type { CaseIdentity, CaseStatus, TestSummary } from '@/lib/model/report';

let count = 0;

function result(status: CaseStatus, more: Partial<CaseResult> = {}): CaseResult {
  count += 1;
  return {
    executionId: `e${count}`,
    attempt: 1,
    at: '2026-01-01T00:00:00.000Z',
    profile: 'default',
    packageDigest: 'sha256:1',
    images: { tests: 'node:22' },
    status,
    durationMs: 100,
    message: null,
    fingerprint: null,
    output: null,
    tries: [],
    ...more,
  };
}

const failedTry = {
  status: 'failed' as const,
  durationMs: 1,
  message: null,
  fingerprint: null,
  output: null,
};

test('a case that passed on a retry is flaky', () => {
  const score = scoreFlakiness([result('passed'), result('passed', { tries: [failedTry] })]);
  expect(score).toEqual({
    isFlaky: true,
    passesOnRetry: { count: 1, of: 2 },
    flips: { count: 0, of: 1 },
  });
});

test('an image that moves under its tag is a change, and one whose digest is not known is none', () => {
  const images = (shop: string) => ({ images: { tests: 'node:22@sha256:1', shop } });
  const [old, unknown, moved] = [images('shop:1@sha256:1'), images('shop:1'), images('shop:1@sha256:2')];
  expect(changesBetween(result('passed', old), result('failed', moved))).toEqual([
    { what: 'image', stepId: 'shop', before: 'shop:1@sha256:1', after: 'shop:1@sha256:2' },
  ]);
  expect(changesBetween(result('passed', unknown), result('failed', moved))).toEqual([]);
  expect(scoreFlakiness([result('failed', old), result('passed', moved)])).toMatchObject({ isFlaky: false });
  // The step did not run, or the run has not ended.
  const flaky = [result('passed', unknown), result('failed', old), result('passed', unknown)];
  expect(scoreFlakiness(flaky)).toMatchObject({ isFlaky: true, flips: { count: 2, of: 2 } });
});

test('a case that fails and passes again on unchanged inputs is flaky', () => {
  const score = scoreFlakiness([result('passed'), result('failed'), result('passed')]);
  expect(score).toMatchObject({ isFlaky: true, flips: { count: 2, of: 2 } });
});

test('a failure that stays on unchanged inputs is a flip, and not flaky', () => {
  const score = scoreFlakiness([result('passed'), result('failed'), result('failed')]);
  expect(score).toMatchObject({ isFlaky: false, flips: { count: 1, of: 2 } });
});

test('a failure that a change ends is neither', () => {
  const after = { packageDigest: 'sha256:2' };
  const score = scoreFlakiness([result('failed'), result('failed'), result('passed', after)]);
  expect(score).toMatchObject({ isFlaky: false, flips: { count: 0, of: 1 } });
});

test('runs of two profiles that alternate are compared each with its own', () => {
  const other = { profile: 'other' };
  const score = scoreFlakiness([
    result('passed'),
    result('failed', other),
    result('passed'),
    result('failed', other),
  ]);
  expect(score).toMatchObject({ isFlaky: false, flips: { count: 0, of: 2 } });
});

test('a streak names its first run and what differs from the run before', () => {
  const images = { tests: 'node:24', db: 'postgres:16' };
  const first = result('failed', { images, profile: 'ci' });
  const { streak } = figuresOf(
    [result('passed'), first, result('skipped'), result('errored', { images })],
    true,
  );
  expect(streak).toMatchObject({ failures: 2, isCut: false, first });
  expect(streak?.changes).toEqual([
    { what: 'profile', stepId: null, before: 'default', after: 'ci' },
    { what: 'image', stepId: 'tests', before: 'node:22', after: 'node:24' },
    { what: 'image', stepId: 'db', before: null, after: 'postgres:16' },
  ]);
});

test('a streak is cut where only a part of the history is known', () => {
  expect(figuresOf([result('failed')], false).streak).toMatchObject({ isCut: true, changes: [] });
  expect(figuresOf([result('failed')], true).streak).toMatchObject({ isCut: false });
  expect(figuresOf([result('passed')], true).streak).toBeNull();
});

test('nothing differs between equal inputs', () => {
  expect(changesBetween(result('passed'), result('failed'))).toEqual([]);
});

test('a case is slower when its newest passes take clearly longer', () => {
  const times = (early: number, late: number) =>
    timesOf(
      [...Array(50).fill(early), ...Array(25).fill(late)].map((ms, index) =>
        result('passed', { durationMs: ms + (index % 5) }),
      ),
    );
  expect(times(100, 120)).toMatchObject({ isSlower: true, earlierMs: 102, recentMs: 122 });
  expect(times(100, 105)).toMatchObject({ isSlower: false });
  expect(times(10, 13)).toMatchObject({ isSlower: false });
  expect(timesOf([result('passed')])).toMatchObject({ medianMs: 100, earlierMs: null, change: null });
});

function identity(name: string, more: Partial<CaseIdentity> = {}): CaseIdentity {
  return { file: 'a.ts', path: ['cart'], className: null, name, parameters: {}, ...more };
}

test('a renamed case is found by its place and a name that is alike, or by its name in another place', () => {
  const added = identity('pays by card at once');
  expect(findRename(added, [identity('pays by card'), identity('ships')])?.name).toBe('pays by card');
  expect(findRename(added, [identity('ships')])).toBeNull();
  expect(findRename(added, [identity('pays by card', { file: 'b.ts' })])).toBeNull();
  expect(findRename(added, [identity('pays by card at once', { file: 'b.ts' })])?.file).toBe('b.ts');
  expect(
    findRename(added, [identity('pays by card at once', { parameters: { browser: 'x' }, file: 'b.ts' })]),
  ).toBeNull();
});

function summary(attempt: number, failures: string[], flaky = 0): TestSummary {
  const failed = failures.map((name) => ({
    suite: 's',
    name,
    status: 'failed' as const,
    durationMs: 1,
    message: null,
    output: null,
  }));
  const counts = { total: 5, passed: 5 - failures.length, failed: failures.length, errored: 0, skipped: 0 };
  return {
    format: 'junit',
    attempt,
    artifactId: `a${attempt}`,
    path: 'j.xml',
    ...counts,
    flaky,
    durationMs: 1,
    failures: failed,
  };
}

function attempts(number: number) {
  return Array.from({ length: number }, (_, index) => ({
    number: index + 1,
    status: 'passed' as const,
    phase: null,
    startedAt: '2026-01-01T00:00:00.000Z',
    runningAt: null,
    readyAt: null,
    finishedAt: null,
    result: null,
    warnings: [],
  }));
}

test('flaky cases of a step are those of its last attempt and those that its retry mended', () => {
  const reports = [summary(1, ['a', 'b']), summary(2, [], 1)];
  expect(countFlaky({ status: 'passed', attempts: attempts(2), reports })).toBe(3);
  expect(
    countFlaky({ status: 'failed', attempts: attempts(2), reports: [summary(1, ['a']), summary(2, ['a'])] }),
  ).toBe(0);
  expect(countFlaky({ status: 'passed', attempts: attempts(1), reports: [] })).toBe(0);
});
