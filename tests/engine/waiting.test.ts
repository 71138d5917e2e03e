import { afterEach, beforeEach, expect, it } from 'vitest';
import { explainSteps } from '@/lib/model/waiting';
import { makePlan } from '../support/plan';
import { expectSoundHistory, openWorld, type World } from './world';

let world: World;

beforeEach(async () => {
  world = await openWorld({ script: { long: { runsMs: 'forever' } } });
});
afterEach(() => world.close());

const long = makePlan({ nodes: [{ id: 'long' }] });
const quick = makePlan({ nodes: [{ id: 'quick' }] });

it('a step that finds no place on its backend says so until it starts', async () => {
  const engine = world.startEngine({ limits: { maxSteps: 1 } });
  const holder = await world.submit(long);
  await world.until(holder, ({ steps }) => steps[0]?.status === 'running');
  const id = await world.submit(quick);
  const waiting = await world.until(id, ({ steps }) => steps[0]?.status === 'queued');
  expect(explainSteps(waiting).steps[0]?.waitsFor).toBe('Waiting for the only step slot on `local`.');
  await engine.cancel(holder, 'ada');
  expect(await world.ended(id)).toMatchObject({ status: 'passed', steps: [{ waitsFor: null }] });
});

it('backends do not take each other the places', async () => {
  world.startEngine({ limits: { maxSteps: 1 } });
  const holder = await world.submit(long);
  await world.until(holder, ({ steps }) => steps[0]?.status === 'running');
  await world.store.executions.create({
    id: 'elsewhere',
    plan: quick,
    backend: { id: 'elsewhere', kind: 'local', label: 'Another' },
    author: 'ada',
    labels: {},
    env: {},
    idempotencyKey: null,
    requestHash: '',
  });
  // It is not configured here, which is told without waiting for a place.
  expect((await world.ended('elsewhere')).status).toBe('errored');
});

it('a newer execution cancels the one that it would wait for, where its suite says so', async () => {
  const concurrency = { group: 'deploy', max: 1, cancelRunning: true };
  world.startEngine();
  const old = await world.submit({ ...long, concurrency });
  await world.until(old, ({ steps }) => steps[0]?.status === 'running');
  const newer = await world.submit({ ...quick, concurrency });
  const [first, second] = [await world.ended(old), await world.ended(newer)];
  expect(first).toMatchObject({ status: 'cancelled', cause: { sentence: expect.stringContaining(newer) } });
  expect(second.status).toBe('passed');
  expect(Date.parse(second.startedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(first.finishedAt ?? ''));
  for (const id of [old, newer]) expectSoundHistory(await world.events(id));
});

it('an execution waits for its group, and goes on as soon as that is free', async () => {
  const concurrency = { group: 'deploy', max: 1, cancelRunning: false };
  const engine = world.startEngine();
  const holder = await world.submit({ ...long, concurrency });
  await world.until(holder, ({ steps }) => steps[0]?.status === 'running');
  const waiting = await world.submit({ ...quick, concurrency });
  const other = await world.submit(quick);
  await world.ended(other);
  expect((await world.store.executions.summary(waiting))?.status).toBe('queued');
  await engine.cancel(holder, 'ada');
  expect((await world.ended(waiting)).status).toBe('passed');
});
