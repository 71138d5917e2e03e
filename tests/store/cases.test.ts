import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { NewCaseReport, NewCaseResult } from '@/lib/model/cases/case-record';
import type { Store } from '@/lib/store/store';
import { openTestStore } from '../support/database';

let store: Store;
let sql: Sql;
let close: () => Promise<void>;

beforeAll(async () => {
  const opened = await openTestStore();
  ({ store, close } = opened);
  sql = postgres(opened.url, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await sql.end();
  await close();
});
beforeEach(async () => {
  await sql`truncate test_cases, case_reports, case_results, case_mutes restart identity`;
});

type Status = NewCaseResult['tries'][number]['status'];

function result(id: string, ...statuses: Status[]): NewCaseResult {
  const tries = statuses.map((status) => ({
    status,
    durationMs: 12.5,
    message: status === 'failed' ? `expected "${id}" \0 {1}` : null,
    output: status === 'failed' ? 3 : null,
    fingerprint: status === 'failed' ? -7n : null,
  }));
  return { id, file: 'a.ts', path: ['suite'], className: null, name: id, parameters: {}, tries };
}

function report(
  execution: number,
  results: NewCaseResult[],
  more: Partial<NewCaseReport> = {},
): NewCaseReport {
  return {
    executionId: `e${execution}`,
    suiteId: 'shop',
    stepId: 'tests',
    attempt: 1,
    path: 'junit.xml',
    artifactId: `a${execution}`,
    at: new Date(Date.UTC(2026, 0, 1, 0, execution)).toISOString(),
    profile: 'default',
    packageDigest: 'sha256:1',
    images: { tests: 'node:22' },
    results,
    ...more,
  };
}

async function statusesOf(id: string): Promise<string[]> {
  const [history] = await store.cases.histories([id], 100);
  return (history?.results ?? []).map(({ status, tries }) =>
    [...tries.map((each) => each.status), status].join(' '),
  );
}

test('the results of a case come back in the order of its runs, with tries, texts and inputs', async () => {
  await store.cases.add(report(1, [result('a', 'passed'), result('b', 'failed', 'passed')]));
  await store.cases.add(report(2, [result('a', 'failed')], { images: { tests: 'node:24' } }));
  expect(await statusesOf('a')).toEqual(['passed', 'failed']);
  expect(await statusesOf('b')).toEqual(['failed passed']);
  const [history] = await store.cases.histories(['a'], 100);
  expect(history?.isWhole).toBe(true);
  expect(history?.results[1]).toEqual({
    executionId: 'e2',
    attempt: 1,
    at: '2026-01-01T00:02:00.000Z',
    profile: 'default',
    packageDigest: 'sha256:1',
    images: { tests: 'node:24' },
    status: 'failed',
    durationMs: 12.5,
    message: 'expected "a" \u2400 {1}',
    fingerprint: '-7',
    output: { artifactId: 'a2', position: 3 },
    reportNumber: 2,
    tries: [],
  });
});

test('a report that is stored again, as after an adoption, replaces its results', async () => {
  await store.cases.add(report(1, [result('a', 'failed', 'failed'), result('b', 'passed')]));
  await store.cases.add(report(2, [result('a', 'passed')]));
  await store.cases.add(report(1, [result('a', 'passed')], { artifactId: 'other' }));
  expect(await statusesOf('a')).toEqual(['passed', 'passed']);
  expect(await statusesOf('b')).toEqual([]);
  expect(await sql`select count(*)::integer as count from case_results`).toEqual([{ count: 2 }]);
});

test('a report that is stored by two control planes at once is there once', async () => {
  const cases = Array.from({ length: 50 }, (_, index) => result(`case ${index}`, 'passed'));
  const backwards = [...cases].reverse();
  await Promise.all([
    store.cases.add(report(1, cases)),
    store.cases.add(report(1, backwards)),
    store.cases.add(report(2, backwards)),
  ]);
  expect(await sql`select count(*)::integer as count from case_results`).toEqual([{ count: 100 }]);
});

test('attempts of one step in one execution are one result with tries', async () => {
  await store.cases.add(report(1, [result('a', 'failed')]));
  await store.cases.add(report(1, [result('a', 'passed')], { attempt: 2 }));
  expect(await statusesOf('a')).toEqual(['failed passed']);
});

test('a streak begins after the last result that passed, and skipped ones neither end nor lengthen it', async () => {
  const statuses: Status[] = ['failed', 'passed', 'failed', 'skipped', 'failed'];
  for (const [index, status] of statuses.entries())
    await store.cases.add(report(index + 1, [result('a', status)]));
  const streak = await store.cases.streakStart('a');
  expect(streak?.failures).toBe(2);
  expect(streak?.first.executionId).toBe('e3');
  expect(streak?.before?.executionId).toBe('e2');
  await store.cases.add(report(6, [result('a', 'passed')]));
  expect(await store.cases.streakStart('a')).toBeNull();
});

test('cases of the same fingerprint are found, the case itself left out', async () => {
  await store.cases.add(report(1, [result('a', 'failed'), result('b', 'failed'), result('c', 'passed')]));
  const same = await store.cases.sameFingerprint('-7', 'a');
  expect(same.map(({ record, executionId }) => [record.name, executionId])).toEqual([['b', 'e1']]);
});

test('lists rank by failures, by time and by name, within a suite and a search', async () => {
  await store.cases.add(report(1, [result('b', 'failed'), result('a', 'passed'), result('c', 'failed')]));
  await store.cases.add(report(2, [result('b', 'passed'), result('a', 'passed'), result('c', 'failed')]));
  await store.cases.add(report(3, [result('x', 'failed')], { suiteId: 'other' }));
  expect(await store.cases.candidates({ sort: 'newest_failure' })).toEqual(['x', 'c', 'b']);
  expect(await store.cases.candidates({ suiteId: 'shop', sort: 'name' })).toEqual(['a', 'b', 'c']);
  expect(await store.cases.candidates({ suiteId: 'shop', sort: 'flaky' })).toEqual(['c', 'b']);
  expect(await store.cases.candidates({ suiteId: 'shop', sort: 'newest_failure' })).toEqual(['c', 'b']);
  expect(await store.cases.candidates({ suiteId: 'shop', sort: 'slow' })).toEqual(['a', 'b']);
  expect(await store.cases.candidates({ sort: 'name', q: 'X' })).toEqual(['x']);
  expect(await store.cases.candidates({ sort: 'name', q: '%' })).toEqual([]);
});

test('what changed in an execution: failures of it and of the run before, and cases that are new', async () => {
  await store.cases.add(report(1, [result('a', 'failed'), result('b', 'passed'), result('old', 'passed')]));
  await store.cases.add(report(2, [result('a', 'passed'), result('b', 'failed'), result('new', 'passed')]));
  expect(await store.cases.changedIn('e2')).toEqual({ ids: ['a', 'b'], newIds: ['new'], last: 2 });
  expect(await store.cases.changedIn('e1')).toEqual({ ids: ['a'], newIds: [], last: 1 });
  expect((await store.cases.goneBefore('new')).map(({ id }) => id)).toEqual(['old']);
});

test('a mute lasts until it expires or is taken back', async () => {
  await store.cases.add(report(1, [result('a', 'failed')]));
  const mute = { reason: 'known', ticket: null, createdBy: 'ada' };
  expect(await store.cases.mute('nobody', { ...mute, expiresAt: '2999-01-01T00:00:00.000Z' })).toBeNull();
  await store.cases.mute('a', { ...mute, expiresAt: '2999-01-01T00:00:00.000Z' });
  expect([...(await store.cases.muted('shop', 'tests'))]).toEqual(['a']);
  await store.cases.add(report(2, [result('b', 'passed')]));
  expect(await store.cases.candidates({ sort: 'name', isMuted: true })).toEqual(['a']);
  expect([...(await store.cases.muted('shop', 'others'))]).toEqual([]);
  await store.cases.mute('a', { ...mute, expiresAt: '2001-01-01T00:00:00.000Z' });
  expect([...(await store.cases.muted('shop', 'tests'))]).toEqual([]);
  expect(await store.cases.candidates({ sort: 'name', isMuted: true })).toEqual([]);
  expect(await store.cases.unmute('a')).toBe(true);
  expect(await store.cases.unmute('a')).toBe(false);
});

test('a report with cases that are new and cases that are known is stored whole, tries included', async () => {
  await store.cases.add(report(1, [result('known', 'passed')]));
  await store.cases.add(report(2, [result('new', 'failed', 'passed'), result('known', 'failed', 'failed')]));
  expect(await statusesOf('new')).toEqual(['failed passed']);
  expect(await statusesOf('known')).toEqual(['passed', 'failed failed']);
});

test('the images of an execution are replaced step by step once it is known which ones ran', async () => {
  const images = { tests: 'node:22', shop: 'shop:1' };
  await store.cases.add(report(1, [result('a', 'passed')], { images }));
  await store.cases.add(report(2, [result('a', 'passed')], { images }));
  await store.cases.setImages('e2', { shop: 'shop:1@sha256:2' });
  const [history] = await store.cases.histories(['a'], 100);
  expect(history?.results.map((each) => each.images)).toEqual([
    images,
    { tests: 'node:22', shop: 'shop:1@sha256:2' },
  ]);
});

test('retention removes results after their own days, and cases that have none left', async () => {
  const old = new Date(Date.now() - 200 * 86_400_000).toISOString();
  await store.cases.add(report(1, [result('gone', 'passed'), result('kept', 'failed')], { at: old }));
  await store.cases.add(report(2, [result('kept', 'passed')], { at: new Date().toISOString() }));
  await sql`update test_cases set created_at = now() - interval '200 days'`;
  const rules = { days: null, outputDays: null, count: null, auditDays: null };
  expect(await store.deleteExpired({ ...rules, caseDays: null })).toBe(false);
  for (let batches = 0; await store.deleteExpired({ ...rules, caseDays: 180 }); batches += 1)
    expect(batches).toBeLessThan(5);
  expect(await statusesOf('kept')).toEqual(['passed']);
  expect(await sql`select id from test_cases`).toEqual([{ id: 'kept' }]);
});
