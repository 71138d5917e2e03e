import { expect, it } from 'vitest';
import type { FakeScript } from '@/lib/backends/fake/fake-backend';
import { systemClock } from '@/lib/clock';
import type { Engine } from '@/lib/engine/engine';
import type { Plan } from '@/lib/model/plan';
import { type FaultySwitch, makeFaulty } from '../engine/faulty-store';
import { openWorld, type World } from '../engine/world';
import { makePlan } from '../support/plan';
import { checkRun } from './check-run';
import { createRandom, type Random } from './random';
import { expectedOutput, makeRandomSuite, type RandomSuite } from './random-suite';

const limits = { maxExecutions: 4, maxSteps: 3, leaseMs: 600 };

/** The suite's program, as the scripted backend plays it. */
function scriptOf(suites: readonly RandomSuite[]): FakeScript {
  return ({ suite: { id }, stepId, attempt }) => {
    const step = suites.find((each) => each.id === id)?.steps.find((each) => each.id === stepId);
    if (!step) throw new Error(`there is no step ${stepId} in ${id}`);
    if (step.kind === 'service')
      return { lines: [`${stepId} is up`, 'tick 1', { text: 'tick 2', afterMs: 20 }] };
    const { stdout, stderr } = expectedOutput(step, attempt);
    const lines = [
      ...stdout.map((text) => ({ text, afterMs: step.pauseMs })),
      ...stderr.map((text) => ({ text, stream: 'stderr' as const })),
    ];
    return { lines, exitCode: step.exits[Math.min(attempt, step.exits.length) - 1] ?? 0 };
  };
}

function planOf(suite: RandomSuite): Plan {
  return makePlan({
    suite: { id: suite.id, title: suite.id, repository: null, version: null },
    nodes: suite.steps.map((step) => ({
      ...step,
      retries: { max: step.exits.length - 1, backoffMs: 20 },
    })),
  });
}

/** Two engines, of which now and then one dies or cannot reach its store. */
async function disturb(world: World, random: Random, rounds: number): Promise<void> {
  const start = (): { engine: Engine; fault: FaultySwitch } => {
    const { store, fault } = makeFaulty(world.store);
    return { engine: world.startEngine({ store, limits, isDoomed: true }), fault };
  };
  const engines = [start(), start()];
  for (let round = 0; round < rounds; round += 1) {
    await systemClock.sleep(random.whole(20, 200));
    const index = random.whole(0, 1);
    const victim = engines[index];
    if (!victim) continue;
    victim.fault.mode = random.pick(['dead', 'down', 'lossy'] as const);
    if (victim.fault.mode === 'dead') {
      engines[index] = start();
      continue;
    }
    await systemClock.sleep(random.whole(10, 300));
    victim.fault.mode = 'fine';
  }
}

it.each([11, 12, 13])(
  'engines that die and lose their store run every step as it says (seed %i)',
  {
    timeout: 300_000,
  },
  async (seed) => {
    const random = createRandom(seed);
    const suites = Array.from({ length: 5 }, (_, index) => makeRandomSuite(random, `suite-${index}`, 7));
    for (const step of suites.flatMap(({ steps }) => steps)) {
      step.lines = Math.min(step.lines, 40);
      step.pauseMs = Math.min(step.pauseMs, 4);
    }
    const world = await openWorld({ script: scriptOf(suites) });
    try {
      const ids = await Promise.all(suites.map((suite) => world.submit(planOf(suite))));
      await disturb(world, random.fork(), 12);
      // Whoever is left may have been made dead: this one lives.
      world.startEngine({ limits });
      for (const [index, id] of ids.entries()) {
        const execution = await world.ended(id);
        const suite = suites[index];
        if (!suite) throw new Error('no suite');
        const histories = [await world.events(id)];
        const logs = [(await world.store.logs.read(id, 0, 1_000_000)).lines];
        expect(checkRun({ suite, execution, record: null, histories, logs, startsOf: null })).toEqual([]);
      }
      const begun = world.backend.calls.flatMap((call) =>
        call.name === 'runStep' && !call.adopted
          ? [`${call.executionId} ${call.stepId} ${call.attempt}`]
          : [],
      );
      expect(new Set(begun).size).toBe(begun.length);
    } finally {
      await world.close();
    }
  },
);
