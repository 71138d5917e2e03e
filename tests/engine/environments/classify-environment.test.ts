import { expect, test } from 'vitest';
import { classifyEnvironment } from '@/lib/engine/environments/classify-environment';
import type { EnvironmentFacts } from '@/lib/store/environment-store';

const now = Date.parse('2026-03-01T12:00:00.000Z');
const secondsAgo = (seconds: number) => new Date(now - seconds * 1000).toISOString();

const snapshot = { executionId: 'e1', createdAt: secondsAgo(3_600), deadline: secondsAgo(-3_600) };

function facts(own: Partial<EnvironmentFacts>): EnvironmentFacts {
  return {
    id: 'e1',
    suite: { id: 'hello', title: 'Hello', repository: null, version: null },
    profile: 'default',
    backend: { id: 'local', kind: 'local', label: 'Docker' },
    status: 'running',
    author: 'ada',
    finishedAt: null,
    cancelRequestedAt: null,
    stepCounts: { running: 2, passed: 1 },
    owner: 'host-1',
    leaseLostMs: null,
    keptUntil: null,
    ...own,
  };
}

test('what an execution runs in is active, and the reason says what runs', () => {
  expect(classifyEnvironment(snapshot, facts({}), now)).toEqual({
    state: 'active',
    zombieCause: null,
    reason: 'Its execution runs: 2 running.',
  });
});

test('what an ended execution left is a zombie, but not in the moment of its end', () => {
  const ended = (seconds: number) => facts({ status: 'failed', finishedAt: secondsAgo(seconds) });
  expect(classifyEnvironment(snapshot, ended(3), now)).toMatchObject({ state: 'ending' });
  expect(classifyEnvironment(snapshot, ended(60), now)).toMatchObject({
    state: 'zombie',
    zombieCause: 'finished',
    reason: expect.stringContaining('failed'),
  });
});

test('what is kept is no zombie until its time is over', () => {
  const kept = (seconds: number) =>
    facts({ status: 'failed', finishedAt: secondsAgo(600), keptUntil: secondsAgo(seconds) });
  expect(classifyEnvironment(snapshot, kept(-60), now)).toMatchObject({ state: 'kept', zombieCause: null });
  expect(classifyEnvironment(snapshot, kept(5), now)).toMatchObject({
    state: 'zombie',
    zombieCause: 'deadline',
  });
});

test('what nobody knows is a zombie once it is older than the grace time', () => {
  expect(classifyEnvironment({ ...snapshot, createdAt: secondsAgo(20) }, null, now)).toMatchObject({
    state: 'ending',
  });
  expect(classifyEnvironment(snapshot, null, now)).toMatchObject({ state: 'zombie', zombieCause: 'unknown' });
  expect(classifyEnvironment({ ...snapshot, createdAt: null }, null, now)).toMatchObject({
    zombieCause: 'unknown',
  });
});

test('the reason of an unknown one says that its deadline has passed', () => {
  expect(classifyEnvironment({ ...snapshot, deadline: secondsAgo(5) }, null, now).reason).toContain(
    'deadline has passed',
  );
  expect(classifyEnvironment({ ...snapshot, deadline: 'tomorrow' }, null, now).reason).not.toContain(
    'deadline',
  );
});

test('one whose owner is silent is a zombie once another had time to take it over', () => {
  expect(classifyEnvironment(snapshot, facts({ leaseLostMs: 5_000 }), now)).toMatchObject({
    state: 'active',
  });
  expect(classifyEnvironment(snapshot, facts({ leaseLostMs: 45_000 }), now)).toMatchObject({
    state: 'zombie',
    zombieCause: 'owner_lost',
    reason: expect.stringContaining('host-1'),
  });
});
