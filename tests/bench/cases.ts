import postgres, { type Sql } from 'postgres';
import { systemClock } from '@/lib/clock';
import type { CaseStore } from '@/lib/store/case-store';
import { openPostgresStore } from '@/lib/store/postgres/postgres-store';
import { listCases, readCase } from '../support/all-cases';
import { openTestDatabase, silentLogger } from '../support/database';
import { seedHistory } from '../support/seeded-cases';
import { accuracyOf, readTold } from '../support/told-cases';
import type { Row } from './bench';
import { fillCases } from './fill-cases';
import { type Measure, quantile } from './measure';

const casesOfRun = 500;
const executions = 100_000;
const maxBytes = 15 * 1024 ** 3;
const maxFillMs = 25 * 60_000;

/** The history of test cases: how fast results come in, what they take on disk, and how fast a page reads them. */
export const cases: Row = {
  name: 'cases',
  limitMs: 60 * 60_000,
  async measure(bench) {
    const database = await openTestDatabase();
    const store = await openPostgresStore({ clock: systemClock, logger: silentLogger }, database.url);
    const sql = postgres(database.url, { max: 1, onnotice: () => undefined });
    try {
      const runs = bench.isQuick ? 200 : 2_000;
      const seeded = seedHistory(runs, casesOfRun);
      const perSecond = await ingest(store.cases, seeded.report, runs);
      const accuracy = accuracyOf(seeded.truths, await readTold(store.cases));
      for (const { what, precision, recall } of accuracy)
        bench.say(`cases, ${what}: precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}`);
      const bytesPerCase = await bytesOf(sql, runs * casesOfRun);
      const rows = await fillCases(
        sql,
        {
          reports: bench.isQuick ? executions / 50 : executions,
          casesOfReport: casesOfRun,
          maxBytes,
          maxMs: maxFillMs,
        },
        bench.say,
      );
      const bytesWhenFull = await bytesOf(sql, rows);
      const measures: Measure[] = [
        {
          what: 'cases stored a second',
          unit: '',
          floor: null,
          gantry: perSecond,
          target: { atLeast: 20_000 },
        },
        { what: 'disk per case as stored, bytes', unit: '', floor: null, gantry: bytesPerCase, target: null },
        { what: 'disk per case of all, bytes', unit: '', floor: null, gantry: bytesWhenFull, target: null },
        ...accuracy.flatMap(({ what, precision, recall }): Measure[] => [
          { what: `${what}, precision`, unit: '', floor: null, gantry: precision, target: { atLeast: 1 } },
          { what: `${what}, recall`, unit: '', floor: null, gantry: recall, target: { atLeast: 1 } },
        ]),
        ...(await readPages(store.cases, sql, bench.isQuick ? 60 : 300)),
      ];
      const kept = `${(rows / 1e6).toFixed(1)} million results`;
      return {
        title: 'History of test cases',
        measures,
        notes: [
          `${runs} seeded runs of ${casesOfRun} cases through the store, then generated rows up to ${kept}, as many as fit into 15 GB and 25 minutes. A page's time is what it reads from the store.`,
        ],
      };
    } finally {
      await sql.end();
      await store.close();
      await database.drop();
    }
  },
};

/** Cases a second; making them does not count. */
async function ingest(
  store: CaseStore,
  report: ReturnType<typeof seedHistory>['report'],
  runs: number,
): Promise<number> {
  let stored = 0;
  let ms = 0;
  for (let run = 0; run < runs; run += 1) {
    const made = report(run);
    const start = performance.now();
    await store.add(made);
    ms += performance.now() - start;
    stored += made.results.length;
  }
  return (stored / ms) * 1_000;
}

async function bytesOf(sql: Sql, results: number): Promise<number> {
  const [row] = await sql<{ bytes: number }[]>`
    select (pg_total_relation_size('case_results') + pg_total_relation_size('case_reports'))::float8 as bytes`;
  return (row?.bytes ?? 0) / results;
}

async function readPages(store: CaseStore, sql: Sql, count: number): Promise<Measure[]> {
  const ids = await sql<{ id: string }[]>`select id from test_cases order by random() limit ${count}`;
  const pages = await timesOf(
    ids.map(
      ({ id }) =>
        () =>
          readCase(store, id),
    ),
  );
  const sorts = ['flaky', 'newest_failure', 'slow', 'slower'] as const;
  const lists = await timesOf(sorts.map((sort) => () => listCases(store, { suite: 'seeded', sort })));
  const measure = (what: string, gantry: number, atMost: number | null): Measure => ({
    what,
    unit: 'ms',
    floor: null,
    gantry,
    target: atMost === null ? null : { atMost },
  });
  return [
    measure('page of a case, p50', quantile(pages, 0.5), null),
    measure('page of a case, p99', quantile(pages, 0.99), 100),
    ...sorts.map((sort, index) => measure(`list of a suite, ${sort}`, lists[index] ?? 0, null)),
  ];
}

async function timesOf(reads: (() => Promise<unknown>)[]): Promise<number[]> {
  const times: number[] = [];
  for (const read of reads) {
    const start = performance.now();
    await read();
    times.push(performance.now() - start);
  }
  return times;
}
