import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openPostgresStore } from '@/lib/store/postgres/postgres-store';
import type { Store } from '@/lib/store/store';
import { openTestStore, silentLogger } from '../support/database';
import { createFakeClock } from '../support/fake-clock';
import { makeStepSpec } from '../support/plan';

const clock = createFakeClock();
const times = { leaseMs: 60_000, offlineAfterMs: 60_000 };
let store: Store;
let url: string;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ store, url, close } = await openTestStore({ clock }));
});
afterAll(() => close());
// What an earlier test has looked at is old.
beforeEach(() => clock.advance(1_000));

async function agent(tags: string[] = []): Promise<{ agentId: string; tokenId: string }> {
  const hash = randomBytes(16).toString('hex');
  const { id: tokenId } = await store.tokens.add(
    { kind: 'agent', name: 'agent', role: 'agent', expiresAt: null },
    hash,
  );
  const agentId = `agent-${hash}`;
  await store.agents.register({ agentId, instance: 'first', tags, capacity: 4, version: '0.2.0' }, tokenId);
  return { agentId, tokenId };
}

/** Steps of executions of their own, in this order. */
async function queue(count: number, tags: string[] = []): Promise<string[]> {
  const ids: string[] = [];
  for (let made = 0; made < count; made += 1) {
    const executionId = randomBytes(8).toString('hex');
    const environment = { executionId, suiteId: 'suite', profile: 'default', owner: 'me', services: [] };
    await store.jobs.openEnvironment({ ...environment, deadline: '2099-01-01T00:00:00.000Z' }, tags);
    ids.push(await store.jobs.submit(makeStepSpec({ executionId }), false));
  }
  return ids;
}

interface By {
  agentId: string;
  tokenId: string;
}

async function claim(claimants: By[], claimIds: string[] = [], of = store): Promise<(string | null)[]> {
  const claims = claimants.map((by, at) => ({ ...by, instance: null, claimId: claimIds[at] ?? null }));
  const jobs = await of.jobs.claim(claims, 'step', times);
  return jobs.map((job) => (job && job !== 'unadmitted' ? job.id : job));
}

it('gives the oldest first, also of what a look has left over', async () => {
  const [a, b] = [await agent(), await agent()];
  const steps = await queue(5);
  expect(await claim([a, b])).toEqual(steps.slice(0, 2));
  expect(await claim([b])).toEqual(steps.slice(2, 3));
  expect(await claim([b, a])).toEqual(steps.slice(3, 5));
  expect(await claim([a])).toEqual([null]);
});

it('gives to who was not there when the queue was looked at', async () => {
  const steps = await queue(2);
  expect(await claim([await agent()])).toEqual(steps.slice(0, 1));
  expect(await claim([await agent()])).toEqual(steps.slice(1));
});

it('gives a step that was given back before newer ones, once the look is old', async () => {
  const a = await agent();
  const steps = await queue(3);
  const [given] = await store.jobs.claim([{ ...a, instance: null, claimId: null }], 'step', times);
  if (!given || given === 'unadmitted') throw new Error('nothing was given');
  await store.jobs.release(given.id, given.leaseToken);
  await clock.advance(200);
  expect(await claim([a, a, a])).toEqual(steps);
});

it('gives nothing of what was seen to one that is drained meanwhile', async () => {
  const [a, b] = [await agent(), await agent()];
  const steps = await queue(4);
  expect(await claim([a, b])).toEqual(steps.slice(0, 2));
  await store.agents.drain(a.agentId, { reason: 'repair', by: 'me' });
  expect(await claim([a, b])).toEqual([null, steps[3]]);
  expect(await claim([b])).toEqual([steps[2]]);
});

it('gives nothing of what was seen to one whose token is revoked meanwhile, or who is another by now', async () => {
  const [a, b] = [await agent(), await agent()];
  const steps = await queue(4);
  expect(await claim([a, b])).toEqual(steps.slice(0, 2));
  await store.tokens.revoke(a.tokenId);
  const again = { agentId: b.agentId, instance: 'second', tags: ['gpu'], capacity: 4, version: '0.2.0' };
  await store.agents.register(again, b.tokenId);
  expect(await claim([a])).toEqual(['unadmitted']);
  const first = { ...b, instance: 'first', claimId: null };
  expect(await store.jobs.claim([first], 'step', times)).toEqual(['unadmitted']);
  // What the first one held is given back, to be gone on with.
  expect(await claim([b, b, b])).toEqual(steps.slice(1));
});

it('gives a claim that is sent again the same step, whatever else was seen', async () => {
  const a = await agent();
  const steps = await queue(3);
  expect(await claim([a], ['claim-one'])).toEqual([steps[0]]);
  expect(await claim([a], ['claim-one'])).toEqual([steps[0]]);
  expect(await claim([a, a], ['claim-two', 'claim-one'])).toEqual([steps[1], steps[0]]);
  expect(await claim([a], ['claim-three'])).toEqual([steps[2]]);
});

it('keeps to the tags of a step, and looks for whom nothing was seen', async () => {
  const [plain, able] = [await agent(), await agent(['gpu'])];
  const wanting = await queue(1, ['gpu']);
  const others = await queue(2);
  expect(await claim([plain])).toEqual(others.slice(0, 1));
  expect(await claim([able, plain])).toEqual([wanting[0], others[1]]);
});

it('gives no step twice when two control planes take from one queue', async () => {
  const other = await openPostgresStore({ clock, logger: silentLogger }, url);
  try {
    const claimants = await Promise.all(Array.from({ length: 4 }, () => agent()));
    const steps = await queue(200);
    const taken: string[] = [];
    const takeAll = async (of: Store) => {
      for (;;) {
        const ids = (await claim(claimants, [], of)).filter((id) => id !== null);
        if (ids.length === 0) return;
        taken.push(...ids);
      }
    };
    await Promise.all([takeAll(store), takeAll(other), takeAll(store)]);
    expect([...taken].sort()).toEqual([...steps].sort());
  } finally {
    await other.close();
  }
});
