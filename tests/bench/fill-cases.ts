import type { Sql } from 'postgres';

const reportsAtOnce = 5_000;

interface Limits {
  /** Reports in all. */
  reports: number;
  casesOfReport: number;
  maxBytes: number;
  maxMs: number;
}

/**
 * Adds runs to a seeded history until there are as many as wanted: rows that lie in the order of their reports, as
 * those of real runs, 3 % of the cases failing now and then with one of 200 messages. The indexes of results are made
 * anew in the end. It stops early where space or time runs out; answers how many results there are.
 */
export async function fillCases(sql: Sql, limits: Limits, say: (text: string) => void): Promise<number> {
  const { reports, casesOfReport, maxBytes, maxMs } = limits;
  const end = performance.now() + maxMs;
  const indexes = await sql<{ indexdef: string; name: string }[]>`
    select indexdef, indexname as name from pg_indexes where tablename = 'case_results'`;
  await sql`set synchronous_commit = off`;
  await sql`set maintenance_work_mem = '1GB'`;
  await sql`alter table case_results drop constraint case_results_case_number_report_number_try_number_pk`;
  for (const { name } of indexes) await sql.unsafe(`drop index if exists ${name}`);
  for (;;) {
    const [so] = await sql<{ reports: number; bytes: number }[]>`
      select max(number) as reports, pg_relation_size('case_results')::float8 as bytes from case_reports`;
    const missing = reports - (so?.reports ?? reports);
    // The indexes take about as much as the rows.
    if (missing <= 0 || (so?.bytes ?? 0) * 2 > maxBytes || performance.now() > end) break;
    await addReports(sql, Math.min(missing, reportsAtOnce), casesOfReport);
    say(`cases: ${so?.reports} of ${reports} reports`);
  }
  for (const { indexdef } of indexes) await sql.unsafe(indexdef);
  await sql`vacuum analyze case_results`;
  await sql`vacuum analyze case_reports`;
  await sql`checkpoint`.catch(() => undefined);
  const [row] = await sql<{ count: number }[]>`select count(*)::float8 as count from case_results`;
  return row?.count ?? 0;
}

async function addReports(sql: Sql, reports: number, casesOfReport: number): Promise<void> {
  await sql`
    with added as (
      insert into case_reports
        (execution_id, suite_id, step_id, attempt, path, artifact_id, at, profile, package_digest, images)
      select gen_random_uuid(), suite_id, step_id, 1, path, gen_random_uuid(), at + made * interval '10 minutes',
        profile, 'sha256:' || number / 20, images
      from (select * from case_reports order by number desc limit 1) newest, generate_series(1, ${reports}::integer) made
      returning number
    ), results as (
      select cases.number as case_number, added.number as report_number,
        case when cases.number % 33 = 0 and random() < 0.1 then 3 else 0 end as status, random() as part
      from (select number from added order by number) added,
        (select number from test_cases order by number limit ${casesOfReport}) cases
    )
    insert into case_results (case_number, report_number, try_number, status, duration_ms, fingerprint, message)
    select case_number, report_number, 0, status, 50 + 500 * part,
      case when status = 3 then (part * 200)::integer end,
      case when status = 3 then 'expected 200, got 503 for order ' || report_number end
    from results order by report_number`;
}
