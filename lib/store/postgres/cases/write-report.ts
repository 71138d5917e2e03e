import type { TransactionSql } from 'postgres';
import type { NewCaseReport, NewCaseResult } from '../../../model/cases/case-record';
import { type Database, toJson } from '../database';
import { statusNumber } from './case-rows';

/** Shared by writers, and exclusive where cases without results are removed. 'cases' in bytes. */
export const casesLock = Number('0x6361736573');

/** Stores a report and its results in one transaction; what was stored for the same place is replaced. */
export async function writeReport({ sql }: Pick<Database, 'sql'>, report: NewCaseReport): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`select pg_advisory_xact_lock_shared(${casesLock}::bigint)`;
    const [row] = await transaction<{ number: number; isKnown: boolean }[]>`
      insert into case_reports
        (execution_id, suite_id, step_id, attempt, path, artifact_id, at, profile, package_digest, images)
      values (${report.executionId}, ${report.suiteId}, ${report.stepId}, ${report.attempt}, ${report.path},
        ${report.artifactId}, ${report.at}, ${report.profile}, ${report.packageDigest},
        ${toJson(report.images)}::text::jsonb)
      on conflict (execution_id, step_id, attempt, path) do update set artifact_id = excluded.artifact_id
      returning number, xmax <> 0 as "isKnown"`;
    if (!row) throw new Error(`the report ${report.path} was not stored`);
    if (row.isKnown) await transaction`delete from case_results where report_number = ${row.number}`;
    const rows = rowsOf(report);
    if (rows.length === 0) return;
    if ((await insertResults(transaction, row.number, rows)) === rows.length) return;
    const missing = await addMissingCases(transaction, row.number, report);
    // A statement of its own: it sees what another writer has added meanwhile.
    await insertResults(
      transaction,
      row.number,
      rows.filter(({ id }) => missing.has(id)),
    );
  });
}

type ResultRow = NewCaseResult['tries'][number] & { id: string; tryNumber: number };

function rowsOf({ results }: NewCaseReport): ResultRow[] {
  return results.flatMap(({ id, tries }) =>
    tries.map((each, index) => ({ ...each, id, tryNumber: index - tries.length + 1 })),
  );
}

/** Stores the rows whose cases are known, and answers how many these are. */
async function insertResults(
  sql: TransactionSql,
  reportNumber: number,
  rows: readonly ResultRow[],
): Promise<number> {
  const column = (of: (row: ResultRow) => string | number | bigint | null) =>
    `{${rows.map((row) => of(row) ?? 'NULL').join(',')}}`;
  const { count } = await sql`
    insert into case_results
      (case_number, report_number, try_number, status, duration_ms, output, fingerprint, message)
    select test_cases.number, ${reportNumber}::integer, try_number, status, duration_ms, output, fingerprint, message
    from unnest(
      ${column((row) => row.id)}::text::text[],
      ${column((row) => row.tryNumber)}::text::smallint[],
      ${column((row) => statusNumber(row.status))}::text::smallint[],
      ${column((row) => row.durationMs)}::text::real[],
      ${column((row) => row.output)}::text::integer[],
      ${column((row) => row.fingerprint)}::text::bigint[],
      ${column((row) => quoted(row.message))}::text::text[]
    ) as given(id, try_number, status, duration_ms, output, fingerprint, message)
    join test_cases on test_cases.id = given.id`;
  return count;
}

/** Adds the cases of which the report has no results yet, and answers their ids. */
async function addMissingCases(
  sql: TransactionSql,
  reportNumber: number,
  report: NewCaseReport,
): Promise<Set<string>> {
  const stored = await sql<{ id: string }[]>`
    select distinct id from case_results join test_cases on test_cases.number = case_number
    where report_number = ${reportNumber}`;
  const storedIds = new Set(stored.map(({ id }) => id));
  const missing = report.results
    .filter(({ id }) => !storedIds.has(id))
    .map(({ tries: _, ...identity }) => identity)
    // In one order everywhere, so that two writers of the same cases wait for each other and do not deadlock.
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  await sql`
    insert into test_cases (id, suite_id, step_id, file, path, class_name, name, parameters)
    select id, ${report.suiteId}, ${report.stepId}, file, path, "className", name, parameters
    from jsonb_to_recordset(${toJson(missing)}::text::jsonb) as given(
      id text, file text, path jsonb, "className" text, name text, parameters jsonb)
    on conflict (id) do nothing`;
  return new Set(missing.map(({ id }) => id));
}

/** A text as an element of an array literal. Neither NUL nor half a surrogate pair can be stored. */
function quoted(text: string | null): string {
  if (text === null) return 'NULL';
  return `"${Buffer.from(text.replaceAll('\0', '\u2400')).toString().replace(/["\\]/g, '\\$&')}"`;
}
