import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { NewAuditEntry } from '@/lib/model/audit';
import type { Store } from '@/lib/store/store';
import { openTestStore } from '../support/database';

let store: Store;
let sql: Sql;
let close: () => Promise<void>;

beforeAll(async () => {
  const opened = await openTestStore();
  ({ store, close } = opened);
  sql = postgres(opened.url, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await sql.end();
  await close();
});
beforeEach(async () => {
  await sql`truncate audit_entries`;
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
  const rules = { days: null, outputDays: null, count: null };
  expect(await store.forgetSome({ ...rules, auditDays: null })).toBe(false);
  let batches = 0;
  while (await store.forgetSome({ ...rules, auditDays: 365 })) batches += 1;
  expect(batches).toBe(2);
  expect((await store.audit.list({}, 10, null)).items.map(({ subject }) => subject.id)).toEqual(['young']);
});
