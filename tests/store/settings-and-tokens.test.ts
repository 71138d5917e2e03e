import { afterAll, beforeAll, expect, test } from 'vitest';
import { matchesSuite } from '@/lib/model/suite-right';
import { connect } from '@/lib/store/postgres/database';
import { inScope } from '@/lib/store/postgres/suite-scope';
import type { Store } from '@/lib/store/store';
import { openTestStore } from '../support/database';

const kinds = ['api', 'session', 'sign_in', 'agent', 'package'] as const;

let store: Store;
let url: string;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ store, url, close } = await openTestStore());
});
afterAll(() => close());

const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();

test('settings are null until they are saved, and then what was saved last', async () => {
  expect(await store.settings.platform()).toBeNull();
  const settings = {
    backends: [{ id: 'local', kind: 'local' as const, label: 'Docker', default: true, enabled: true }],
    env: { A: 'nul \0', __proto__x: '1' },
  };
  await store.settings.savePlatform({ backends: [], env: {} });
  await store.settings.savePlatform(settings);
  expect(await store.settings.platform()).toEqual({ ...settings, env: { ...settings.env, A: 'nul \u2400' } });
});

test('a token is found by its hash until it is revoked or expires', async () => {
  const given = { kind: 'api' as const, name: 'ci', role: 'member' as const, expiresAt: inMs(60_000) };
  const added = await store.tokens.add(given, 'hash-1');
  expect(added).toMatchObject(given);
  expect(await store.tokens.find('hash-1', kinds)).toEqual(added);
  expect(await store.tokens.find('hash-2', kinds)).toBeNull();
  expect(await store.tokens.count('api')).toBe(1);
  expect(await store.tokens.revoke(added.id)).toBe(true);
  expect(await store.tokens.revoke(added.id)).toBe(false);
  await expect(store.tokens.add(given, 'hash-1')).rejects.toMatchObject({ code: 'conflict' });
  expect(await store.tokens.find('hash-1', kinds)).toBeNull();
  expect(await store.tokens.count('api')).toBe(0);
  await store.tokens.add({ ...given, expiresAt: inMs(-1_000) }, 'hash-3');
  expect(await store.tokens.find('hash-3', kinds)).toBeNull();
  await store.tokens.add({ ...given, expiresAt: null }, 'hash-4');
  expect(await store.tokens.find('hash-4', kinds)).toMatchObject({ expiresAt: null });
});

test('of ten who consume a token one gets it, and only as its kind', async () => {
  await store.tokens.add({ kind: 'sign_in', name: 'admin', role: 'admin', expiresAt: inMs(60_000) }, 'once');
  expect(await store.tokens.consume('once', 'session')).toBeNull();
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => store.tokens.consume('once', 'sign_in')),
  );
  expect(answers.filter((answer) => answer?.name === 'admin')).toHaveLength(1);
  expect(await store.tokens.find('once', kinds)).toBeNull();
  await store.tokens.add({ kind: 'sign_in', name: 'late', role: 'admin', expiresAt: inMs(-1_000) }, 'late');
  expect(await store.tokens.consume('late', 'sign_in')).toBeNull();
});

test('tokens are listed with who made them and when they were used, without those that are revoked', async () => {
  const given = { kind: 'api' as const, name: 'listed', role: 'viewer' as const, expiresAt: null };
  const used = await store.tokens.add({ ...given, madeBy: 'ada' }, 'listed-1');
  const unused = await store.tokens.add({ ...given, kind: 'agent', role: 'agent' }, 'listed-2');
  const revoked = await store.tokens.add(given, 'listed-3');
  await store.tokens.add({ ...given, kind: 'session' }, 'listed-4');
  await store.tokens.revoke(revoked.id);
  await store.tokens.find('listed-1', kinds);
  const listed = (await store.tokens.list()).filter(({ name }) => name === 'listed');
  expect(listed).toEqual([
    {
      ...unused,
      suites: null,
      madeBy: null,
      lastUsedAt: null,
      replacedBy: null,
      createdAt: expect.any(String),
    },
    {
      ...used,
      suites: null,
      madeBy: 'ada',
      lastUsedAt: expect.stringMatching(/Z$/),
      replacedBy: null,
      createdAt: expect.any(String),
    },
  ]);
});

test('a token that follows another has its grants, at once, and the former one keeps them', async () => {
  const given = { kind: 'api' as const, name: 'granted', role: 'viewer' as const, expiresAt: null };
  const former = await store.tokens.add(given, 'granted-1');
  const rights = ['see' as const, 'launch' as const];
  const save = (id: string, suites: string) =>
    store.grants.save({ grantee: { kind: 'token', id }, suites, rights, madeBy: 'ada' });
  await save(former.id, 'pay-*');
  await save(former.id, 'checkout');
  await save('another', 'stock-*');
  await store.grants.list();
  const next = await store.tokens.rotate(former.id, 'granted-2', 60_000, 'eve');
  const ownedBy = async (id?: string) =>
    (await store.grants.list())
      .filter(({ grantee }) => grantee.kind === 'token' && grantee.id === id)
      .map(({ suites, rights, madeBy }) => ({ suites, rights, madeBy }));
  const expected = ['checkout', 'pay-*'].map((suites) => ({ suites, rights, madeBy: 'ada' }));
  expect(await ownedBy(next?.id)).toEqual(expected);
  expect(await ownedBy(former.id)).toEqual(expected);
  expect(await store.tokens.rotate('nobody', 'granted-3', 0, 'eve')).toBeNull();
  expect(await store.grants.list()).toHaveLength(5);
});

test('the store and the model find the same suites by a pattern', async () => {
  const patterns = [
    ...['pay_checkout', 'a*b', '**', '*', '%', 'pay%', 'checkout', 'check*', '*out', 'checkout@1.2.0'],
    ...['checkout@*', '*@1.2.0', '*.0', '*@*', 'checkout@1.2.0+b1', 'a\\b', 'b', '*1*', 'Checkout'],
  ];
  const ids = [
    ...['pay_checkout', 'payxcheckout', 'ab', 'a-b', 'a*b', 'a\\b', 'b', '%', 'pay%', 'pay-x', 'checkout'],
    ...['checkout@1.2.0', 'checkout@1.2.0+b1', 'checkout@2', 'check@1@2', 'a-b@1', 'Checkout@1', 'c.0@x'],
  ];
  const { sql } = connect(url);
  try {
    for (const pattern of patterns) {
      const inStore = async (except: string[], also: string[]) => {
        const rows = await sql<{ id: string }[]>`
          select id from unnest(${ids}::text[]) with ordinality as t(id, place)
          where true ${inScope(sql, 'id', { except, also })} order by place`;
        return rows.map(({ id }) => id);
      };
      const matched = ids.filter((id) => matchesSuite([pattern], id));
      expect([pattern, await inStore(['*'], [pattern])]).toEqual([pattern, matched]);
      const others = ids.filter((id) => !matched.includes(id));
      expect([pattern, await inStore([pattern], [])]).toEqual([pattern, others]);
    }
  } finally {
    await sql.end();
  }
});
