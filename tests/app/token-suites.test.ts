import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authorName, guarded, openTwoSuites, type TwoSuites } from './two-suites';

/** What a token that is for some suites may do with those alone. Everything else that it may do is to read. */
const acts = [
  'createExecution',
  'cancelExecution',
  'rerunExecution',
  'muteCase',
  'unmuteCase',
  'createProfile',
  'updateProfile',
  'deleteProfile',
  'createSchedule',
  'updateSchedule',
  'deleteSchedule',
  'reapEnvironment',
  'extendEnvironment',
  'execInEnvironment',
];

/** These are about more than some suites, or about the caller alone. */
const ofNoSuite = [
  'revokeSession',
  'setPassword',
  'signOut',
  'getReauthenticationWays',
  'reauthenticateSession',
];

let two: TwoSuites;
let token: string;

beforeAll(async () => {
  two = await openTwoSuites();
  token = (await two.makeToken({ name: authorName, role: 'member', suites: ['nothing', 'pay-*'] })).token;
});
afterAll(() => two?.plane.close());

describe('A token that is for some suites', () => {
  const aboutSuites = guarded.filter(
    ({ id, operation: { access } }) => !ofNoSuite.includes(id) && access !== 'admin' && id !== 'drainAgent',
  );
  it.each(aboutSuites)('$id: does no more with a foreign suite than to read', async ({ id }) => {
    expect(await two.answerTo(id, 'foreign', token)).toBe(acts.includes(id) ? 'refused' : 'allowed');
    expect(await two.answerTo(id, 'own', token)).toBe('allowed');
  });

  it('does nothing that is for all suites', async () => {
    const others = guarded.filter(({ id, operation }) => operation.access === 'admin' || id === 'drainAgent');
    const found = await Promise.all(others.map(({ id }) => two.answerTo(id, 'own', token)));
    expect([...new Set(found)]).toEqual(['refused']);
  });

  it('cannot move a schedule of its own to a foreign suite, nor a foreign one to its own', async () => {
    const { plane } = two;
    const [ownSuite, foreignSuite] = [two.namesOf('own')[0], two.namesOf('foreign')[0]];
    const bodyFor = (suiteId?: string) => ({ name: 'moved', suiteId, cron: '@daily', enabled: false });
    const made = await plane.post('/api/v1/schedules', bodyFor(ownSuite), token);
    const { id } = await made.json();
    const move = (at: string, suiteId?: string) =>
      plane.call(`/api/v1/schedules/${at}`, {
        method: 'PUT',
        token,
        body: JSON.stringify(bodyFor(suiteId)),
        headers: { 'content-type': 'application/json' },
      });
    expect((await move(id, foreignSuite)).status).toBe(403);
    const others = await plane.post('/api/v1/schedules', bodyFor(foreignSuite));
    expect((await move((await others.json()).id, ownSuite)).status).toBe(403);
    expect((await move(id, ownSuite)).status).toBe(200);
  });

  it('is refused with the reason, which the audit log keeps', async () => {
    const refused = await two.ask('createExecution', 'foreign', token);
    const { detail, code } = await refused.json();
    expect([code, detail]).toEqual([
      'forbidden',
      'pay-ci has no right to launch with the suite stock-count. The token is for nothing, pay-* alone.',
    ]);
    const log = await two.plane.call('/api/v1/audit?action=execution.launch&outcome=refused');
    expect((await log.json()).items[0]).toMatchObject({
      actor: { name: 'pay-ci' },
      detail: { reason: detail },
    });
  });
});

it('a session that is begun with such a token, and the token that follows it, are for the same suites', async () => {
  const { plane } = two;
  const made = await two.makeToken({ name: 'both', role: 'member', suites: ['pay-*'] });
  const signedIn = await plane.post('/api/v1/session', { token: made.token });
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  const asBrowser = await fetch(`${plane.url}/api/v1/executions`, {
    method: 'POST',
    headers: { cookie, 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
    body: JSON.stringify({ suiteId: 'stock-count' }),
  });
  expect(asBrowser.status).toBe(403);

  const next = await (await plane.post(`/api/v1/tokens/${made.id}/rotate`, {})).json();
  expect(next.suites).toEqual(['pay-*']);
  expect(await two.answerTo('createExecution', 'foreign', next.token)).toBe('refused');
  expect(await two.answerTo('createExecution', 'own', next.token)).toBe('allowed');
  const { items } = await (await plane.call('/api/v1/tokens')).json();
  expect(items.find(({ id }: { id: string }) => id === next.id)).toMatchObject({ suites: ['pay-*'] });
});

it.each([
  { role: 'viewer', suites: ['a'] },
  { role: 'admin', suites: ['a'] },
  { role: 'member', suites: [] },
  { role: 'member', suites: ['a b'] },
  { role: 'member', suites: 'a' },
])('no token is made with %j', async (request) => {
  const answer = await two.plane.post('/api/v1/tokens', { name: 'x', ...request });
  expect(answer.status).toBe(400);
});
