import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Store } from '@/lib/store/store';
import { openTestStore } from '../support/database';

const kinds = ['api', 'session', 'sign_in', 'agent', 'package'] as const;

let store: Store;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ store, close } = await openTestStore());
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
    { ...unused, suites: null, madeBy: null, lastUsedAt: null, createdAt: expect.any(String) },
    {
      ...used,
      suites: null,
      madeBy: 'ada',
      lastUsedAt: expect.stringMatching(/Z$/),
      createdAt: expect.any(String),
    },
  ]);
});
