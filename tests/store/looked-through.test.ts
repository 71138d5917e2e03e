import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '@/lib/clock';
import { connect, type Database } from '@/lib/store/postgres/database';
import { listExecutions } from '@/lib/store/postgres/execution-list';
import type { ExecutionFilter, Page, Store } from '@/lib/store/store';
import { openTestStore } from '../support/database';
import { newExecution } from './make-execution';

let store: Store;
let database: Database;
let close: () => Promise<void>;

beforeAll(async () => {
  // Every look at the clock is a millisecond later, so that no two executions are of the same age.
  let nowMs = Date.now();
  const clock = {
    ...systemClock,
    now: () => {
      nowMs += 1;
      return new Date(nowMs);
    },
  };
  const opened = await openTestStore({ clock });
  store = opened.store;
  database = connect(opened.url);
  close = async () => {
    await database.sql.end();
    await opened.close();
  };
});
afterAll(() => close());

async function make(given: Parameters<typeof newExecution>[0]): Promise<string> {
  return (await store.executions.create(newExecution(given))).summary.id;
}

/** All pages of a list that looks through so many executions for each. */
async function pagesOf(filter: ExecutionFilter, limit: number, looked: number): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor: string | null = null;
  do {
    const page: Page<{ id: string }> = await listExecutions(database, filter, limit, cursor, looked);
    pages.push(page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor);
  return pages;
}

test('a page ends where its look through does, and the next goes on right behind it', async () => {
  const suiteId = 'long';
  const authors = ['ana', 'ben', 'ben', 'ana', 'ben', 'ana', 'ana'];
  const made: string[] = [];
  for (const author of authors) made.unshift(await make({ suiteId, author }));
  const [first, second, , fourth, , , seventh] = made;
  expect(await pagesOf({ suiteId, author: 'ana' }, 10, 3)).toEqual([[first, second], [fourth], [seventh]]);
  // A full page goes on behind its last one, not behind the end of what was looked through.
  expect(await pagesOf({ suiteId, author: 'ana' }, 1, 3)).toEqual([[first], [second], [fourth], [seventh]]);
  for (const looked of [1, 2, 4, 7, 8])
    expect((await pagesOf({ suiteId, author: 'ana' }, 2, looked)).flat()).toEqual([
      first,
      second,
      fourth,
      seventh,
    ]);
  expect((await pagesOf({ suiteId, author: 'nobody' }, 10, 7)).flat()).toEqual([]);
});

test('what is launched between two pages is on neither, and nothing is left out or comes twice', async () => {
  const suiteId = 'moving';
  const made: string[] = [];
  for (let count = 0; count < 4; count += 1) made.unshift(await make({ suiteId, author: 'ana' }));
  const filter = { suiteId, author: 'ana', words: ['moving'] };
  const page = await listExecutions(database, filter, 10, null, 2);
  await make({ suiteId, author: 'ana' });
  const next = await listExecutions(database, filter, 10, page.nextCursor, 2);
  expect([...page.items, ...next.items].map(({ id }) => id)).toEqual(made);
  expect(Object.keys(page.items[0] ?? {})).not.toContain('endId');
});

test('those of other suites count for nothing, and no cursor names one, to somebody who sees one suite', async () => {
  const seen = await make({ suiteId: 'seen', author: 'cleo' });
  const hidden: string[] = [];
  for (let count = 0; count < 5; count += 1) hidden.push(await make({ suiteId: 'hidden', author: 'cleo' }));
  const newer = await make({ suiteId: 'seen', author: 'cleo' });
  const scope = { except: ['*'], also: ['seen'] };
  expect(await pagesOf({ author: 'cleo', scope }, 10, 2)).toEqual([[newer, seen], []]);
  const page = await listExecutions(database, { author: 'cleo', scope }, 10, null, 1);
  expect(page.items.map(({ id }) => id)).toEqual([newer]);
  const cursor = Buffer.from(page.nextCursor ?? '', 'base64url').toString();
  expect(cursor).toContain(newer);
  for (const id of hidden) expect(cursor).not.toContain(id);
});

test('labels are found as key:value and key=value, not by how they are kept', async () => {
  const suiteId = 'labelled';
  const found = await make({ suiteId, labels: { branch: 'main', team: 'pay' } });
  await make({ suiteId, labels: { branch: 'maintenance', team: 'other' } });
  await make({ suiteId });
  const of = async (...words: string[]) => (await pagesOf({ suiteId, words }, 10, 100)).flat();
  expect(await of('team:pay')).toEqual([found]);
  expect(await of('TEAM=Pay')).toEqual([found]);
  expect(await of('branch:main', 'team=pay')).toEqual([found]);
  expect(await of('branch:main')).toHaveLength(2);
  expect(await of('pay')).toEqual([found]);
  for (const word of ['{', '}', '"', '{}', '": "', 'team:other:']) expect(await of(word)).toEqual([]);
  expect(await of('labelled')).toHaveLength(3);
});
