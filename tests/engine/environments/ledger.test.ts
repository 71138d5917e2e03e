import { expect, it } from 'vitest';
import { systemClock } from '@/lib/clock';
import { createLedgers } from '@/lib/engine/environments/ledger';
import { openTestStore, silentLogger } from '../../support/database';

it('a removal resolves once it is written, so that the same name can be intended again', async () => {
  const { store, close } = await openTestStore();
  try {
    const deps = { clock: systemClock, logger: silentLogger, store };
    const ledger = createLedgers(deps, new AbortController().signal)('local');
    const intent = { kind: 'container' as const, name: 'gantry-e1-step-1', stepId: 'step', attempt: 1 };
    const rows = async () =>
      (await store.environments.rows('e1')).map(({ madeAt, removedAt }) => [
        madeAt !== null,
        removedAt !== null,
      ]);
    await ledger.intend('e1', [intent]);
    ledger.made('e1', 'container', intent.name);
    await ledger.removed('e1', 'container', intent.name);
    expect(await rows()).toEqual([[true, true]]);
    await ledger.intend('e1', [intent]);
    expect(await rows()).toEqual([[true, false]]);
  } finally {
    await close();
  }
});
