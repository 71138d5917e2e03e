import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Store } from '@/lib/store/store';
import { openTestStore } from '../support/database';

let store: Store;
let url: string;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ store, url, close } = await openTestStore());
});
afterAll(() => close());

async function onStore(statement: string): Promise<void> {
  const sql = postgres(url, { max: 1 });
  await sql.unsafe(statement).finally(() => sql.end());
}

const network = { kind: 'network' as const, name: 'net', stepId: null, attempt: null };
const container = { kind: 'container' as const, name: 'api-1', stepId: 'api', attempt: 1 };
const names = ({ kind, name }: { kind: string; name: string }) => `${kind} ${name}`;

describe('the rows of what an execution makes', () => {
  test('are open from the intent to the removal, and the receipt counts what was made', async () => {
    const { environments } = store;
    await environments.intend('local', 'e1', [network, container]);
    await environments.intend('local', 'e1', [{ ...container, name: 'never-made' }]);
    await environments.note([{ executionId: 'e1', kind: 'network', name: 'net', what: 'made' }]);
    expect(await environments.rows('e1')).toMatchObject([
      { ...container, madeAt: null, removedAt: null },
      { ...network, madeAt: expect.any(String), removedAt: null },
      { ...container, name: 'never-made', madeAt: null },
    ]);
    const receipt = await environments.settle('local', 'e1', {
      // One that was made just before a crash, one that nobody had written down.
      removed: [network, container, { kind: 'volume', name: 'stray' }],
      left: [],
      by: 'ada',
    });
    expect(receipt).toEqual({ created: 3, removed: 3, left: [] });
    const rows = await environments.rows('e1');
    expect(rows.filter(({ removedAt }) => removedAt === null)).toEqual([]);
    expect(rows.filter(({ madeAt }) => madeAt === null).map(names)).toEqual(['container never-made']);
    expect(await environments.settle('local', 'e1', { removed: [], left: [], by: 'bob' })).toEqual(receipt);
  });

  test('stay open for what is left, until a later removal', async () => {
    const { environments } = store;
    await environments.intend('local', 'e2', [network, container]);
    const left = [{ kind: 'network' as const, name: 'net', reason: 'it is in use' }];
    expect(await environments.settle('local', 'e2', { removed: [container], left, by: 'gantry' })).toEqual({
      created: 2,
      removed: 1,
      left,
    });
    expect(
      await environments.settle('local', 'e2', { removed: [network], left: [], by: 'ada' }),
    ).toMatchObject({ created: 2, removed: 2 });
    expect(await environments.rows('e2')).toMatchObject([{ removedBy: 'gantry' }, { removedBy: 'ada' }]);
  });

  test('of a helper that was removed at once count as removed', async () => {
    const { environments } = store;
    await environments.intend('local', 'e3', [{ ...container, name: 'filler', stepId: null }]);
    await environments.note([{ executionId: 'e3', kind: 'container', name: 'filler', what: 'removed' }]);
    expect(await environments.settle('local', 'e3', { removed: [], left: [], by: 'gantry' })).toEqual({
      created: 1,
      removed: 1,
      left: [],
    });
  });

  test('follow what is there: a resource without a row gets one, at most once', async () => {
    const { environments } = store;
    const present = [{ executionId: 'e4', kind: 'volume' as const, name: 'found', stepId: null }];
    expect(await environments.reconcile('local', present)).toMatchObject({ adopted: 1 });
    expect(await environments.reconcile('local', present)).toMatchObject({ adopted: 0 });
    expect(await environments.rows('e4')).toMatchObject([{ name: 'found', madeAt: expect.any(String) }]);
  });

  test('of what is being made just now are not closed for not being there yet', async () => {
    const { environments } = store;
    await environments.intend('local', 'e5', [container]);
    await environments.reconcile('local', []);
    expect(await environments.rows('e5')).toMatchObject([{ removedAt: null }]);
  });

  test('are closed when nothing is there, but not while nobody knows what is', async () => {
    const { environments } = store;
    await environments.intend('local', 'e6', [container]);
    await environments.note([{ executionId: 'e6', kind: 'container', name: 'api-1', what: 'made' }]);
    await onStore(`update resources set intended_at = now() - interval '1 hour' where execution_id = 'e6'`);
    expect(await environments.reconcile('local', [], ['e6'])).toMatchObject({ closed: 0 });
    expect(await environments.rows('e6')).toMatchObject([{ removedAt: null }]);
    expect(await environments.reconcile('local', [])).toMatchObject({ closed: 1 });
    expect(await environments.rows('e6')).toMatchObject([{ removedBy: 'gone' }]);
  });
});
