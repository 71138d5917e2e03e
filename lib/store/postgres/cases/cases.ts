import type { ISql, Sql } from 'postgres';
import type { CaseMute, CaseRecord } from '../../../model/cases/case-record';
import type { CaseStore } from '../../case-store';
import { type Database, toJson } from '../database';
import { translateErrors } from '../translate-errors';
import { readCandidates, readChanged } from './candidates';
import { muteOf, readHistories, recordFields } from './case-rows';
import { casesLock, writeReport } from './write-report';

const resultsLookedAt = 10_000;
const failuresLookedAt = 2_000;
const maxSame = 20;
const reportsAtOnce = 20;
const casesAtOnce = 1_000;

export function createCaseStore(database: Database): CaseStore {
  const { sql } = database;
  const muteFields = sql`
    reason, ticket, expires_at as "expiresAt", created_at as "createdAt", created_by as "createdBy"`;
  return {
    add: (report) => translateErrors(() => writeReport(database, report)),
    setImages: (executionId, images) =>
      translateErrors(async () => {
        await sql`
          update case_reports set images = images || ${toJson(images)}::text::jsonb
          where execution_id = ${executionId}`;
      }),
    candidates: (filter) => translateErrors(() => readCandidates(sql, filter)),
    histories: (ids, length, upTo) =>
      translateErrors(() =>
        ids.length === 0 ? Promise.resolve([]) : readHistories(sql, ids, length, upTo ?? null),
      ),
    streakStart: (id) => translateErrors(() => readStreakStart(sql, id)),
    sameFingerprint: (fingerprint, id) =>
      translateErrors(async () => {
        const rows = await sql<(CaseRecord & { at: string; executionId: string })[]>`
          select ${recordFields(sql)}, at, execution_id as "executionId" from (
            select case_number, max(report_number) as last from (
              select case_number, report_number from case_results where fingerprint = ${fingerprint}::text::bigint
              order by report_number desc limit ${failuresLookedAt}
            ) newest group by case_number
          ) failed
          join test_cases on test_cases.number = case_number join case_reports on case_reports.number = last
          where test_cases.id <> ${id}
          order by last desc, name limit ${maxSame}`;
        return rows.map(({ at, executionId, ...record }) => ({ record, at, executionId }));
      }),
    goneBefore: (id) => translateErrors(() => readGone(sql, id)),
    changedIn: (executionId) => translateErrors(() => readChanged(sql, executionId)),
    mute: (id, { reason, ticket, expiresAt, createdBy }) =>
      translateErrors(async () => {
        const [row] = await sql<CaseMute[]>`
          insert into case_mutes (case_id, suite_id, step_id, reason, ticket, expires_at, created_by)
          select id, suite_id, step_id, ${reason}, ${ticket}, ${expiresAt}, ${createdBy}
          from test_cases where id = ${id}
          on conflict (case_id) do update set reason = excluded.reason, ticket = excluded.ticket,
            expires_at = excluded.expires_at, created_at = excluded.created_at, created_by = excluded.created_by
          returning ${muteFields}`;
        return row ? muteOf(row) : null;
      }),
    unmute: (id) =>
      translateErrors(async () => {
        const rows = await sql`delete from case_mutes where case_id = ${id} returning case_id`;
        return rows.length > 0;
      }),
    muted: (suiteId, stepId) =>
      translateErrors(async () => {
        const rows = await sql<{ id: string }[]>`
          select case_id as id from case_mutes
          where suite_id = ${suiteId} and step_id = ${stepId} and expires_at > now()`;
        return new Set(rows.map(({ id }) => id));
      }),
  };
}

/** The number of the report in which the present streak of failures began; null when the case does not fail. */
async function readStreakStart(sql: ISql, id: string) {
  const [streak] = await sql<{ first: number | null; failures: number }[]>`
    with newest as (
      select report_number, status from case_results
      where case_number = (select number from test_cases where id = ${id}) and try_number = 0
      order by report_number desc limit ${resultsLookedAt}
    ), streak as (
      select report_number from newest where status >= 3 and report_number > coalesce(
        (select max(report_number) from newest where status in (0, 2)), 0)
    )
    select min(report_number) as first, count(*)::integer as failures from streak`;
  const number = streak?.first ?? null;
  if (!streak || number === null) return null;
  const [history] = await readHistories(sql, [id], 3, number);
  const first = history?.results.at(-1);
  if (!first) return null;
  const before = history?.results.findLast(
    ({ status, reportNumber }) => status !== 'skipped' && reportNumber < first.reportNumber,
  );
  return { first, before: before ?? null, failures: streak.failures };
}

async function readGone(sql: ISql, id: string): Promise<CaseRecord[]> {
  return sql<CaseRecord[]>`
    with began as (
      select report_number from case_results
      where case_number = (select number from test_cases where id = ${id}) order by report_number limit 1
    ), before as (
      select earlier.number from began join case_reports own on own.number = began.report_number
      join case_reports earlier on earlier.suite_id = own.suite_id and earlier.step_id = own.step_id
        and earlier.path = own.path and earlier.number < own.number and earlier.execution_id <> own.execution_id
      order by earlier.number desc limit 1
    )
    select ${recordFields(sql)} from before
    join case_results result on result.report_number = before.number and try_number = 0
    join test_cases on test_cases.number = result.case_number
    where not exists (
      select from case_results later
      where later.case_number = result.case_number and later.report_number > before.number
    )
    limit ${maxSame * 25}`;
}

/** One batch of reports that are older, then of cases and mutes that nothing names any more; false when there was none. */
export async function forgetCases({ sql }: Database, days: number): Promise<boolean> {
  if (await forgetReports(sql, days)) return true;
  return sql.begin(async (transaction) => {
    await transaction`select pg_advisory_xact_lock(${casesLock}::bigint)`;
    const cases = await transaction`
      delete from test_cases where number in (
        select number from test_cases
        where created_at < now() - interval '1 day'
          and not exists (select from case_results where case_number = test_cases.number)
        limit ${casesAtOnce}
      ) returning number`;
    await transaction`delete from case_mutes where expires_at < now() - interval '30 days'`;
    return cases.length > 0;
  });
}

async function forgetReports(sql: Sql, days: number): Promise<boolean> {
  return sql.begin(async (transaction) => {
    const reports = await transaction<{ number: number }[]>`
      select number from case_reports where at < now() - ${days}::float8 * interval '1 day'
      order by at limit ${reportsAtOnce} for update skip locked`;
    const numbers = reports.map(({ number }) => number);
    if (numbers.length === 0) return false;
    await transaction`delete from case_results where report_number = any(${numbers}::integer[])`;
    await transaction`delete from case_reports where number = any(${numbers}::integer[])`;
    return true;
  });
}
