import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '@/lib/clock';
import type { Engine } from '@/lib/engine/engine';
import { fireSchedules } from '@/lib/engine/schedules/run-schedules';
import { createSchedules, type Schedules } from '@/lib/engine/schedules/schedules';
import { launchRefusal, makerOf } from '@/lib/identity/launch-refusal';
import type { Principal } from '@/lib/identity/principal';
import { hashToken, newTokenText } from '@/lib/identity/token-text';
import { scheduleRequest } from '@/lib/model/schedule';
import type { ScheduleMaker } from '@/lib/store/schedule-store';
import { openFolderCatalog } from '@/lib/suites/catalog/folder-catalog';
import { makeSuiteFolder } from '../../suites/suite-folder';
import { silentLogger } from '../../support/database';
import { createFakeClock, type FakeClock } from '../../support/fake-clock';
import { openWorld, type World } from '../world';

const hourMs = 60 * 60_000;
const request = scheduleRequest.parse({
  name: 'hourly',
  suiteId: 'demo',
  cron: '0 * * * *',
  whenRunning: 'cancel',
});

let root: string;
let world: World;
let engine: Engine;
let clock: FakeClock;
let schedules: Schedules;
let people = 0;

beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'gantry-schedules-'));
  makeSuiteFolder(
    'steps: { lint: { kind: test, run: "true", image: gantry/toolbox:local } }',
    `${root}/demo`,
  );
  const catalog = openFolderCatalog({ clock: systemClock, logger: silentLogger }, [root]);
  world = await openWorld();
  // Without room for executions they stay in the queue.
  engine = world.startEngine({ catalog, limits: { maxExecutions: 0 }, isDoomed: true });
  clock = createFakeClock(Date.parse('2026-01-01T00:01:00Z'));
  schedules = createSchedules({ clock, store: world.store, catalog });
});
beforeEach(async () => {
  for (const { id } of await world.store.grants.list(0)) await world.store.grants.remove(id);
});
afterEach(async () => {
  for (const { id } of await schedules.list()) await schedules.remove(id);
});
afterAll(async () => {
  await engine.stop();
  await world.close();
  rmSync(root, { recursive: true });
});

async function addPerson(role: 'viewer' | 'member'): Promise<Principal & { userId: string }> {
  people += 1;
  const { id, name } = await world.store.users.add({ email: `ana${people}@example.com`, name: 'ana', role });
  return { name, role, userId: id, via: 'cookie' };
}

async function addToken(expiresAt: string | null = null): Promise<Principal & { apiTokenId: string }> {
  const token = { kind: 'api', name: 'ci', role: 'member', expiresAt } as const;
  const { id } = await world.store.tokens.add(token, hashToken(newTokenText('api')));
  return { name: 'ci', role: 'member', apiTokenId: id, via: 'bearer' };
}

const make = async (by: Principal) => (await schedules.save(null, request, makerOf(by))).id;

/** What comes of the next planned time. */
async function nextFiring(id: string) {
  await clock.advance(hourMs);
  const { store } = world;
  const refuseLaunch = (maker: ScheduleMaker, suiteId: string) => launchRefusal(store, maker, suiteId);
  const deps = { clock, store, engine, logger: silentLogger, refuseLaunch };
  await fireSchedules(deps, { declared: true, startedAt: new Date(0) });
  const [firing] = await schedules.firings(id, 1);
  return firing;
}

describe('a schedule launches by the right of the person who saved it last', () => {
  it('and fails with the reason while they lack it', async () => {
    const ana = await addPerson('member');
    const id = await make(ana);
    expect(await nextFiring(id)).toMatchObject({ status: 'launched', reason: null });
    await world.store.users.change(ana.userId, { role: 'viewer' });
    expect(await nextFiring(id)).toMatchObject({
      status: 'failed',
      executionId: null,
      reason:
        'ana, who saved the schedule last, has no right to launch the suite demo. Whoever may launch the suite can save it again.',
    });
    await world.store.users.change(ana.userId, { role: 'member' });
    expect(await nextFiring(id)).toMatchObject({ status: 'launched' });
    await world.store.users.change(ana.userId, { disabled: true });
    expect((await nextFiring(id))?.reason).toContain('ana, who saved the schedule last, is disabled.');
    await schedules.save(id, request, makerOf(await addPerson('member')));
    expect(await nextFiring(id)).toMatchObject({ status: 'launched' });
  });

  it('which a grant gives or takes', async () => {
    const id = await make(await addPerson('member'));
    const viewer = await addPerson('viewer');
    const grantee = { kind: 'person', id: viewer.userId } as const;
    await world.store.grants.save({ grantee, suites: 'demo', rights: ['see', 'launch'], madeBy: 'admin' });
    expect(await nextFiring(id)).toMatchObject({ status: 'failed' });
    await schedules.save(id, request, makerOf(viewer));
    expect(await nextFiring(id)).toMatchObject({ status: 'launched' });
  });
});

describe('a schedule that was saved with a token', () => {
  it('goes on after the token has expired, and not after it was revoked', async () => {
    const token = await addToken('2020-01-01T00:00:00Z');
    const id = await make(token);
    expect(await nextFiring(id)).toMatchObject({ status: 'launched' });
    await world.store.tokens.revoke(token.apiTokenId);
    expect(await nextFiring(id)).toMatchObject({ status: 'failed', executionId: null });
    expect((await nextFiring(id))?.reason).toContain(
      'ci, who saved the schedule last, is a token that was revoked.',
    );
  });

  it('goes on by the token that replaced it in a rotation', async () => {
    const token = await addToken();
    const id = await make(token);
    const next = await world.store.tokens.rotate(
      token.apiTokenId,
      hashToken(newTokenText('api')),
      0,
      'admin',
    );
    await world.store.tokens.revoke(token.apiTokenId);
    expect(await nextFiring(id)).toMatchObject({ status: 'launched' });
    await world.store.tokens.revoke(next?.id ?? '');
    expect(await nextFiring(id)).toMatchObject({ status: 'failed' });
  });

  it('goes back to the token that was replaced while that is valid, when the one in its place is revoked', async () => {
    const { tokens } = world.store;
    const { apiTokenId } = await addToken();
    const id = await make({ name: 'ci', role: 'member', apiTokenId, via: 'bearer' });
    const rotate = async (overlapMs: number) =>
      (await tokens.rotate(apiTokenId, hashToken(newTokenText('api')), overlapMs, 'admin'))?.id ?? '';
    await tokens.revoke(await rotate(hourMs));
    expect(await nextFiring(id)).toMatchObject({ status: 'launched' });
    const last = await rotate(0);
    expect(await nextFiring(id)).toMatchObject({ status: 'launched' });
    await tokens.revoke(last);
    expect(await nextFiring(id)).toMatchObject({ status: 'failed' });
  });
});
