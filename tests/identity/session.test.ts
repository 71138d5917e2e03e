import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '@/lib/clock';
import { newSignInToken, prepareAccess } from '@/lib/identity/first-start';
import { startSession } from '@/lib/identity/session';
import { newStreamToken, readStreamToken } from '@/lib/identity/stream-token';
import { hashToken, newTokenText } from '@/lib/identity/token-text';
import { openTestStore, silentLogger } from '@/tests/support/database';
import { createFakeClock } from '@/tests/support/fake-clock';

let opened: Awaited<ReturnType<typeof openTestStore>>;
let folder: string;

beforeAll(async () => {
  opened = await openTestStore();
  folder = await mkdtemp(path.join(tmpdir(), 'gantry-access-'));
});
afterAll(async () => {
  await opened.close();
  await rm(folder, { recursive: true });
});

const day = 24 * 60 * 60 * 1000;
const config = { sessionMs: 30 * day, sessionIdleMs: 7 * day };
const deps = () => ({ clock: systemClock, store: opened.store, logger: silentLogger, config });
const origin = { address: '192.0.2.1', userAgent: 'a browser' };

describe('the first start', () => {
  it('makes one admin token, readable by its owner alone, and no second one', async () => {
    const first = await prepareAccess(deps(), { bootstrapToken: null, dataFolder: folder });
    const second = await prepareAccess(deps(), { bootstrapToken: null, dataFolder: folder });
    const file = path.join(folder, 'admin-token');

    expect(await readFile(file, 'utf8')).toBe(`${first.newAdminToken}\n`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(second.newAdminToken).toBeNull();
    expect(await opened.store.tokens.find(hashToken(first.newAdminToken ?? ''), ['api'])).toMatchObject({
      role: 'admin',
    });
  });

  it('leaves a bootstrap token that was revoked revoked, and starts', async () => {
    const bootstrapToken = 'a-token-that-was-known-to-many';
    await prepareAccess(deps(), { bootstrapToken, dataFolder: folder });
    const known = await opened.store.tokens.find(hashToken(bootstrapToken), ['api']);
    await opened.store.tokens.revoke(known?.id ?? '');
    await prepareAccess(deps(), { bootstrapToken, dataFolder: folder });

    expect(await opened.store.tokens.find(hashToken(bootstrapToken), ['api'])).toBeNull();
  });

  it('registers the bootstrap token, once', async () => {
    const bootstrapToken = 'a-token-of-the-operator';
    await prepareAccess(deps(), { bootstrapToken, dataFolder: folder });
    const before = await opened.store.tokens.count('api');
    await prepareAccess(deps(), { bootstrapToken, dataFolder: folder });

    expect(await opened.store.tokens.count('api')).toBe(before);
    expect(await opened.store.tokens.find(hashToken(bootstrapToken), ['api'])).toMatchObject({
      name: 'bootstrap',
      role: 'admin',
    });
  });
});

describe('signing in', () => {
  it('takes a sign-in token once, also when ten ask at the same time', async () => {
    const token = await newSignInToken(deps(), new Date());
    const answers = await Promise.allSettled(
      Array.from({ length: 10 }, () => startSession(deps(), token, origin)),
    );

    expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(1);
  });

  it('ends a session with the API token that began it, and when that expires', async () => {
    const text = newTokenText('api');
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    const token = { kind: 'api', name: 'ci', role: 'member', expiresAt } as const;
    const { id } = await opened.store.tokens.add(token, hashToken(text));
    const session = await startSession(deps(), text, origin);

    expect(session.expiresAt).toBe(expiresAt);
    expect(await opened.store.tokens.find(hashToken(session.text), ['session'])).not.toBeNull();
    await opened.store.tokens.revoke(id);
    expect(await opened.store.tokens.find(hashToken(session.text), ['session'])).toBeNull();
  });

  it('refuses a sign-in token after its day', async () => {
    const token = await newSignInToken(deps(), new Date(Date.now() - 25 * 60 * 60 * 1000));

    await expect(startSession(deps(), token, origin)).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it('does not make a session from a session', async () => {
    const { text } = await startSession(deps(), await newSignInToken(deps(), new Date()), origin);

    await expect(startSession(deps(), text, origin)).rejects.toMatchObject({ code: 'unauthorized' });
  });
});

describe('a stream token', () => {
  const ada = { name: 'ada', role: 'viewer' as const, via: 'cookie' as const, tokenId: 'session-1' };

  it('names who it was made for, for an hour', async () => {
    const clock = createFakeClock();
    const { token } = newStreamToken(clock, 'secret', ada);

    expect(readStreamToken(clock, 'secret', token)).toMatchObject({
      name: 'ada',
      role: 'viewer',
      via: 'stream',
      tokenId: 'session-1',
    });
    await clock.advance(60 * 60 * 1000);
    expect(readStreamToken(clock, 'secret', token)).toBeNull();
  });

  it('is refused when a character was changed or another installation signed it', () => {
    const clock = createFakeClock();
    const { token } = newStreamToken(clock, 'secret', ada);
    const payload = Buffer.from(JSON.stringify([9e15, 'ada', 'admin', 'session-1'])).toString('base64url');

    expect(readStreamToken(clock, 'another', token)).toBeNull();
    expect(readStreamToken(clock, 'secret', `gantry_st_${payload}.${token.split('.')[1]}`)).toBeNull();
    expect(readStreamToken(clock, 'secret', 'gantry_st_')).toBeNull();
  });
});
