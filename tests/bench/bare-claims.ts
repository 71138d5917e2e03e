import postgres from 'postgres';

/** Claims a second by the bare statement, on a table with nothing else in it. */
export async function bareClaims(url: string, concurrency: number, jobs: number): Promise<number> {
  const sql = postgres(url, { max: concurrency, onnotice: () => undefined });
  try {
    await sql`drop table if exists bare_jobs`;
    await sql`create table bare_jobs (id integer primary key, state text not null, spec jsonb, taken_at timestamptz)`;
    await sql`create index on bare_jobs (id) where state = 'queued'`;
    await sql`insert into bare_jobs select i, 'queued', '{}' from generate_series(1, ${jobs}::integer) i`;
    let claimed = 0;
    const startedMs = performance.now();
    await Promise.all(
      Array.from({ length: concurrency }, async () => {
        for (;;) {
          const rows = await sql`
            with free as materialized (
              select id from bare_jobs where state = 'queued' order by id limit 1 for update skip locked
            )
            update bare_jobs j set state = 'leased', taken_at = now() from free where j.id = free.id
            returning j.id`;
          if (rows.length === 0) return;
          claimed += 1;
        }
      }),
    );
    if (claimed !== jobs) throw new Error(`${claimed} of ${jobs} bare jobs were claimed`);
    return (claimed * 1000) / (performance.now() - startedMs);
  } finally {
    await sql.end();
  }
}
