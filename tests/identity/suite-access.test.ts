import { expect, it, test } from 'vitest';
import { visibleAgents } from '@/lib/http/visible';
import { personOfClaims } from '@/lib/identity/openid-sign-in';
import type { Principal } from '@/lib/identity/principal';
import { suiteAccessOf } from '@/lib/identity/suite-access';
import type { AgentSummary } from '@/lib/model/agent';
import { openIdProvider } from '@/lib/model/openid-provider';
import { type SuiteGrant, suiteGrantRequest } from '@/lib/model/suite-grant';
import type { UserChange } from '@/lib/model/user';
import type { ExecutionStore } from '@/lib/store/store';
import type { User, UserStore } from '@/lib/store/user-store';

const everyone = { kind: 'everyone' } as const;
const payments = { kind: 'group', id: 'payments' } as const;

function grantOf(
  grantee: SuiteGrant['grantee'],
  suites: string,
  ...rights: SuiteGrant['rights']
): SuiteGrant {
  return { id: `${suites}-${grantee.kind}`, grantee, suites, rights, createdAt: '', madeBy: null };
}

const callerOf = (role: Principal['role'], more: Partial<Principal> = {}): Principal => ({
  ...{ name: role, role, via: 'bearer' },
  ...more,
});

test.each(['checkout', 'checkout@1.2.0', 'pay-*', '*@1.2.0+b1'])('a grant can be about %s', (suites) => {
  const request = { grantee: everyone, suites, rights: ['see'] };
  expect(suiteGrantRequest.safeParse(request).success).toBe(true);
});

test('a grant to everyone lets everybody who has a role, and no agent', () => {
  const grants = [grantOf(everyone, 'checkout', 'see', 'launch', 'exec')];
  for (const role of ['viewer', 'member', 'admin'] as const) {
    const access = suiteAccessOf(callerOf(role), grants);
    expect([role, access.may('see', 'checkout'), access.may('exec', 'checkout@1.2.0')]).toEqual([
      role,
      true,
      true,
    ]);
  }
  const agent = suiteAccessOf(callerOf('agent'), grants);
  expect([agent.may('see', 'checkout'), agent.mayAny('launch'), agent.isGranted('exec', 'checkout')]).toEqual(
    [false, false, false],
  );
});

test('a suite is owned in all its versions by the grants that name none', () => {
  const grants = [grantOf(payments, 'checkout', 'see', 'launch')];
  const [stranger, friend] = [
    suiteAccessOf(callerOf('member'), grants),
    suiteAccessOf(callerOf('viewer', { groups: ['payments'] }), grants),
  ];
  for (const id of ['checkout', 'checkout@1.2.0']) {
    expect([id, stranger.may('see', id), friend.may('launch', id)]).toEqual([id, false, true]);
  }
  const token = suiteAccessOf(callerOf('member', { onlySuites: ['checkout'] }), []);
  expect([token.may('launch', 'checkout@2'), token.may('launch', 'other@2')]).toEqual([true, false]);
});

test('what somebody may do with one suite stays when a grant is about others', () => {
  const before = [grantOf(payments, 'pay-*', 'see')];
  const caller = callerOf('member', { groups: ['payments'] });
  const standings = (grants: SuiteGrant[]) =>
    ['pay-checkout', 'printer', null].map((id) => suiteAccessOf(caller, grants).standing(id));
  const [pay, printer, all] = standings(before);
  const withOther = standings([...before, grantOf(everyone, 'stock-*', 'see')]);
  expect(withOther.slice(0, 2)).toEqual([pay, printer]);
  expect(withOther[2]).not.toBe(all);
  const [more, owned] = standings([grantOf(everyone, '*', 'see'), grantOf(payments, 'pay-*', 'see', 'exec')]);
  expect([more === pay, owned === printer]).toEqual([false, false]);
});

test('agents are shown to everybody, with those jobs alone whose suites the caller sees', async () => {
  const jobs = ['a', 'b', 'gone'].map((executionId) => ({
    ...{ executionId, stepId: 's', attempt: 1, phase: 'running' as const },
  }));
  const [own, foreign, unknown] = jobs;
  const at = '2026-01-01T10:00:00.000Z';
  const agent: AgentSummary = {
    ...{ id: 'ada', state: 'online', plain: false, tags: [], capacity: 3, version: '1', problem: null },
    ...{
      registeredAt: at,
      lastSeenAt: at,
      drain: null,
      token: { id: 't', name: 't', revoked: false, expiresAt: null, expired: false },
    },
    ...{ jobs, environments: 0 },
  };
  const known = new Map([
    ['a', 'pay-checkout'],
    ['b', 'stock-count'],
  ]);
  const executions = { suiteIds: async () => known } as Partial<ExecutionStore> as ExecutionStore;
  const seen = async (role: Principal['role'], grants: SuiteGrant[]) =>
    (await visibleAgents({ executions }, [agent], suiteAccessOf(callerOf(role), grants)))[0]?.jobs;
  const grants = [grantOf(everyone, 'pay-*', 'see'), grantOf(payments, 'stock-*', 'see')];
  expect(await seen('member', grants)).toEqual([own]);
  expect(await seen('admin', grants)).toEqual([own, foreign, unknown]);
  expect(await seen('viewer', [])).toEqual([own, foreign, unknown]);
});

it.each([
  ['roles', { roles: { admins: 'admin' } }, {}, []],
  ['a claim of its own', { groupsClaim: 'memberOf' }, { groups: ['other'] }, []],
  [
    'too many groups for a token',
    { roles: { ops: 'admin' } },
    { _claim_names: { groups: 'src1' } },
    ['payments'],
  ],
  ['neither', {}, {}, ['payments']],
  ['neither, with the claim', {}, { groups: ['stock'] }, ['stock']],
])('who signs in without a claim of groups, by a provider with %s', async (_, of, claims, groups) => {
  const url = 'https://id.example.com';
  const basic = { id: 'corp', name: 'Corp', issuer: url, clientId: 'c', clientSecret: 's' };
  const provider = openIdProvider.parse({ ...basic, defaultRole: 'viewer', ...of });
  let kept = ['payments'];
  const user: User = {
    ...{ id: 'u', email: 'ada@example.com', name: 'Ada', role: 'viewer', passwordHash: null },
    isDisabled: false,
  };
  const change = async (_: string, { groups: given = kept }: UserChange) => {
    kept = given;
    return user;
  };
  const users = { byIdentity: async () => user, change } as Partial<UserStore> as UserStore;
  await personOfClaims({ users }, provider, { sub: 's', email: user.email, ...claims });
  expect(kept).toEqual(groups);
});
