import { expect } from 'vitest';
import { type ContractContext, newExecutionId } from '../backend-contract';

/** What an execution owns, from its opening to its end. */
export function environmentContract({ test, openStep, run, harness }: ContractContext): void {
  const forever = {
    source: `console.log('up'); setInterval(() => {}, 1000);`,
    fake: { lines: ['up'], runsMs: 'forever' as const },
  };

  test('the backend says that it is available, and what is there', async () => {
    expect(await harness().backend.check()).toMatchObject({
      available: true,
      detail: expect.stringMatching(/./),
    });
  });

  test('an environment is listed with its resources while it is there', async () => {
    const step = await openStep(forever);
    const watched = run(step);
    await watched.until(({ lines }) => lines.length > 0);
    const listed = (await harness().another().listEnvironments()).find(isOf(step.executionId));
    expect(listed).toMatchObject({
      suiteId: 'contract',
      owner: 'contract-owner',
      deadline: '2099-01-01T00:00:00.000Z',
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
    expect(listed?.resources.filter(({ stepId }) => stepId === 'step')).toMatchObject([{ state: 'running' }]);
    expect(listed?.resources.length).toBeGreaterThan(1);
    watched.stop('cancelled', 300);
    await watched.outcome;
  });

  test('opening twice is opening once', async () => {
    const step = await openStep(forever);
    const { backend } = harness();
    const before = (await backend.listEnvironments()).find(isOf(step.executionId));
    await backend.openEnvironment({
      executionId: step.executionId,
      suiteId: 'contract',
      profile: 'default',
      owner: 'contract-owner',
      deadline: '2099-01-01T00:00:00.000Z',
      services: [],
    });
    expect((await backend.listEnvironments()).find(isOf(step.executionId))).toEqual(before);
  });

  test('closing removes all, also what still runs, and closing again finds nothing', async () => {
    const step = await openStep(forever);
    const watched = run(step);
    await watched.until(({ lines }) => lines.length > 0);
    watched.stop('detached');
    await watched.outcome;
    const receipt = await harness().backend.closeEnvironment(step.executionId);
    expect(receipt.created).toBeGreaterThanOrEqual(2);
    expect(receipt).toEqual({ created: receipt.created, removed: receipt.created, left: [] });
    expect(await harness().leftovers(step.executionId)).toEqual([]);
    expect((await harness().backend.listEnvironments()).filter(isOf(step.executionId))).toEqual([]);
    const again = await harness().backend.closeEnvironment(step.executionId);
    expect(again).toEqual({ created: 0, removed: 0, left: [] });
  });

  test('a removal is told by the name under which the resource was listed', async () => {
    const step = await openStep(forever);
    const watched = run(step);
    await watched.until(({ lines }) => lines.length > 0);
    const listed = (await harness().backend.listEnvironments()).find(isOf(step.executionId));
    watched.stop('detached');
    await watched.outcome;
    const removed: string[] = [];
    await harness().backend.closeEnvironment(step.executionId, ({ kind, name }) =>
      removed.push(`${kind} ${name}`),
    );
    expect(removed).toEqual(expect.arrayContaining((listed?.resources ?? []).map(nameOf)));
  });

  test('whoever watches hears of what comes and goes', async () => {
    const { backend } = harness();
    if (!backend.watchEnvironments) return;
    const over = new AbortController();
    let rings = 0;
    let wake = () => {};
    const watching = backend.watchEnvironments(() => {
      rings += 1;
      wake();
    }, over.signal);
    const rung = async (least: number) => {
      while (rings < least) await new Promise<void>((resolve) => (wake = resolve));
    };
    const step = await openStep(forever);
    await rung(1);
    const before = rings;
    await backend.closeEnvironment(step.executionId);
    await rung(before + 1);
    over.abort();
    await watching;
  });

  test('closing what was never opened is fine', async () => {
    const receipt = await harness().backend.closeEnvironment(newExecutionId());
    expect(receipt).toEqual({ created: 0, removed: 0, left: [] });
  });
}

function nameOf({ kind, name }: { kind: string; name: string }): string {
  return `${kind} ${name}`;
}

function isOf(executionId: string): (environment: { executionId: string }) => boolean {
  return (environment) => environment.executionId === executionId;
}
