import { expect } from 'vitest';
import { type ContractContext, newExecutionId } from '../backend-contract';

/** Intents come before effects. */
export function ledgerContract({ test, openStep, run, harness, ledger }: ContractContext): void {
  const forever = {
    source: `console.log('up'); setInterval(() => {}, 1000);`,
    fake: { lines: ['up'], runsMs: 'forever' as const },
  };

  test('nothing is made before its intent is durable', async () => {
    const { backend, keepsLedger, leftovers } = harness();
    if (!keepsLedger) return;
    ledger.hold();
    const executionId = newExecutionId();
    const opening = backend.openEnvironment({
      executionId,
      suiteId: 'contract',
      profile: 'default',
      owner: 'contract-owner',
      deadline: '2099-01-01T00:00:00.000Z',
      services: [],
    });
    await ledger.asked(executionId, ({ stepId }) => stepId === null);
    expect(await leftovers(executionId)).toEqual([]);
    ledger.release();
    await opening;
    await backend.closeEnvironment(executionId);

    const step = await openStep(forever);
    ledger.hold();
    const watched = run(step);
    await ledger.asked(step.executionId, ({ stepId }) => stepId === 'step');
    const listed = async () =>
      (await backend.listEnvironments()).find((each) => each.executionId === step.executionId)?.resources ??
      [];
    expect((await listed()).filter(({ stepId }) => stepId === 'step')).toEqual([]);
    ledger.release();
    await watched.until(({ lines }) => lines.length > 0);
    const intended = ledger.intents(step.executionId).map(({ kind, name }) => `${kind} ${name}`);
    for (const { kind, name } of await listed()) expect(intended).toContain(`${kind} ${name}`);
    watched.stop('cancelled', 300);
    await watched.outcome;
  });
}
