import type { ISql } from 'postgres';
import type { CaseFilter, ChangedCases } from '../../case-store';
import { inScope } from '../suite-scope';

const maxListed = 20_000;
const maxRanked = 500;
const reportsLookedAt = 100;
const recentReports = 25;
const reportsForTimes = 10;
/** Of all steps of a list together, so that a list of all suites takes about as long as one of a suite. */
const maxReports = 2_000;

/** The ids of cases that a list may show, best first. */
export async function readCandidates(sql: ISql, filter: CaseFilter): Promise<string[]> {
  const rows = await candidateQuery(sql, filter);
  return rows.map(({ id }) => id);
}

function candidateQuery(sql: ISql, filter: CaseFilter) {
  const where = sql`where true ${matches(sql, filter)}`;
  switch (filter.sort) {
    case 'name':
      return sql<{ id: string }[]>`
        select id from test_cases ${where} order by name, number limit ${maxListed}`;
    case 'slow':
      return sql<{ id: string }[]>`
        with newest as (${newestReports(sql, filter, reportsForTimes)}),
        times as (
          select case_number, percentile_cont(0.5) within group (order by duration_ms) as ms
          from newest join case_results on report_number = newest.number
          where try_number = 0 and status = 0 and duration_ms is not null group by case_number
        )
        select id from times join test_cases on test_cases.number = case_number ${where}
        order by ms desc, id limit ${maxListed}`;
    case 'slower':
      return sql<{ id: string }[]>`
        with newest as (${newestReports(sql, filter, reportsLookedAt)}),
        times as (
          select case_number,
            percentile_cont(0.5) within group (order by duration_ms) filter (where place <= ${recentReports}) as recent,
            percentile_cont(0.5) within group (order by duration_ms) filter (where place > ${recentReports}) as earlier
          from newest join case_results on report_number = newest.number
          where try_number = 0 and status = 0 and duration_ms is not null group by case_number
        )
        select id from times join test_cases on test_cases.number = case_number ${where}
          and earlier > 0 and recent > earlier * 1.05
        order by recent / earlier desc, id limit ${maxRanked}`;
    case 'flaky':
    case 'newest_failure':
      return sql<{ id: string }[]>`
        with newest as (${newestReports(sql, filter, reportsLookedAt)}),
        failures as (
          select case_number, count(*) as count, max(report_number) as last
          from newest join case_results on report_number = newest.number
          where status >= 3 group by case_number
        )
        select id from failures join test_cases on test_cases.number = case_number ${where}
        order by ${filter.sort === 'flaky' ? sql`count desc` : sql`last desc`}, id limit ${maxRanked}`;
  }
}

/** The newest reports of each step, 1 being the newest. */
function newestReports(sql: ISql, { suiteId, stepId, scope }: CaseFilter, count: number) {
  return sql`
    select reports.number, reports.place from (
      select distinct suite_id, step_id from test_cases
      where true ${inScope(sql, 'suite_id', scope)} ${suiteId === undefined ? sql`` : sql`and suite_id = ${suiteId}`}
        ${stepId === undefined ? sql`` : sql`and step_id = ${stepId}`}
    ) steps cross join lateral (
      select number, row_number() over (order by number desc) as place from case_reports
      where suite_id = steps.suite_id and step_id = steps.step_id order by number desc limit ${count}
    ) reports
    order by reports.number desc limit ${maxReports}`;
}

function matches(sql: ISql, { suiteId, stepId, q, isMuted, scope }: CaseFilter) {
  const pattern = q === undefined ? null : `%${q.replace(/[\\%_]/g, '\\$&')}%`;
  return sql`
    ${inScope(sql, 'test_cases.suite_id', scope)}
    ${suiteId === undefined ? sql`` : sql`and test_cases.suite_id = ${suiteId}`}
    ${stepId === undefined ? sql`` : sql`and test_cases.step_id = ${stepId}`}
    ${isMuted ? sql`and exists (select from case_mutes where case_id = test_cases.id and expires_at > now())` : sql``}
    ${pattern === null ? sql`` : sql`and (name ilike ${pattern} or class_name ilike ${pattern} or file ilike ${pattern} or test_cases.path::text ilike ${pattern})`}`;
}

/** See `CaseStore.changedIn`. */
export async function readChanged(sql: ISql, executionId: string): Promise<ChangedCases> {
  const reports = await sql<{ number: number; before: number | null }[]>`
    select number, (
      select max(earlier.number) from case_reports earlier
      where earlier.suite_id = own.suite_id and earlier.step_id = own.step_id and earlier.number < own.number
        and earlier.profile = own.profile and earlier.path = own.path and earlier.execution_id <> own.execution_id
    ) as before
    from case_reports own where execution_id = ${executionId} order by number`;
  const last = reports.at(-1)?.number ?? null;
  if (last === null) return { ids: [], newIds: [], last };
  const own = reports.map(({ number }) => number);
  const before = reports.flatMap(({ before }) => before ?? []);
  const failed = await sql<{ id: string }[]>`
    select id from test_cases where number in (
      select case_number from case_results where status >= 3 and report_number = any(${[...own, ...before]}::integer[])
    ) order by name, id limit ${maxRanked}`;
  const withBefore = reports.filter(({ before }) => before !== null).map(({ number }) => number);
  const added = await sql<{ id: string }[]>`
    select id from test_cases where number in (
      select case_number from case_results own
      where report_number = any(${withBefore}::integer[]) and try_number = 0 and not exists (
        select from case_results earlier
        where earlier.case_number = own.case_number and earlier.report_number < ${own[0] ?? 0}
      )
    ) order by name, id limit ${maxRanked}`;
  return { ids: failed.map(({ id }) => id), newIds: added.map(({ id }) => id), last };
}
