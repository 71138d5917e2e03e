import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildToolbox } from '@/lib/cli/toolbox';
import type { ExecutionEvent } from '@/lib/model/event';
import type { Execution } from '@/lib/model/execution';
import { type RealEngine, startRealEngine } from '../../support/real-engine';
import { describeWith } from '../../support/requirements';

/** What a person reads of a run. Times in a sentence differ from one run to the next. */
function told(execution: Execution) {
  const plain = (text: string | null | undefined) => text?.replace(/\d+(\.\d+)?/g, '0');
  return {
    status: execution.status,
    cause: plain(execution.cause?.sentence),
    steps: execution.steps.map(({ id, status, result, attempts, reports }) => ({
      id,
      status,
      exitCode: result?.exitCode,
      signal: result?.signal,
      oomKilled: result?.oomKilled,
      reason: plain(result?.reason),
      attempts: attempts.map((each) => each.status),
      reports: reports.length,
    })),
    warnings: execution.warnings.map(plain),
    left: execution.receipt?.left,
    isWhole: execution.receipt?.created === execution.receipt?.removed,
  };
}

describeWith(['docker'], 'the example suites, with steps made ready ahead', () => {
  let without: RealEngine;
  let ahead: RealEngine;
  let stood = 0;
  beforeAll(async () => {
    await buildToolbox({ log: () => {} });
    without = await startRealEngine();
    ahead = await startRealEngine({ prepareAhead: 2 });
  }, 120_000);
  afterAll(async () => {
    await without?.close();
    await ahead?.close();
  });

  const eventsOf = (id: string): Promise<ExecutionEvent[]> => ahead.store.events.read(id, 0, 100_000);

  it.each([
    // Its only task waits for a service that is ready at once.
    ['hello', 0],
    ['storefront', 1],
    ['broken', 1],
  ])(
    '%s tells the same as without',
    async (suiteId, atLeast) => {
      const expected = await without.run({ suiteId, backend: 'local' });
      const execution = await ahead.run({ suiteId, backend: 'local' });
      expect(told(execution)).toEqual(told(expected));
      const events = await eventsOf(execution.id);
      const reached = events.flatMap((event) => (event.type === 'step.ahead' ? [event.stage] : []));
      expect(reached.filter((stage) => stage === 'prepared').length).toBeGreaterThanOrEqual(atLeast);
      stood += reached.filter((stage) => stage === 'standing').length;
    },
    300_000,
  );

  it('brings steps of the example suites to where they stand', () => {
    expect(stood).toBeGreaterThan(0);
  });
});
