import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createJobMasks } from '@/lib/http/agents/job-masks';
import { sessionCookieName } from '@/lib/identity/session-cookie';
import { hashToken, newTokenText } from '@/lib/identity/token-text';
import type { AuditEntry } from '@/lib/model/audit';
import { startControlPlane, type TestControlPlane } from './control-plane';
import { clearJobs, onDatabase, type PlainAgent, plainAgent, queueJob } from './plain-agent';

let plane: TestControlPlane;
let ada: PlainAgent;
let bob: PlainAgent;

beforeAll(async () => {
  process.env.ADAS_SECRET = 'the value of a secret';
  plane = await startControlPlane({ GANTRY_AGENT_LEASE_SECONDS: '60' });
  ada = await plainAgent(plane, 'ada');
  bob = await plainAgent(plane, 'bob');
});
afterEach(clearJobs);
afterAll(async () => {
  await plane.close();
  delete process.env.ADAS_SECRET;
});

/** Who was refused what, the newest first. */
async function refused(): Promise<string[]> {
  const answer = await plane.call('/api/v1/audit?action=agent.control&limit=200');
  const { items }: { items: AuditEntry[] } = await answer.json();
  return items.map(
    ({ actor, outcome, subject, detail }) => `${actor.name} ${outcome} ${subject.id} ${String(detail.code)}`,
  );
}

const deeds: [what: string, body: object][] = [
  ['lease', {}],
  ['state', { state: 'running' }],
  ['logs', { line: 'x' }],
  ['complete', {}],
];

describe('a token of an agent', () => {
  it('does nothing with the job of another, whatever name it uses', async () => {
    const { jobId } = await queueJob(plane);
    const { leaseToken } = await ada.take();
    await bob.claim();
    for (const [what, body] of deeds) {
      expect((await bob.say(jobId, what, body)).status).toBe(404);
      expect((await bob.say(jobId, what, { ...body, agentId: 'ada', leaseToken })).status).toBe(404);
    }
    const told = (await refused()).filter((entry) => entry.includes(jobId));
    expect(new Set(told)).toEqual(new Set([`bob refused ${jobId} not_found`]));
    expect(told).toHaveLength(2 * deeds.length);
    const at = `/agent-control/jobs/${jobId}`;
    const headers = { 'x-gantry-lease-token': leaseToken };
    expect((await plane.call(`${at}/package?agentId=ada`, { token: bob.token, headers })).status).toBe(404);
    const query = new URLSearchParams({ agentId: 'ada', path: 'a', format: 'file', sha256: '0'.repeat(64) });
    const artifact = { method: 'POST', body: 'x', token: bob.token, headers };
    expect((await plane.call(`${at}/artifacts?${query}`, artifact)).status).toBe(404);
    expect((await bob.claim({ agentId: 'ada' })).status).toBe(403);
    const agent = { agentId: 'ada', instance: 'instance', tags: [], capacity: 1, version: '1' };
    expect((await plane.post('/api/v1/agents/register', agent, bob.token)).status).toBe(403);
    const beat = { instance: 'instance', problem: null };
    expect((await plane.post('/api/v1/agents/ada/heartbeat', beat, bob.token)).status).toBe(404);
    expect((await ada.say(jobId, 'complete', {})).status).toBe(200);
  });

  it('opens nothing of the rest of the API', async () => {
    for (const path of [
      '/api/v1/executions',
      '/api/v1/executions/launch-suites',
      '/api/v1/engine/overview',
      '/api/v1/agents',
      '/api/v1/sandboxes',
      '/api/v1/session',
    ]) {
      expect([path, (await plane.call(path, { token: ada.token })).status]).toEqual([path, 403]);
    }
    for (const path of ['/api/v1/agents/ada/drain', '/api/v1/agents/tokens', '/api/v1/executions']) {
      expect([path, (await plane.post(path, { name: 'x' }, ada.token)).status]).toEqual([path, 403]);
    }
    expect((await plane.post('/api/v1/session', { token: ada.token })).status).toBe(401);
    expect((await fetch(`${plane.url}/api/v1/engine/overview/stream?token=${ada.token}`)).status).toBe(401);
  });

  it('gets the secrets of the step that it claims, and no row has their values', async () => {
    const secrets = [{ key: 'KEY', from: 'env:ADAS_SECRET' }];
    const { jobId } = await queueJob(plane, { node: { secrets } });
    const job = await ada.take();
    expect(job.spec.secrets).toEqual({ KEY: 'the value of a secret' });
    await ada.say(jobId, 'complete', {});
    const missing = await queueJob(plane, { node: { secrets: [{ key: 'KEY', from: 'env:NOT_THERE' }] } });
    expect((await ada.claim()).status).toBe(204);
    expect(await plane.server().store.jobs.get(missing.jobId)).toMatchObject({
      state: 'done',
      result: { failure: { message: expect.stringContaining('NOT_THERE') } },
    });
    const rows = await onDatabase((sql) => sql`select spec::text from agent_jobs`);
    expect(rows).toHaveLength(2);
    expect(JSON.stringify(rows)).not.toContain('the value of a secret');
  });

  it('of a plain client stores nothing that it says of a secret, whichever control plane hears it', async () => {
    const { server } = plane;
    const secret = 'the value of a secret';
    const { jobId } = await queueJob(plane, { node: { secrets: [{ key: 'KEY', from: 'env:ADAS_SECRET' }] } });
    const { leaseToken } = await ada.take();
    const elsewhere = createJobMasks({
      store: server().store,
      secrets: { resolve: async () => ({ KEY: secret }) },
    });
    expect((await elsewhere.of(jobId, 'ada')).text(`so ${secret}`)).toBe('so ***');
    await ada.say(jobId, 'state', { state: 'running', message: `with ${secret}` });
    await ada.say(jobId, 'logs', { line: `it is ${secret}!` });
    await ada.say(jobId, 'logs', { line: Buffer.from(`it is ${secret}!`).toString('base64') });
    const content = `a file with ${secret} in it`;
    const sha256 = createHash('sha256').update(content).digest('hex');
    const query = new URLSearchParams({ agentId: 'ada', path: `${secret}.txt`, format: 'file', sha256 });
    const sent = await plane.call(`/agent-control/jobs/${jobId}/artifacts?${query}`, {
      method: 'POST',
      body: content,
      token: ada.token,
      headers: { 'x-gantry-lease-token': leaseToken },
    });
    expect(sent.status).toBe(201);
    const small = { path: `small-${secret}.txt`, format: 'file', sha256 };
    const batch = { leaseToken, files: [{ ...small, content: Buffer.from(content).toString('base64') }] };
    expect((await ada.say(jobId, 'artifacts/batch', batch)).status).toBe(201);
    await ada.say(jobId, 'complete', { error: `no more ${secret}` });

    const { jobs } = server().store;
    const files = [];
    for await (const { path, content: kept } of jobs.openArtifacts(jobId))
      files.push([path, await text(Readable.from(kept))]);
    expect(files).toEqual([
      ['***.txt', 'a file with *** in it'],
      ['small-***.txt', 'a file with *** in it'],
    ]);
    const [lines] = await jobs.lines(jobId, 0);
    expect(lines?.lines[0]?.text).toBe('it is ***!');
    const rows = await onDatabase(
      (sql) =>
        sql`select row_to_json(j)::text, (select json_agg(l)::text from agent_job_lines l) from agent_jobs j`,
    );
    expect(JSON.stringify(rows)).toContain('no more ***');
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect(JSON.stringify(rows)).not.toContain(Buffer.from(secret).toString('base64').slice(2, -4));
  });

  it('is worth nothing once it is revoked, also to one who waits', async () => {
    const eve = await plainAgent(plane, 'eve');
    const { jobId } = await queueJob(plane);
    const { leaseToken } = await eve.take();
    const waiting = eve.claim({ waitMs: 1_500 });
    const revoked = await plane.call(`/api/v1/agents/tokens/${eve.tokenId}`, { method: 'DELETE' });
    expect(revoked.status).toBe(204);
    for (const [what, body] of deeds) {
      expect((await eve.say(jobId, what, { ...body, leaseToken })).status).toBe(401);
    }
    expect((await refused()).slice(0, deeds.length)).toEqual(
      deeds.map(() => `anonymous refused ${jobId} unauthorized`),
    );
    await queueJob(plane);
    expect((await waiting).status).toBe(401);
    expect((await eve.claim()).status).toBe(401);
  });
});

describe('the route that revokes tokens of agents', () => {
  it('revokes no other token, and is for admins', async () => {
    const text = newTokenText('api');
    const api = { kind: 'api', name: 'ada', role: 'member', expiresAt: null } as const;
    const { id } = await plane.server().store.tokens.add(api, hashToken(text));
    const revoke = (token: string, as?: string) =>
      plane.call(`/api/v1/agents/tokens/${token}`, { method: 'DELETE', ...(as ? { token: as } : {}) });
    expect((await revoke(id)).status).toBe(404);
    expect((await revoke('unknown')).status).toBe(404);
    expect((await plane.call('/api/v1/agents', { token: text })).status).toBe(200);
    const agent = await plane.agentToken('short-lived');
    expect((await revoke(agent.id, text)).status).toBe(403);
    expect((await revoke(agent.id)).status).toBe(204);
    expect((await revoke(agent.id)).status).toBe(404);
  });
});

describe('the routes of agents', () => {
  it('take neither a session nor an API token', async () => {
    const text = newTokenText('session');
    const session = { kind: 'session', name: 'ada', role: 'admin', expiresAt: null } as const;
    await plane.server().store.tokens.add(session, hashToken(text));
    const ask = (headers: Record<string, string>) =>
      fetch(`${plane.url}/agent-control/claims/next`, {
        method: 'POST',
        body: JSON.stringify({ agentId: 'ada' }),
        headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', ...headers },
      });
    const audited = (await refused()).length;
    expect((await ask({ cookie: `${sessionCookieName(plane.server())}=${text}` })).status).toBe(401);
    expect((await refused()).slice(0, -audited || undefined)).toEqual(['ada refused  unauthorized']);
    expect((await ask({})).status).toBe(401);
    expect((await ask({ authorization: `Bearer ${plane.admin}` })).status).toBe(403);
  });

  it('refuse another instance of the same name, and the newest one is the agent', async () => {
    const register = (instance: string) =>
      plane.post(
        '/api/v1/agents/register',
        { agentId: 'zoe', instance, tags: [], capacity: 1, version: '1' },
        bob.token,
      );
    const beat = (instance: string) =>
      plane.post('/api/v1/agents/zoe/heartbeat', { instance, problem: null }, bob.token);
    await register('instance-1');
    expect((await beat('instance-1')).status).toBe(200);
    await register('instance-2');
    expect((await beat('instance-1')).status).toBe(409);
    expect((await bob.claim({ agentId: 'zoe', instance: 'instance-1' })).status).toBe(409);
    expect((await beat('instance-2')).status).toBe(200);
  });

  it('are all there under /agent-control too', async () => {
    const page = await readFile(new URL('../../docs/agents.md', import.meta.url), 'utf8');
    const paths = [...page.matchAll(/`(POST|GET) (\/(?:claims|jobs)[^`?]*)/g)].map(([, method, path]) => ({
      method,
      path,
    }));
    expect(paths).toHaveLength(8);
    for (const { method, path } of paths) {
      for (const base of ['/agent-control', '/api/v1/agent-control']) {
        const at = base + (path ?? '').replaceAll(/:\w+/g, 'none');
        const response = await plane.call(at, {
          method: method ?? '',
          ...(method === 'POST' ? { body: '{}' } : {}),
        });
        expect([at, response.status]).toEqual([at, 403]);
      }
    }
  });
});
