import { createHash } from 'node:crypto';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '@/lib/clock';
import type { NewAuditEntry } from '@/lib/model/audit';
import { followAuditChain } from '@/lib/model/audit-chain';
import { openPostgresStore } from '@/lib/store/postgres/postgres-store';
import type { Store } from '@/lib/store/store';
import { openTestStore, silentLogger } from '../support/database';

let store: Store;
let sql: Sql;
let url: string;
let close: () => Promise<void>;

beforeAll(async () => {
  const opened = await openTestStore();
  ({ store, url, close } = opened);
  sql = postgres(opened.url, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await sql.end();
  await close();
});
beforeEach(async () => {
  await sql`truncate audit_entries`;
  await sql`update audit_chains set start_seq = head_seq, start_hash = head_hash`;
});

function entry(changes: Partial<NewAuditEntry> = {}): NewAuditEntry {
  return {
    actor: { kind: 'person', id: 'session-1', name: 'ada' },
    action: 'execution.cancel',
    subject: { kind: 'execution', id: 'x-1' },
    outcome: 'allowed',
    detail: {},
    address: '192.0.2.7',
    ...changes,
  };
}

test('an entry is answered as it was added, with its time', async () => {
  const added = entry({ detail: { reason: 'slow', numbers: [1, null], nul: 'a\0b' }, address: null });
  await store.audit.add([added]);
  const { items, nextCursor } = await store.audit.list({}, 10, null);
  expect(items).toEqual([
    {
      ...added,
      detail: { ...added.detail, nul: 'a\u2400b' },
      id: expect.stringMatching(/^\d+$/),
      at: expect.any(String),
    },
  ]);
  expect(Math.abs(Date.parse(items[0]?.at ?? '') - Date.now())).toBeLessThan(60_000);
  expect(nextCursor).toBeNull();
});

test('pages go from the newest to the oldest without a gap, whatever is added meanwhile', async () => {
  await store.audit.add(
    Array.from({ length: 25 }, (_, at) => entry({ subject: { kind: 'execution', id: `x-${at}` } })),
  );
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await store.audit.list({}, 10, cursor);
    seen.push(...page.items.map(({ subject }) => subject.id));
    cursor = page.nextCursor;
    await store.audit.add([entry({ subject: { kind: 'execution', id: 'late' } })]);
  } while (cursor !== null);
  expect(seen).toEqual(Array.from({ length: 25 }, (_, at) => `x-${24 - at}`));
  for (const wrong of ['x', '-1', '0', '1e3', `${'9'.repeat(30)}`]) {
    await expect(store.audit.list({}, 10, wrong)).rejects.toMatchObject({ code: 'bad_request' });
  }
});

test('each filter leaves what fits it', async () => {
  await store.audit.add([
    entry(),
    entry({ action: 'exec.open', subject: { kind: 'environment', id: 'x-2' } }),
    entry({ actor: { kind: 'token', id: 'token-9', name: 'ci' }, outcome: 'refused' }),
  ]);
  const found = async (filter: Parameters<Store['audit']['list']>[0]) =>
    (await store.audit.list(filter, 10, null)).items.map(({ actor, action }) => `${actor.name} ${action}`);
  expect(await found({ action: 'exec.open' })).toEqual(['ada exec.open']);
  expect(await found({ actor: 'ci' })).toEqual(['ci execution.cancel']);
  expect(await found({ actor: 'token-9' })).toEqual(['ci execution.cancel']);
  expect(await found({ subject: 'x-2' })).toEqual(['ada exec.open']);
  expect(await found({ outcome: 'refused' })).toEqual(['ci execution.cancel']);
  expect(await found({ subject: 'x-1', actor: 'ada' })).toEqual(['ada execution.cancel']);
});

test('entries are forgotten after their days, and not before', async () => {
  await store.audit.add(Array.from({ length: 1_500 }, () => entry()));
  await sql`update audit_entries set at = now() - interval '400 days'`;
  await store.audit.add([entry({ subject: { kind: 'execution', id: 'young' } })]);
  const rules = { days: null, outputDays: null, count: null, caseDays: null };
  expect(await store.deleteExpired({ ...rules, auditDays: null })).toBe(false);
  let batches = 0;
  while (await store.deleteExpired({ ...rules, auditDays: 365 })) batches += 1;
  expect(batches).toBe(2);
  expect((await store.audit.list({}, 10, null)).items.map(({ subject }) => subject.id)).toEqual(['young']);
});

/** What is wrong with the log as it is. */
async function faults(): Promise<string[]> {
  const { start, head } = await store.audit.chain();
  const chain = followAuditChain(start, (text) => createHash('sha256').update(text).digest('hex'));
  const found = (await store.audit.after(start.id, 10_000)).flatMap((each) => chain.add(each) ?? []);
  expect(chain.last()).toEqual(head);
  return found;
}

test('each entry follows the one before, whoever adds them at a time, also after the oldest are gone', async () => {
  const other = await openPostgresStore({ clock: systemClock, logger: silentLogger }, url);
  try {
    await Promise.all(
      Array.from({ length: 40 }, (_, at) =>
        (at % 2 === 0 ? store : other).audit.add([
          entry({ detail: { z: { b: 1.5e300, a: '\ud800' }, at } }),
          entry({ subject: { kind: 'token', id: 'ü\0' } }),
        ]),
      ),
    );
  } finally {
    await other.close();
  }
  expect(await faults()).toEqual([]);
  expect(await store.audit.after('0', 100)).toHaveLength(80);
  // Only what comes before everything young goes: the chain has no gaps.
  await sql`update audit_entries set at = now() - interval '400 days'
    where seq in (select seq from audit_entries order by seq limit 30) or seq = (select max(seq) from audit_entries)`;
  const rules = { days: null, outputDays: null, count: null, caseDays: null, auditDays: 365 };
  while (await store.deleteExpired(rules));
  await sql`update audit_entries set at = now() where seq = (select max(seq) from audit_entries)`;
  const left = await store.audit.after('0', 100);
  expect(left).toHaveLength(50);
  expect((await faults()).map((fault) => fault.slice(0, 30))).toEqual([
    `Entry ${left.at(-1)?.id} does not follow entry`.slice(0, 30),
  ]);
});

test.each([
  ['changed', (id: string) => sql`update audit_entries set actor_name = 'bob' where seq = ${id}::bigint`],
  ['removed', (id: string) => sql`delete from audit_entries where seq = ${Number(id) - 1}`],
  ['added by hand', (id: string) => sql`update audit_entries set hash = null where seq = ${id}::bigint`],
])('an entry that was %s shows', async (_what, change) => {
  await store.audit.add(Array.from({ length: 5 }, () => entry()));
  const id = (await store.audit.after('0', 5))[3]?.id ?? '';
  await change(id);
  const found = await faults();
  expect(found.length).toBeGreaterThan(0);
  expect(found[0]).toContain(`Entry ${id} `);
});
