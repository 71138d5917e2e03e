import type postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SuiteScope } from '@/lib/model/suite-right';
import { connect } from '@/lib/store/postgres/database';
import { listExecutions, overviewOf } from '@/lib/store/postgres/execution-list';
import type { ExecutionFilter, Store } from '@/lib/store/store';
import { openTestStore } from '../support/database';
import { newExecution } from './make-execution';

/** What others have run since. */
const foreign = 20_000;
/** Of each of two suites, all of them older. */
const own = 60;
/** Rows of the table that an answer may cost: far less than the history. */
const fewRows = 1_500;

/** Everything but the suites `pay-…` is somebody else's. */
const scope: SuiteScope = { except: ['*'], also: ['pay-*'] };

let store: Store;
let close: () => Promise<void>;
/** One connection, so that PostgreSQL can say what a transaction has read. */
let sql: postgres.Sql;

beforeAll(async () => {
  const opened = await openTestStore();
  ({ store, close } = opened);
  ({ sql } = connect(opened.url, 1));
  const template = newExecution();
  await store.executions.create(template);
  await sql`
    insert into executions (id, suite_id, suite, profile, backend, status, author, labels, created_at, started_at,
      finished_at, step_counts, warnings, event_seq, log_seq)
    select seeded.id, seeded.suite_id, suite, profile, backend, seeded.status, author, '{}', at, at, at, step_counts,
      warnings, 1, 0
    from executions, (
      select 'stock-' || number as id, 'stock-' || number % 30 as suite_id, 'passed' as status,
        now() - number * interval '1 second' as at
      from generate_series(1, ${foreign}::integer) number
      union all
      select suite || '-' || number, suite, case when number % 2 = 0 then 'failed' else 'passed' end,
        now() - interval '1 year' - number * interval '1 minute' - place * interval '1 second'
      from generate_series(1, ${own}::integer) number,
        (values ('pay-checkout', 1), ('pay-refund@1.2', 2)) as mine(suite, place)
    ) seeded
    where executions.id = ${template.id}`;
  await sql`delete from executions where id = ${template.id}`;
  await sql`vacuum analyze executions`;
});
afterAll(async () => {
  await sql?.end();
  await close?.();
});

/** Does it, and says how many rows of the table were read for that. */
async function counted<T>(read: () => Promise<T>): Promise<{ value: T; rows: number }> {
  await sql`begin`;
  try {
    const value = await read();
    const [stats] = await sql<{ rows: number }[]>`
      select (coalesce(idx_tup_fetch, 0) + seq_tup_read)::integer as rows from pg_stat_xact_user_tables
      where relname = 'executions'`;
    return { value, rows: stats?.rows ?? Number.NaN };
  } finally {
    await sql`rollback`;
  }
}

async function page(filter: ExecutionFilter, cursor: string | null = null) {
  const { value, rows } = await counted(() => listExecutions({ sql }, filter, 50, cursor));
  return { ids: value.items.map(({ id }) => id), nextCursor: value.nextCursor, rows };
}

const inOrder = Array.from({ length: own }, (_, at) => [
  `pay-checkout-${at + 1}`,
  `pay-refund@1.2-${at + 1}`,
]).flat();

test('a caller who sees few suites gets their executions in order without a look at those of others', async () => {
  const first = await page({ scope });
  expect(first.ids).toEqual(inOrder.slice(0, 50));
  expect(first.rows).toBeLessThan(fewRows);
  const second = await page({ scope }, first.nextCursor);
  const third = await page({ scope }, second.nextCursor);
  expect([...second.ids, ...third.ids]).toEqual(inOrder.slice(50));
  expect(third.nextCursor).toBeNull();
  expect(Math.max(second.rows, third.rows)).toBeLessThan(fewRows);
});

test('so do those with a status, and those who see nothing', async () => {
  const failed = inOrder.filter((id) => Number(id.split('-').at(-1)) % 2 === 0);
  const found = await page({ scope, status: ['failed', 'errored'] });
  expect(found.ids).toEqual(failed.slice(0, 50));
  expect(found.rows).toBeLessThan(fewRows);
  const nothing = await page({ scope: { except: ['*'], also: ['none-*'] } });
  expect(nothing).toMatchObject({ ids: [], nextCursor: null });
  expect(nothing.rows).toBeLessThan(fewRows);
});

test('the suite that is asked for has to be in the scope', async () => {
  expect((await page({ scope, suiteId: 'pay-checkout' })).ids).toEqual(
    inOrder.filter((id) => id.startsWith('pay-checkout')).slice(0, 50),
  );
  expect((await page({ scope, suiteId: 'stock-1' })).ids).toEqual([]);
});

test('a caller who is shut out of few suites sees all others in order', async () => {
  const { ids } = await page({ scope: { except: ['stock-1'], also: [] } });
  const numbers = Array.from({ length: 60 }, (_, at) => at + 1).filter((number) => number % 30 !== 1);
  expect(ids).toEqual(numbers.map((number) => `stock-${number}`).slice(0, 50));
});

test('the overview of few suites has what ended last of them', async () => {
  const limits = { running: 10, queued: 10, finished: 20, scope };
  const { value, rows } = await counted(() => overviewOf({ sql }, limits));
  expect(value.executions.map(({ id }) => id)).toEqual(inOrder.slice(0, 20));
  expect(rows).toBeLessThan(fewRows);
});
