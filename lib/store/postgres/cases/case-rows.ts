import type { ISql } from 'postgres';
import type { CaseMute, CaseRecord, CaseTry, NumberedResult } from '../../../model/cases/case-record';
import type { CaseStatus } from '../../../model/report';
import type { StoredHistory } from '../../case-store';

/** By their numbers in the rows: from 3 on a case has failed. Only added to. */
const caseStatuses: readonly CaseStatus[] = ['passed', 'skipped', 'warned', 'failed', 'errored'];

export function statusNumber(status: CaseStatus): number {
  return caseStatuses.indexOf(status);
}

export function recordFields(sql: ISql) {
  return sql.unsafe(
    `test_cases.id, test_cases.suite_id as "suiteId", test_cases.step_id as "stepId", file, test_cases.path,
    class_name as "className", name, parameters`,
  );
}

interface TryRow {
  caseNumber: number;
  reportNumber: number;
  tryNumber: number;
  status: number;
  durationMs: number | null;
  output: number | null;
  fingerprint: string | null;
  message: string | null;
}

type ReportRow = Pick<
  NumberedResult,
  'executionId' | 'attempt' | 'at' | 'profile' | 'packageDigest' | 'images'
> & {
  number: number;
  artifactId: string;
};

/** Histories of the given cases, each with its newest results, oldest first. */
export async function readHistories(
  sql: ISql,
  ids: readonly string[],
  length: number,
  upTo: number | null,
): Promise<StoredHistory[]> {
  const cases = await sql<(CaseRecord & { number: number; mute: CaseMute | null })[]>`
    select number, ${recordFields(sql)}, case when case_mutes.case_id is not null then json_build_object(
      'reason', reason, 'ticket', ticket, 'expiresAt', expires_at, 'createdAt', case_mutes.created_at,
      'createdBy', created_by) end as mute
    from test_cases left join case_mutes on case_id = test_cases.id and expires_at > now()
    where test_cases.id = any(${[...ids]}::text[])`;
  // Tries are rows as well; a case with more than one a run has a shorter history.
  const maxRows = 2 * length;
  const rows = await readTries(
    sql,
    cases.map(({ number }) => number),
    maxRows,
    upTo,
  );
  const reports = await readReports(sql, rows);
  const byCase = new Map<number, TryRow[]>(cases.map(({ number }) => [number, []]));
  for (const row of rows) byCase.get(row.caseNumber)?.push(row);
  const found = new Map(
    cases.map(({ number, mute, ...record }) => {
      const own = byCase.get(number) ?? [];
      const results = runsOf(own, reports);
      const isWhole = own.length < maxRows && results.length <= length;
      return [record.id, { record, mute: mute && muteOf(mute), results: results.slice(-length), isWhole }];
    }),
  );
  return ids.flatMap((id) => found.get(id) ?? []);
}

function readTries(sql: ISql, numbers: readonly number[], maxRows: number, upTo: number | null) {
  return sql<TryRow[]>`
    select given.number as "caseNumber", report_number as "reportNumber", try_number as "tryNumber", status,
      duration_ms as "durationMs", output, fingerprint::text as fingerprint, message
    from unnest(${[...numbers]}::integer[]) given(number) cross join lateral (
      select report_number, try_number, status, duration_ms, output, fingerprint, message from case_results
      where case_number = given.number ${upTo === null ? sql`` : sql`and report_number <= ${upTo}`}
      order by report_number desc, try_number desc limit ${maxRows}
    ) tries
    order by report_number, try_number`;
}

async function readReports(sql: ISql, rows: readonly TryRow[]): Promise<Map<number, ReportRow>> {
  const numbers = [...new Set(rows.map(({ reportNumber }) => reportNumber))];
  const reports = await sql<ReportRow[]>`
    select number, execution_id as "executionId", attempt, at, profile, package_digest as "packageDigest", images,
      artifact_id as "artifactId"
    from case_reports where number = any(${numbers}::integer[])`;
  return new Map(reports.map((report) => [report.number, report]));
}

/** One result for each execution; what an earlier attempt of the step reported are tries of it. */
function runsOf(rows: readonly TryRow[], reports: ReadonlyMap<number, ReportRow>): NumberedResult[] {
  const results: NumberedResult[] = [];
  let tries: CaseTry[] = [];
  for (const row of rows) {
    const report = reports.get(row.reportNumber);
    if (!report) continue;
    const { number: _, artifactId, ...origin } = report;
    const given = tryOf(row, artifactId);
    if (row.tryNumber < 0) {
      tries.push(given);
      continue;
    }
    const last = results.at(-1);
    if (last && last.executionId === report.executionId && last.attempt !== report.attempt) {
      const { status, durationMs, message, fingerprint, output } = last;
      tries.unshift(...last.tries, { status, durationMs, message, fingerprint, output });
      results.pop();
    }
    results.push({ ...origin, ...given, reportNumber: row.reportNumber, tries });
    tries = [];
  }
  return results;
}

function tryOf({ status, durationMs, message, fingerprint, output }: TryRow, artifactId: string): CaseTry {
  return {
    status: caseStatuses[status] ?? 'errored',
    durationMs: durationMs === null ? null : Math.round(durationMs * 1_000) / 1_000,
    message,
    fingerprint,
    output: output === null ? null : { artifactId, position: output },
  };
}

export function muteOf(mute: CaseMute): CaseMute {
  const time = (text: string) => new Date(text).toISOString();
  return { ...mute, expiresAt: time(mute.expiresAt), createdAt: time(mute.createdAt) };
}
