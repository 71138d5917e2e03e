import { describe, expect, it } from 'vitest';
import { checkSuites, type SuiteSources } from '@/lib/http/check-suites';
import type { SuiteNeed } from '@/lib/http/suite-needs';
import type { Principal } from '@/lib/identity/principal';
import { suiteAccessOf } from '@/lib/identity/suite-access';
import type { Environment } from '@/lib/model/environment';
import type { SuiteGrant } from '@/lib/model/suite-grant';

const reap: SuiteNeed = { right: 'reap', of: ['environment'] };
const member: Principal = { name: 'ada', role: 'member', via: 'bearer' };
const grants: SuiteGrant[] = [
  {
    ...{ id: 'g', grantee: { kind: 'group', id: 'warehouse' }, suites: 'stock-*', rights: ['see', 'reap'] },
    ...{ createdAt: '', madeBy: null },
  },
];

/** `of` the suite, by its execution's row or by its label in the inventory; two suites: each says another one. */
const left: Record<string, { row?: string; label?: string | null; made?: object[] }> = {
  running: { row: 'pay-checkout', label: 'pay-checkout' },
  moved: { row: 'pay-checkout', label: 'stock-count' },
  'own zombie': { label: 'pay-checkout' },
  'foreign zombie': { label: 'stock-count' },
  'zombie of nobody': { label: null },
  removed: { made: [{}] },
};
const sources = {
  store: {
    environments: { rows: async (id: string) => left[id]?.made ?? [] },
    executions: {
      summary: async (id: string) => (left[id]?.row === undefined ? null : { suite: { id: left[id].row } }),
    },
  },
  engine: {
    environments: {
      take: async () => ({
        environments: Object.entries(left).flatMap(([id, { label }]): Partial<Environment>[] =>
          label === undefined ? [] : [{ id, suiteId: label }],
        ),
      }),
    },
  },
} as unknown as SuiteSources;

function check(id: string, principal: Principal, by: readonly SuiteGrant[] = grants, accept = '') {
  const request = { headers: new Headers({ accept }) };
  const suites = suiteAccessOf(principal, by);
  const asked = { request, principal, suites, params: { id }, body: {} };
  return checkSuites(sources, { access: 'member' }, reap, asked).catch((error) => error.code);
}

describe('an environment', () => {
  it('is of the suite of its execution, and without it of that of its label', async () => {
    expect(await check('running', member)).toBe('pay-checkout');
    expect(await check('moved', member)).toBe('pay-checkout');
    expect(await check('own zombie', member)).toBe('pay-checkout');
    expect(await check('foreign zombie', member)).toBe('not_found');
    expect(await check('zombie of nobody', member)).toBe('not_found');
    expect(await check('removed', member)).toBe('not_found');
    const limited: Principal = { ...member, onlySuites: ['pay-*'] };
    expect(await check('own zombie', limited, [])).toBe('pay-checkout');
    expect(await check('foreign zombie', limited, [])).toBe('forbidden');
    expect(await check('zombie of nobody', limited, [])).toBe('forbidden');
  });

  it('that is not there is for the handler to say', async () => {
    for (const onlySuites of [undefined, ['pay-*']])
      expect(await check('nothing', onlySuites ? { ...member, onlySuites } : member)).toBeNull();
  });
});

it('while an answer goes on, what its caller may do with its suite counts, and not what is granted of others', async () => {
  const stream = 'text/event-stream';
  expect(await check('running', member, [], stream)).toBe('pay-checkout');
  expect(await check('running', member, [])).toBeNull();
  expect(await check('running', { ...member, role: 'admin' }, grants, stream)).toBeNull();
});
