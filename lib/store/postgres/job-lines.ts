import type { OutputLine } from '../../model/log-line';
import type { JobHolder, JobLines } from '../agent-store';
import type { Database } from './database';
import { holds, jobRefusal } from './job-fence';

const maxReadChunks = 16;

/** Under the job's row lock: what is new of the lines, and nothing behind a gap. */
export async function appendJobLines(
  { sql }: Database,
  jobId: string,
  holder: JobHolder,
  firstSeq: number | null,
  lines: readonly OutputLine[],
): Promise<number> {
  return sql.begin(async (transaction) => {
    const [job] = await transaction<
      { logSeq: number; stdout: number; stderr: number; isKeptOnly: boolean }[]
    >`
      select log_seq as "logSeq", stdout_lines as stdout, stderr_lines as stderr, exists (
        select from executions e where e.id = j.execution_id and e.status not in ('queued', 'running')
      ) as "isKeptOnly"
      from agent_jobs j
      where id = ${jobId} and ${holds(transaction, holder)}
      for update`;
    if (!job) throw await jobRefusal({ sql: transaction }, jobId, holder);
    const first = firstSeq ?? job.logSeq + 1;
    const fresh = first > job.logSeq + 1 ? [] : lines.slice(job.logSeq + 1 - first);
    if (fresh.length === 0) return job.logSeq;
    const lastSeq = job.logSeq + fresh.length;
    const count = (stream: string) => fresh.filter((line) => line.stream === stream).length;
    // Nobody reads what a service prints that is kept beyond its execution, for as long as a week.
    if (!job.isKeptOnly)
      await transaction`
      insert into agent_job_lines (job_id, first_seq, last_seq, stdout_before, stderr_before, lines)
      values (${jobId}, ${job.logSeq + 1}, ${lastSeq}, ${job.stdout}, ${job.stderr}, ${JSON.stringify(fresh)})`;
    await transaction`
      update agent_jobs set log_seq = ${lastSeq}, stdout_lines = stdout_lines + ${count('stdout')},
        stderr_lines = stderr_lines + ${count('stderr')}
      where id = ${jobId}`;
    return lastSeq;
  });
}

export async function readJobLines({ sql }: Database, jobId: string, afterSeq: number): Promise<JobLines[]> {
  const rows = await sql<
    { firstSeq: number; lastSeq: number; stdout: number; stderr: number; lines: string }[]
  >`
    select first_seq as "firstSeq", last_seq as "lastSeq", stdout_before as stdout, stderr_before as stderr, lines
    from agent_job_lines where job_id = ${jobId} and first_seq > ${afterSeq}
    order by first_seq limit ${maxReadChunks}`;
  return rows.map(({ firstSeq, lastSeq, stdout, stderr, lines }) => ({
    firstSeq,
    lastSeq,
    before: { stdout, stderr },
    lines: JSON.parse(lines),
  }));
}

export async function deleteJobLines({ sql }: Database, jobId: string, toSeq: number): Promise<void> {
  await sql`delete from agent_job_lines where job_id = ${jobId} and last_seq <= ${toSeq}`;
}
