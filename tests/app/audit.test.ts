import { afterAll, beforeAll, expect, it } from 'vitest';
import { hashToken, newTokenText } from '@/lib/identity/token-text';
import type { AuditEntry } from '@/lib/model/audit';
import { startControlPlane, type TestControlPlane } from '../agents/control-plane';

let plane: TestControlPlane;
let member: string;
let memberId: string;

const suite = 'steps: { one: { kind: task, run: "sleep 30" } }\n';
const secret = 'a-value-that-nobody-may-see';

beforeAll(async () => {
  plane = await startControlPlane({ GANTRY_PROCESS_BACKEND: '1' }, { slow: suite });
  member = newTokenText('api');
  const token = { kind: 'api', name: 'ada', role: 'member', expiresAt: null } as const;
  ({ id: memberId } = await plane.server().store.tokens.add(token, hashToken(member)));
});
afterAll(() => plane?.close());

async function audit(query = ''): Promise<AuditEntry[]> {
  const answer = await plane.call(`/api/v1/audit${query}`);
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()).items;
}

it('everything that changes something is recorded with who did it, and no secret with it', async () => {
  const launched = await plane.post(
    '/api/v1/executions',
    { suiteId: 'slow', backend: 'process', env: { PASSWORD: secret } },
    member,
  );
  const { id } = await launched.json();
  await plane.post(`/api/v1/executions/${id}/cancel`, {}, member);
  await plane.post(`/api/v1/executions/${id}/rerun`, { only: 'all' }, member);
  await plane.post(`/api/v1/sandboxes/${id}/exec`, { resource: 'one', command: 'env' }, member);
  await plane.post('/api/v1/sandboxes/reap-all', { scope: 'all' }, member);
  await plane.post('/api/v1/sandboxes/reap-all', { scope: 'all', force: true });
  await plane.post('/api/v1/suites/slow/profiles', { name: 'night', env: { PASSWORD: secret } }, member);
  await plane.call('/api/v1/suites/slow/profiles/night', { method: 'DELETE', token: member });
  await plane.call('/api/v1/platform-settings', {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ backends: [], env: { PASSWORD: secret } }),
  });
  const worker = await plane.agentToken('worker');
  await plane.post('/api/v1/agents/register', registration, worker.token);
  await plane.post('/api/v1/agents/worker-1/drain', { reason: 'new disk' }, member);
  await plane.post('/api/v1/agents/worker-1/drain', { drained: false }, member);
  await plane.call('/api/v1/agents/worker-1', { method: 'DELETE' });
  await plane.call(`/api/v1/agents/tokens/${worker.id}`, { method: 'DELETE' });
  await plane.post('/api/v1/session', { token: `gantry_in_${secret}` }, 'nobody');
  await plane.post('/api/v1/session', { token: member });

  const entries = (await audit('?limit=200')).reverse();
  const told = entries.map(({ actor, action, outcome }) => `${actor.name} ${action} ${outcome}`);
  const expected = [
    'ada execution.launch allowed',
    'ada execution.cancel allowed',
    // It had not ended by then.
    expect.stringMatching(/^ada execution.rerun /),
    expect.stringMatching(/^ada exec.open (failed|refused)$/),
    'ada environment.reap_all refused',
    'bootstrap environment.reap_all allowed',
    'ada profile.make allowed',
    'ada profile.remove allowed',
    'bootstrap settings.change allowed',
    'bootstrap token.make allowed',
    'worker agent.register allowed',
    'ada agent.drain allowed',
    'ada agent.undrain allowed',
    'bootstrap agent.remove allowed',
    'bootstrap token.revoke allowed',
    'anonymous session.sign_in refused',
    'ada session.sign_in allowed',
  ];
  expect(told.filter((line) => !line.includes('environment.reaped'))).toEqual(expected);
  expect(entries[0]).toMatchObject({
    actor: { kind: 'token', id: memberId },
    subject: { kind: 'execution', id },
    detail: { suite: 'slow', backend: 'process', env: ['PASSWORD'] },
  });
  const text = JSON.stringify(entries);
  for (const hidden of [secret, member, worker.token, plane.admin]) expect(text).not.toContain(hidden);
});

it('is shown to admins alone, by action, actor and subject, a page at a time', async () => {
  expect((await plane.call('/api/v1/audit', { token: member })).status).toBe(403);
  const byAction = await audit('?action=agent.drain');
  expect(byAction.map(({ subject, detail }) => [subject.id, detail])).toEqual([
    ['worker-1', { reason: 'new disk' }],
  ]);
  expect(await audit('?subject=worker-1')).toHaveLength(4);
  expect(await audit(`?actor=${memberId}`)).toHaveLength((await audit('?actor=ada')).length - 1);
  const { items, nextCursor } = await (await plane.call('/api/v1/audit?limit=2')).json();
  const next = await audit(`?limit=1&cursor=${nextCursor}`);
  expect((await audit('?limit=3')).map(({ id }) => id)).toEqual(
    [...items, ...next].map(({ id }: AuditEntry) => id),
  );
  for (const wrong of ['?action=nope', '?cursor=x', '?limit=0', '?unknown=1']) {
    expect((await plane.call(`/api/v1/audit${wrong}`)).status).toBe(400);
  }
});

const registration = {
  agentId: 'worker-1',
  instance: 'instance-1',
  tags: ['linux'],
  capacity: 2,
  version: '1',
};
