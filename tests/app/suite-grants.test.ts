import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as pageData from '@/app/page-data';
import { hashToken, newTokenText } from '@/lib/identity/token-text';
import type { SuiteSummaryAnswer } from '@/lib/model/suite-details';
import { type Answer, guarded, openTwoSuites, type Side, sides, type TwoSuites } from './two-suites';

let cookie = '';
vi.mock('next/headers', () => ({ cookies: async () => ({ get: () => ({ value: cookie }) }) }));

/** What each operation about one suite does with it; every other one about a suite reads. */
const doers: Record<string, readonly string[]> = {
  launch: [
    ...['createExecution', 'cancelExecution', 'rerunExecution', 'muteCase', 'unmuteCase', 'createProfile'],
    ...['updateProfile', 'deleteProfile', 'createSchedule', 'updateSchedule', 'deleteSchedule'],
  ],
  keep: ['extendEnvironment'],
  exec: ['execInEnvironment'],
};
/** It removes what the others are about, so it is the last one. */
const last = 'reapEnvironment';
const readers = [
  ...['previewLaunch', 'getExecution', 'getStep', 'streamEvents', 'streamLogs', 'listArtifacts'],
  ...['downloadArtifact', 'getJunit', 'compareExecutionCases', 'getCase', 'getSuite', 'listProfiles'],
  ...['getProfile', 'getSchedule', 'listScheduleFirings', 'getEnvironment', 'getContainerLogs'],
];
/** About many suites, or about what all of them share: its answer names those alone that the caller sees. */
const lists = [
  ...['listLaunchSuites', 'listExecutions', 'listCases', 'listSuites', 'listSchedules', 'listEnvironments'],
  ...['streamEnvironments', 'getOverview', 'streamOverview', 'listAgents', 'streamAgents'],
];
const others = [
  ...['reapAllEnvironments', 'drainAgent', 'previewSchedule', 'listBackends', 'getSession', 'signOut'],
  ...[
    'streamSubscriptions',
    'createStreamToken',
    'setPassword',
    'listSessions',
    'revokeSessions',
    'revokeSession',
    'getReauthenticationWays',
    'reauthenticateSession',
  ],
];
const aboutOne = [...Object.values(doers).flat(), ...readers];

/** Callers with the rights that they were granted to their own suite; nobody of them to the foreign one. */
const callers = {
  'a viewer whose token may do everything': ['see', 'launch', 'keep', 'exec', 'reap'],
  'a member whose token may see': ['see'],
  'a viewer whose group may launch': ['see', 'launch'],
  'a member without a grant': [],
} as const;
type Caller = keyof typeof callers;
const names = Object.keys(callers) as Caller[];

let two: TwoSuites;
const tokens = new Map<Caller, string>();
const tokenOf = (caller: Caller) => tokens.get(caller) ?? '';

async function grant(grantee: object, suites: string, rights: readonly string[]): Promise<string> {
  const answer = await two.plane.post('/api/v1/grants', { grantee, suites, rights });
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()).id;
}

async function makeSession(groups: string[]): Promise<string> {
  const { users, tokens } = two.plane.server().store;
  const { id } = await users.add({ email: `${groups.join('-')}@example.com`, name: 'Ada', role: 'viewer' });
  await users.change(id, { groups });
  const text = newTokenText('session');
  const session = { kind: 'session', name: 'Ada', role: 'viewer', userId: id, expiresAt: null } as const;
  await tokens.add(session, hashToken(text));
  return text;
}

beforeAll(async () => {
  two = await openTwoSuites();
  const make = async (name: string, role: string) => two.makeToken({ name, role });
  const [all, seer, none] = [
    await make('all', 'viewer'),
    await make('seer', 'member'),
    await make('none', 'member'),
  ];
  const [everything, seeing, launching, nothing] = names;
  if (!everything || !seeing || !launching || !nothing) throw new Error('there are four callers');
  tokens.set(everything, all.token).set(seeing, seer.token).set(nothing, none.token);
  tokens.set(launching, await makeSession(['payments']));
  await grant({ kind: 'token', id: all.id }, 'pay-*', callers[everything]);
  await grant({ kind: 'token', id: seer.id }, 'pay-checkout', callers[seeing]);
  await grant({ kind: 'group', id: 'payments' }, 'pay-*', callers[launching]);
  await grant({ kind: 'group', id: 'warehouse' }, 'stock-*', ['see']);
});
afterAll(() => two?.plane.close());

function expected(caller: Caller, id: string, side: Side): Answer {
  const rights: readonly string[] = side === 'own' ? callers[caller] : [];
  const needed =
    id === last ? 'reap' : (Object.keys(doers).find((right) => doers[right]?.includes(id)) ?? 'see');
  // Of a viewer without such a grant no suite is looked at.
  const isNoMember = caller.startsWith('a viewer') && needed !== 'see';
  if (isNoMember && !callers[caller].some((right) => right === needed)) return 'refused';
  if (!rights.includes('see')) return 'hidden';
  return rights.includes(needed) ? 'allowed' : 'refused';
}

it('knows every operation that people and their programs may call', () => {
  const known = [...aboutOne, last, ...lists, ...others];
  const admins = guarded.filter(({ operation }) => operation.access === 'admin').map(({ id }) => id);
  expect([...known, ...admins].sort()).toEqual(guarded.map(({ id }) => id).sort());
});

describe.each(names)('%s', (caller) => {
  it.each(aboutOne)('%s: does with a suite what was granted, and sees no other', async (id) => {
    const found = [];
    for (const side of sides) found.push([side, await two.answerTo(id, side, tokenOf(caller))]);
    expect(found).toEqual(sides.map((side) => [side, expected(caller, id, side)]));
  });

  it.each(lists)('%s: names the suites alone that the caller sees', async (id) => {
    const answer = await two.ask(id, 'own', tokenOf(caller));
    expect(answer.status).toBe(200);
    const text = await firstOf(answer);
    const told = (side: Side) => two.namesOf(side).filter((name) => text.includes(`"${name}"`));
    expect(told('foreign')).toEqual([]);
    const rights: readonly string[] = callers[caller];
    const sees = rights.includes(id === 'listLaunchSuites' ? 'launch' : 'see') && !id.endsWith('Agents');
    expect(told('own').length > 0).toBe(sees);
  });
});

it.each(names)('%s: is told which rights it has, and that they were granted', async (caller) => {
  const answer = await two.plane.call('/api/v1/suites', { token: tokenOf(caller) });
  const { items }: { items: SuiteSummaryAnswer[] } = await answer.json();
  const told = items.map(({ id, rights, rightsFrom }) => ({ id, rights, rightsFrom }));
  const rights = callers[caller];
  expect(told).toEqual(rights.length > 0 ? [{ id: 'pay-checkout', rights, rightsFrom: 'grants' }] : []);
});

it('an admin is told all rights, by the role', async () => {
  const answer = await two.plane.call('/api/v1/suites/pay-checkout');
  expect(await answer.json()).toMatchObject({
    rights: ['see', 'launch', 'keep', 'exec', 'reap'],
    rightsFrom: 'role',
  });
});

it('an admin sees and does everything', async () => {
  const { plane } = two;
  for (const id of [...readers, 'cancelExecution', 'createExecution'])
    for (const side of sides)
      expect([id, await two.answerTo(id, side, plane.admin)]).toEqual([id, 'allowed']);
});

it('who may launch may not keep, unless that was granted too', async () => {
  const launch = (caller: Caller) =>
    two.plane.post(
      '/api/v1/executions',
      { suiteId: 'pay-checkout', backend: 'nowhere', keep: 'always' },
      tokenOf(caller),
    );
  expect((await launch('a viewer whose group may launch')).status).toBe(403);
  expect((await launch('a viewer whose token may do everything')).status).toBe(422);
});

it('pages read nothing that their person may not see', async () => {
  const read: Record<string, (side: Side) => Promise<unknown>> = {
    readOverview: () => pageData.readOverview(),
    readAgents: () => pageData.readAgents(),
    readEnvironments: () => pageData.readEnvironments(),
    readSuites: () => pageData.readSuites(),
    readExecution: (side) => pageData.readExecution(two.namesOf(side)[1] ?? ''),
    readSuite: (side) => pageData.readSuite(two.namesOf(side)[0] ?? ''),
    readSuiteTitle: (side) => pageData.readSuiteTitle(two.namesOf(side)[0] ?? ''),
    readRights: (side) => pageData.readRights(two.namesOf(side)[0] ?? ''),
    readTestCase: (side) => pageData.readTestCase(two.namesOf(side).at(-1) ?? ''),
  };
  const readers = Object.keys(pageData).filter((name) => name.startsWith('read'));
  expect(readers.sort()).toEqual(Object.keys(read).sort());
  cookie = await makeSession(['payments', 'others']);
  for (const [name, readAs] of Object.entries(read)) {
    const [own, foreign] = [JSON.stringify(await readAs('own')), JSON.stringify(await readAs('foreign'))];
    const told = two.namesOf('foreign').filter((text) => `${own}${foreign}`.includes(`"${text}"`));
    expect([name, told]).toEqual([name, []]);
    if (name === 'readRights') expect([own, foreign]).toEqual(['["see","launch"]', '[]']);
    else if (name !== 'readAgents') expect(own).toContain('pay-checkout');
  }
});

it.each(names)('%s: reaps the environments of suites with which that was granted', async (caller) => {
  for (const side of ['foreign', 'own'] as const)
    expect([side, await two.answerTo(last, side, tokenOf(caller))]).toEqual([
      side,
      expected(caller, last, side),
    ]);
});

it('an environment that outlived its execution is of the suite of its label, to reap one and all', async () => {
  const { plane } = two;
  const { clock, backends } = plane.server();
  const backend = await backends.get('process');
  const left = { own: 'left-own', foreign: 'left-foreign' };
  for (const [id, suiteId] of [
    [left.own, 'pay-checkout'],
    [left.foreign, 'stock-count'],
  ] as const) {
    const deadline = '2099-01-01T00:00:00.000Z';
    const spec = { executionId: id, suiteId, profile: 'default', owner: 'gone', deadline, services: [] };
    await backend?.openEnvironment(spec);
  }
  const token = tokenOf('a viewer whose token may do everything');
  const statusOf = async (id: string, as: string) =>
    (await plane.call(`/api/v1/sandboxes/${id}`, { token: as })).status;
  expect([await statusOf(left.own, token), await statusOf(left.foreign, token)]).toEqual([200, 404]);
  expect((await plane.post(`/api/v1/sandboxes/${left.foreign}/reap`, {}, token)).status).toBe(404);
  // Old enough to be judged.
  const now = vi.spyOn(clock, 'now').mockImplementation(() => new Date(Date.now() + 61_000));
  try {
    const all = await plane.post('/api/v1/sandboxes/reap-all', { scope: 'zombies' }, token);
    expect(await all.json()).toMatchObject([{ id: left.own, outcome: 'removed' }]);
  } finally {
    now.mockRestore();
  }
  const listed = await (await plane.call('/api/v1/sandboxes')).json();
  const ids = listed.environments.map(({ id }: { id: string }) => id);
  expect([ids.includes(left.own), ids.includes(left.foreign)]).toEqual([false, true]);
});

it('what is hidden is answered with the code and the words of what is not there', async () => {
  const [, execution = '', , artifact = '', testCase = ''] = two.namesOf('foreign');
  const token = tokenOf('a member without a grant');
  const ask = async (method: string, path: string, id: string, body?: object) => {
    const json = body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {};
    const answer = await two.plane.call(`/api/v1/${path.replace('{}', id)}`, { method, token, ...json });
    const { code, detail } = await answer.json();
    return [path, answer.status, code, detail.replace(id, '{}')];
  };
  for (const [method, path, id, body] of [
    ['GET', `executions/{}/artifacts/${artifact}`, execution],
    ['DELETE', 'cases/{}/mute', testCase],
    ['GET', 'sandboxes/{}', execution],
    ['GET', 'sandboxes/{}/logs?resource=any', execution],
    ['POST', 'sandboxes/{}/reap', execution, {}],
    ['POST', 'sandboxes/{}/extend', execution, { forMs: 3_600_000 }],
    ['POST', 'sandboxes/{}/exec', execution, { resource: 'any', command: 'true' }],
  ] as const)
    expect(await ask(method, path, id, body)).toEqual(await ask(method, path, 'nobody', body));
});

it('a grant to everyone lets all who have a role, and no agent', async () => {
  const agent = await two.plane.agentToken();
  const granted = await grant({ kind: 'everyone' }, 'stock-*', ['launch']);
  const launch = async (token: string) => {
    const answer = await two.plane.post(
      '/api/v1/executions',
      { suiteId: 'stock-count', backend: 'nowhere' },
      token,
    );
    return answer.status;
  };
  for (const caller of names) expect([caller, await launch(tokenOf(caller))]).toEqual([caller, 422]);
  expect(await launch(agent.token)).toBe(403);
  expect((await two.plane.call(`/api/v1/grants/${granted}`, { method: 'DELETE' })).status).toBe(204);
  expect(await launch(tokenOf('a member without a grant'))).toBe(404);
});

it('with a grant that is taken back, open streams end and the suite is hidden; the audit log keeps both', async () => {
  const { plane } = two;
  const { id, token } = await two.makeToken({ name: 'leaving', role: 'viewer' });
  const granted = await grant({ kind: 'token', id }, 'pay-checkout', ['see']);
  const stream = await plane.call('/api/v1/engine/overview/stream', { token });
  expect(stream.status).toBe(200);
  const ended = stream.text().catch(() => 'broken off');
  expect((await plane.call(`/api/v1/grants/${granted}`, { method: 'DELETE' })).status).toBe(204);
  expect(await two.answerTo('getSuite', 'own', token)).toBe('hidden');
  await ended;
  const log = await (await plane.call(`/api/v1/audit?subject=${granted}`)).json();
  const found = log.items.map(({ action, detail }: { action: string; detail: object }) => [action, detail]);
  const detail = { grantee: { kind: 'token', id }, suites: 'pay-checkout', rights: ['see'] };
  expect(found).toEqual([
    ['grant.remove', detail],
    ['grant.save', detail],
  ]);
});

it.each([
  { grantee: { kind: 'person', id: 'nobody' }, suites: 'a', rights: ['see'] },
  { grantee: { kind: 'everyone', id: 'x' }, suites: 'a', rights: ['see'] },
  { grantee: { kind: 'group', id: 'x' }, suites: 'a/b', rights: ['see'] },
  { grantee: { kind: 'group', id: 'x' }, suites: 'a', rights: ['own'] },
])('no grant is made of %j', async (body) => {
  expect((await two.plane.post('/api/v1/grants', body)).status).toBe(400);
});

/** All of an answer, or the first item of a stream. */
async function firstOf(answer: Response): Promise<string> {
  if (!answer.headers.get('content-type')?.includes('event-stream')) return answer.text();
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  try {
    while (reader && !/data: .*\n\n/.test(text)) {
      const { value, done } = await reader.read();
      if (done) break;
      text += value;
    }
  } finally {
    await reader?.cancel();
  }
  return text;
}
