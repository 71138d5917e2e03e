import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFakeBackend, type FakeBackend } from '@/lib/backends/fake/fake-backend';
import type { FakeStep } from '@/lib/backends/fake/fake-program';
import { systemClock } from '@/lib/clock';
import type { Execution } from '@/lib/model/execution';
import type { PlannedNode } from '@/lib/model/node';
import type { Plan } from '@/lib/model/plan';
import { makePlan } from '../../support/plan';
import { expectSoundHistory, openWorld, type World } from '../world';

interface Draft {
  after: number[];
  watches: number[];
  isWatcher: number;
  fails: 'never' | 'always' | 'once';
  retries: number;
  continueOnFailure: boolean;
  always: number;
  kind: 'task' | 'service';
}

const draft: fc.Arbitrary<Draft> = fc.record({
  after: fc.array(fc.nat(), { maxLength: 2 }),
  watches: fc.array(fc.nat(), { minLength: 1, maxLength: 2 }),
  isWatcher: fc.nat(5),
  fails: fc.constantFrom('never', 'never', 'never', 'always', 'once'),
  retries: fc.nat(1),
  continueOnFailure: fc.boolean(),
  always: fc.nat(8),
  kind: fc.constantFrom('task', 'task', 'task', 'task', 'service'),
});

const anyRun = fc.record({
  drafts: fc.array(draft, { minLength: 2, maxLength: 40 }),
  failFast: fc.nat(3).map((number) => number === 0),
  limit: fc.integer({ min: 1, max: 6 }),
  onlyPrepares: fc.boolean(),
  /** Cancelled as soon as this step runs, counted from the first. */
  cancelAt: fc.option(fc.nat()),
});
type Run = typeof anyRun extends fc.Arbitrary<infer T> ? T : never;

function planOf(run: Run): Plan {
  const { drafts, failFast } = run;
  const cancelled = cancelledOf(run);
  const idsOf = (numbers: number[], position: number) =>
    position === 0 ? [] : [...new Set(numbers.map((number) => `n${number % position}`))];
  return makePlan({
    failFast,
    nodes: drafts.map((each, position): Partial<PlannedNode> & { id: string } => ({
      id: `n${position}`,
      // Nothing happens beside the one that is cancelled: what would come first is not told.
      kind: `n${position}` === cancelled ? 'task' : each.kind,
      // A chain in the main, so that what starts next does not hang on which of two ends came first.
      after: position === 0 ? [] : [`n${position - 1}`, ...idsOf(each.after, position)],
      onFailure: each.isWatcher === 0 ? idsOf(each.watches, position) : [],
      // A cancel spares what always runs, and the one that it waits for runs until it is cancelled.
      always: each.always === 0 && `n${position}` !== cancelled,
      continueOnFailure: each.continueOnFailure,
      retries: { max: each.retries, backoffMs: 1 },
    })),
  });
}

const cancelledOf = ({ drafts, cancelAt }: Run) =>
  cancelAt === null ? null : `n${cancelAt % drafts.length}`;

const scriptOf = (run: Run) =>
  Object.fromEntries(
    run.drafts.map(({ fails, kind }, position): [string, FakeStep[]] => {
      const id = `n${position}`;
      if (id === cancelledOf(run)) return [id, [{ runsMs: 'forever' }]];
      const bad: FakeStep =
        kind === 'service' ? { readyAfterMs: null, exitCode: 1, runsMs: 0 } : { exitCode: 1 };
      return [id, { never: [{}], always: [bad], once: [bad, {}] }[fails]];
    }),
  );

/** What a person can see of a run, without times. */
function seen(execution: Execution) {
  return {
    status: execution.status,
    cause: execution.cause,
    steps: execution.steps.map(({ id, status, result, attempts }) => ({
      id,
      status,
      result,
      attempts: attempts.map((each) => ({ number: each.number, status: each.status, result: each.result })),
    })),
    warnings: execution.warnings,
    left: execution.receipt?.left,
    isWhole: execution.receipt?.created === execution.receipt?.removed,
  };
}

describe('making steps ready ahead', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(() => world.close());

  async function play(run: Run, prepareAhead: number) {
    const backend = createFakeBackend(
      { clock: systemClock },
      scriptOf(run),
      run.onlyPrepares ? { preparesOnly: 'not here' } : {},
    );
    const engine = world.startEngine({ backend, limits: { prepareAhead } });
    try {
      const id = await world.submit(planOf(run));
      const cancelled = cancelledOf(run);
      if (cancelled !== null) {
        const execution = await world.until(id, ({ steps, status }) => {
          const step = steps.find((each) => each.id === cancelled);
          return (
            step?.status === 'running' ||
            step?.status === 'ready' ||
            step?.finishedAt != null ||
            status === 'passed'
          );
        });
        // One that never ran is not what the cancel is about, and the run may be over at any moment.
        const { status } = execution.steps.find((each) => each.id === cancelled) ?? {};
        if (status === 'running' || status === 'ready') await engine.cancel(id, 'ada');
      }
      const execution = await world.ended(id);
      const events = await world.events(id);
      expectSoundHistory(events);
      return { backend, execution, events, releases: releases(backend, id) };
    } finally {
      await engine.stop();
    }
  }

  it('changes no verdict, no order of releases, no skipped step and leaves nothing', async () => {
    let made = 0;
    let discarded = 0;
    /** Attempts that ran from what was made: their specs were equal. */
    let used = 0;
    await fc.assert(
      fc.asyncProperty(anyRun, async (run) => {
        const without = await play(run, 0);
        const ahead = await play(run, run.limit);
        expect(seen(ahead.execution)).toEqual(seen(without.execution));
        expect(ahead.releases).toEqual(without.releases);
        expect(without.backend.calls.some(({ name }) => name === 'prepareStep')).toBe(false);
        // What is made ahead is used, or removed and in the receipt.
        const idsOf = (name: string) =>
          new Set(
            ahead.backend.calls.flatMap((call) =>
              call.name === name && 'stepId' in call ? [call.stepId] : [],
            ),
          );
        const names = idsOf('prepareStep');
        const ran = idsOf('runStep');
        const unused = [...names].filter((id) => !ran.has(id) || idsOf('discardStep').has(id));
        const created = (each: Execution) => each.receipt?.created ?? 0;
        expect(created(ahead.execution)).toBe(created(without.execution) + unused.length);
        made += names.size;
        discarded += unused.length;
        used += ahead.events.filter((event) => event.type === 'attempt.running' && event.releasedFrom).length;
      }),
      { numRuns: 25, endOnFailure: true },
    );
    expect(made).toBeGreaterThan(0);
    expect(discarded).toBeGreaterThan(0);
    expect(used).toBeGreaterThan(0);
  }, 300_000);
});

function releases(backend: FakeBackend, executionId: string): string[] {
  return backend.calls.flatMap((call) =>
    call.name === 'runStep' && call.executionId === executionId ? [`${call.stepId} ${call.attempt}`] : [],
  );
}
