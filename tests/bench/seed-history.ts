import postgres from 'postgres';

const spreadDays = 25;

/**
 * Makes a history of `count` executions that ended in the last weeks, each a copy of one that was launched, with its
 * steps, attempts, events and a chunk of lines; then removes that one, and tells PostgreSQL to look at its tables.
 */
export async function seedHistory(databaseUrl: string, template: string, count: number): Promise<void> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  try {
    await sql`
      create temporary table seeded as
      select 'seeded-' || number as id, number,
        now() - number * (${spreadDays}::float8 / ${count}::integer) * interval '1 day' as at,
        case when number % 10 = 0 then 'failed' else 'passed' end as status
      from generate_series(1, ${count}::integer) number`;
    await sql`
      insert into executions (id, suite_id, suite, profile, backend, status, author, labels, created_at, started_at,
        finished_at, step_counts, warnings, event_seq, log_seq)
      select seeded.id, suite_id || '-' || number % 40, suite, profile, backend, seeded.status, author,
        jsonb_build_object('branch', 'b' || number % 200), at, at, at + interval '1 minute',
        jsonb_build_object(seeded.status, 1), warnings, 8, 20
      from seeded, executions where executions.id = ${template}`;
    await sql`
      insert into plans (execution_id, plan, env)
      select seeded.id, plan, env from seeded, plans where execution_id = ${template}`;
    await sql`
      insert into steps (execution_id, id, index, name, kind, after, on_failure, status, queued_at, started_at,
        finished_at, reports)
      select seeded.id, steps.id, index, name, kind, after, on_failure, seeded.status, at, at,
        at + interval '50 seconds', reports
      from seeded, steps where execution_id = ${template}`;
    await sql`
      insert into attempts (execution_id, step_id, number, status, started_at, finished_at, warnings)
      select seeded.id, steps.id, 1, seeded.status, at, at + interval '50 seconds', '[]'
      from seeded, steps where execution_id = ${template}`;
    await sql`
      insert into events (execution_id, seq, event)
      select seeded.id, place, event from seeded, events, generate_series(1, 8) place
      where execution_id = ${template} and events.seq = 1`;
    await sql`
      insert into log_chunks (execution_id, first_seq, last_seq, step_id, attempt, stdout_lines, stderr_lines, size,
        runs, lines)
      select seeded.id, 1, 20, steps.id, 1, 20, 0, 2000, '', repeat('x', 2000)
      from seeded, steps where execution_id = ${template}`;
    await sql`delete from executions where id = ${template}`;
    await sql`vacuum analyze`;
  } finally {
    await sql.end();
  }
}

/** What a round of launches has left in the queue. */
export async function emptyQueue(databaseUrl: string): Promise<void> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  try {
    await sql`delete from executions where status = 'queued'`;
  } finally {
    await sql.end();
  }
}
