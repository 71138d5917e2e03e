import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import type { Backend } from '@/lib/backends/backend';
import type { FakeStep } from '@/lib/backends/fake/fake-program';
import { makePlan } from '../support/plan';
import { type FaultySwitch, makeFaulty } from './faulty-store';
import { expectSoundHistory, openWorld, type World } from './world';

let world: World;

afterEach(() => world.close());

interface FullRun {
  id: string;
  fault: FaultySwitch;
  /** The engine has asked for the step to be stopped. */
  stopped: Promise<void>;
}

/** A run of one step whose first line is stored, and whose store then has no space. */
async function runUntilFull(step: FakeStep, noSpaceMs: number): Promise<FullRun> {
  world = await openWorld({ script: () => step });
  const { backend } = world;
  const { store, fault } = makeFaulty(world.store);
  const asked = new AbortController();
  const stopped = once(asked.signal, 'abort').then(() => undefined);
  const watched: Backend = {
    ...backend,
    runStep(spec, watch) {
      watch.signal.addEventListener('abort', () => asked.abort());
      return backend.runStep(spec, watch);
    },
  };
  world.startEngine({ store, backend: watched, limits: { noSpaceMs } });
  const id = await world.submit(makePlan({ nodes: [{ id: 'step' }] }));
  await world.untilLines(id, 'step', 1);
  fault.mode = 'full';
  return { id, fault, stopped };
}

const lines = ['first', ...Array.from({ length: 10 }, (_, index) => ({ text: `${index}`, afterMs: 100 }))];

it('a database without space for a moment is waited for', async () => {
  const { id, fault } = await runUntilFull({ lines }, 60_000);
  await expect.poll(() => fault.refused.has('logs'), { timeout: 60_000, interval: 5 }).toBe(true);
  fault.mode = 'fine';
  expect(await world.ended(id)).toMatchObject({ status: 'passed' });
  expect((await world.lines(id, 'step')).map(({ text }) => text)).toEqual(
    lines.map((line) => (typeof line === 'string' ? line : line.text)),
  );
});

it('a step whose output finds no space for too long is stopped, and has errored for it', async () => {
  const { id, fault, stopped } = await runUntilFull({ lines, runsMs: 'forever' }, 300);
  await stopped;
  fault.mode = 'fine';
  const execution = await world.ended(id);
  expect(execution).toMatchObject({ status: 'errored', receipt: { left: [] } });
  expect(execution.steps[0]?.result?.reason).toMatch(
    /^no space: the disk of Gantry's database was full for 300 ms$/,
  );
  expectSoundHistory(await world.events(id));
  const texts = (await world.lines(id, 'step')).map(({ text }) => text);
  expect(texts[0]).toBe('first');
});
