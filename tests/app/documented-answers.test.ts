import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildToolbox } from '@/lib/cli/toolbox';
import { makeSuiteFolder } from '../suites/suite-folder';
import { type DocumentedApi, openDocumentedApi } from '../support/documented-api';
import { describeWith } from '../support/requirements';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';
import { askSchedules, askTriggers } from './documented-launchers';
import { askSubscriptions } from './documented-subscriptions';

const examples = fileURLToPath(new URL('../../suites', import.meta.url));
const report =
  '<testsuite name="pay"><testcase name="a"/><testcase name="b"><failure message="no"/></testcase></testsuite>';
const files = {
  'suite.yaml': `
title: Everything
steps:
  api:
    kind: service
    run: [node, -e, "require('net').createServer().listen(process.env.API_PORT)"]
    ports: [8080]
    ready: { tcp: 8080 }
  tests:
    kind: test
    run: [node, tests.cjs]
    after: [api]
    retries: { max: 1, backoff: 10ms }
    export: [{ path: out.xml, format: junit, on: always }]
  never: { kind: task, run: echo, after: [tests] }`,
  'tests.cjs': `console.log('one'); console.error('two');
require('fs').writeFileSync(process.env.GANTRY_ARTIFACTS + '/out.xml', ${JSON.stringify(report)});
process.exit(3);`,
  'profiles/p.yaml': 'default: true\nenv: { COLOR: red }\nsecrets: [{ key: TOKEN, from: "env:A_SECRET" }]',
};
const broken = 'steps: { says: { kind: task, rum: echo } }';
const printer = 'steps: { says: { kind: task, run: [node, -e, "console.log(1)"] } }';

let gantry: RunningGantry;
let api: DocumentedApi;
let root: string;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'gantry-documented-'));
  makeSuiteFolder(files, path.join(root, 'everything'));
  makeSuiteFolder(broken, path.join(root, 'invalid'));
  makeSuiteFolder(printer, path.join(root, 'printer'));
  const suites = [root, examples].join(path.delimiter);
  gantry = await startGantry({
    env: { GANTRY_SUITES: suites, GANTRY_PROCESS_BACKEND: '1', A_SECRET: 'hunter2-hunter2' },
  });
  api = await openDocumentedApi(gantry);
}, startLimitMs);

afterAll(async () => {
  await gantry?.stop();
  await rm(root, { recursive: true, force: true });
});

/** Its id, once it has ended. */
async function run(body: object): Promise<string> {
  const { id } = await (await api.ask('createExecution', { body })).json();
  await api.follow('streamEvents', { params: { id } });
  return id;
}

describe('What a running Gantry answers is what its OpenAPI document says', () => {
  it('of suites and their profiles', async () => {
    await api.ask('listLaunchSuites');
    await api.ask('previewLaunch', { body: { suiteId: 'marketplace' } });
    const { items } = await (await api.ask('listSuites')).json();
    expect(items.length).toBeGreaterThan(5);
    for (const { id } of items) await api.ask('getSuite', { params: { id } });
    const badge = await api.ask('getBadge', { params: { id: 'everything' }, query: { label: 'All' } });
    expect(await badge.text()).toContain('<title>All: no result</title>');
    expect((await api.ask('getBadge', { params: { id: 'everything' }, token: null })).status).toBe(401);
    const params = { id: 'everything', profile: 'made' };
    const body = {
      name: 'made',
      extends: 'p',
      env: { COLOR: 'blue', ROUNDS: 3 },
      steps: { tests: { env: { A: '1' } } },
    };
    expect((await api.ask('createProfile', { params, body })).status).toBe(201);
    await api.ask('updateProfile', { params, body: { description: 'Blue.' } });
    await api.ask('getProfile', { params });
    await api.ask('listProfiles', { params });
    expect((await api.ask('deleteProfile', { params })).status).toBe(204);
    expect((await api.ask('getProfile', { params })).status).toBe(404);
  });

  it('of an execution, its steps, events, lines and artifacts', async () => {
    const id = await run({ suiteId: 'everything', backend: 'process', labels: { team: 'pay' } });
    const params = { id };
    expect(await api.follow('streamEvents', { params })).toContainEqual(
      expect.objectContaining({ type: 'step.report' }),
    );
    await api.ask('streamEvents', { params, query: { limit: '3' } });
    expect(await api.follow('streamLogs', { params })).toContainEqual(
      expect.objectContaining({ text: 'one' }),
    );
    await api.follow('streamLogs', { params, query: { batch: '1' } });
    await api.ask('streamLogs', { params, query: { step: 'tests', attempt: '2', limit: '1' } });
    const text = await api.ask('streamLogs', { params, headers: { accept: 'text/plain' } });
    expect(await text.text()).toContain('two\n');
    const { lastEventSeq, steps } = await (await api.ask('getExecution', { params })).json();
    expect(steps.find((step: { id: string }) => step.id === 'tests').attempts).toHaveLength(2);
    const seen = { params, headers: { accept: 'text/event-stream', 'last-event-id': String(lastEventSeq) } };
    expect((await api.ask('streamEvents', seen)).status).toBe(204);
    await api.ask('getStep', { params: { id, step: 'tests' } });
    const { items } = await (await api.ask('listArtifacts', { params })).json();
    const artifact = await api.ask('downloadArtifact', { params: { id, artifact: items[0].id } });
    expect(await artifact.text()).toBe(report);
    const junit = await api.ask('getJunit', { params });
    expect(junit.headers.get('content-disposition')).toBe(`attachment; filename="${id}.junit.xml"`);
    expect(await junit.text()).toMatch(/tests="3" failures="1".*<testsuite name="tests"/s);
    const found = await api.ask('listExecutions', {
      query: { status: 'failed,errored', label: 'team:pay', limit: '5' },
    });
    expect((await found.json()).items).toMatchObject([{ id }]);
    const again = await (await api.ask('rerunExecution', { params, body: { only: 'failed' } })).json();
    expect((await api.ask('cancelExecution', { params: { id: again.id } })).status).toBe(202);
    await api.follow('streamEvents', { params: { id: again.id } });
  });

  it('of a step of a nested suite, however its slash is written', async () => {
    const { topology } = await (await api.ask('getSuite', { params: { id: 'marketplace' } })).json();
    const nested = topology.find((node: { id: string }) => node.id.includes('/'));
    const { id } = await (
      await api.ask('createExecution', { body: { suiteId: 'marketplace', backend: 'process' } })
    ).json();
    await api.ask('cancelExecution', { params: { id } });
    const { step } = await (await api.ask('getStep', { params: { id, step: nested.id } })).json();
    expect(step.id).toBe(nested.id);
    const plain = await gantry.call(`/api/v1/executions/${id}/steps/${nested.id}`);
    expect((await plain.json()).step.id).toBe(nested.id);
  });

  it('of test cases, and of their mutes', async () => {
    const id = await run({ suiteId: 'everything', backend: 'process' });
    const compared = await (await api.ask('compareExecutionCases', { params: { id } })).json();
    const failing = [...compared.newFailures, ...compared.stillFailing];
    expect(failing).toMatchObject([{ name: 'b', suiteId: 'everything', stepId: 'tests' }]);
    const { items } = await (
      await api.ask('listCases', { query: { suite: 'everything', state: 'failed', sort: 'newest_failure' } })
    ).json();
    expect(items).toMatchObject([
      { name: 'b', mute: null, figures: { last: { executionId: id, message: 'no' } } },
    ]);
    const params = { id: items[0].id };
    const body = { reason: 'known', ticket: 'PAY-1', expiresAt: new Date(Date.now() + 60_000).toISOString() };
    await api.ask('muteCase', { params, body });
    const details = await (await api.ask('getCase', { params })).json();
    expect(details).toMatchObject({ name: 'b', mute: { reason: 'known', ticket: 'PAY-1' } });
    expect(
      (await api.ask('muteCase', { params, body: { ...body, expiresAt: '2001-01-01T00:00:00Z' } })).status,
    ).toBe(400);
    expect((await api.ask('unmuteCase', { params })).status).toBe(204);
    expect((await api.ask('unmuteCase', { params })).status).toBe(404);
    expect((await api.ask('getCase', { params: { id: 'nobody' } })).status).toBe(404);
  });

  it('of refusals', async () => {
    const launch = (body: object, more: object = {}) => api.ask('createExecution', { body, ...more });
    const codes = async (answers: Promise<Response>[]) =>
      Promise.all(
        (await Promise.all(answers)).map(async (answer) => [answer.status, (await answer.json()).code]),
      );
    expect(
      await codes([
        api.ask('getExecution', { params: { id: 'none' } }),
        api.ask('getJunit', { params: { id: 'none' } }),
        launch({ suiteId: 'none' }),
        launch({ suite: 'hello' }),
        launch({ suiteId: 'invalid' }),
        launch({ suiteId: 'hello', profile: 'none' }),
        launch({ suiteId: 'hello', backend: 'none' }),
        launch({ suiteId: 'hello' }, { token: null }),
        launch({ suiteId: 'hello' }, { headers: { 'content-type': 'text/plain' } }),
        api.ask('getReadinessCheck', { params: { check: 'none' } }),
        api.ask('downloadPackage', { params: { digest: 'sha256:0' } }),
      ]),
    ).toEqual([
      [404, 'execution_not_found'],
      [404, 'execution_not_found'],
      [404, 'suite_not_found'],
      [400, 'bad_request'],
      [422, 'suite_invalid'],
      [422, 'profile_not_found'],
      [422, 'backend_not_found'],
      [401, 'unauthorized'],
      [415, 'unsupported_media_type'],
      [404, 'not_found'],
      [401, 'unauthorized'],
    ]);
  });

  it('of agents, and of a job from its claim to its end', async () => {
    const { id: tokenId, token } = await (
      await api.ask('createAgentToken', { body: { name: 'farm' } })
    ).json();
    const agentId = 'one';
    const body = { agentId, instance: 'instance-1', tags: ['gpu'], capacity: 2, version: '0.2.0' };
    await api.ask('registerAgent', { token, body });
    const beat = { instance: 'instance-1', problem: null, environments: ['gone'] };
    await api.ask('sendHeartbeat', { token, params: { id: agentId }, body: beat });
    const claim = { token, body: { agentId, instance: 'instance-1', waitMs: 0 } };
    expect((await api.ask('claimJob', claim)).status).toBe(204);
    const launched = await api.ask('createExecution', {
      body: { suiteId: 'printer', backend: 'remote-agent' },
    });
    const execution = await launched.json();
    const claimed = await api.ask('claimJob', { token, body: { ...claim.body, waitMs: 20_000 } });
    const { id, leaseToken } = (await claimed.json()).job;
    const said = (more: object) => ({ token, params: { id }, body: { agentId, leaseToken, ...more } });
    await api.ask('renewLease', said({}));
    await api.ask('reportState', said({ state: 'running' }));
    await api.ask('sendLogs', said({ firstSeq: 1, lines: [{ stream: 'stdout', atMs: 1, text: '1' }] }));
    const headers = { 'x-gantry-lease-token': leaseToken };
    const sha256 = createHash('sha256').update('abc').digest('hex');
    await api.ask('sendArtifact', {
      token,
      headers,
      params: { id },
      query: { agentId, path: 'a.txt', format: 'file', sha256 },
      bytes: 'abc',
    });
    const small = { path: 'b.txt', format: 'file', sha256, content: Buffer.from('abc').toString('base64') };
    await api.ask('sendArtifacts', said({ files: [small] }));
    await (await api.ask('getPackage', { token, headers, params: { id }, query: { agentId } })).arrayBuffer();
    const input = { token, headers, params: { id, artifact: 'none' }, query: { agentId } };
    expect((await api.ask('getInput', input)).status).toBe(404);
    // Its image comes from there, and for any other registry it is not told.
    const login = await api.ask('getRegistryLogin', said({ host: 'docker.io' }));
    expect(await login.json()).toEqual({ login: null });
    expect((await api.ask('getRegistryLogin', said({ host: 'ghcr.io' }))).status).toBe(403);
    expect(await api.follow('streamAgents', {}, 1)).toMatchObject([
      { items: [{ jobs: [{ stepId: 'says' }] }] },
    ]);
    const outcome = {
      ended: 'exited',
      exitCode: 0,
      signal: null,
      oomKilled: false,
      reason: null,
      warnings: [],
    };
    await api.ask('completeJob', said({ outcome }));
    expect((await api.ask('renewLease', said({ leaseToken: 'another' }))).status).toBe(409);
    await api.ask('cancelExecution', { params: { id: execution.id } });
    await api.ask('drainAgent', { params: { id: agentId }, body: { reason: 'a new disk' } });
    expect((await (await api.ask('listAgents')).json()).items).toMatchObject([{ state: 'draining' }]);
    await api.ask('deleteAgent', { params: { id: agentId } });
    expect((await api.ask('revokeAgentToken', { params: { token: tokenId } })).status).toBe(204);
  });

  it('of sessions, tokens, settings and health', async () => {
    const made = await (
      await api.ask('createToken', { body: { name: 'ci', role: 'viewer', expiresInMs: 60_000 } })
    ).json();
    expect((await api.ask('getPlatformSettings', { token: made.token })).status).toBe(403);
    await api.ask('getSession', { token: made.token });
    await api.ask('createStreamToken', { token: made.token });
    await api.ask('listTokens');
    const grant = { grantee: { kind: 'token', id: made.id }, suites: 'nothing-*', rights: ['launch'] };
    const granted = await (await api.ask('saveGrant', { body: grant })).json();
    await api.ask('listGrants');
    await api.ask('removeGrant', { params: { id: granted.id } });
    await api.ask('revokeToken', { params: { id: made.id } });
    const link = await (await api.ask('createSignInLink')).json();
    expect((await api.ask('signIn', { token: null, body: { token: link.token } })).status).toBe(204);
    expect((await api.ask('signOut')).status).toBe(409);
    await api.ask('listAuditEntries', { query: { limit: '200' } });
    const rotated = await api.ask('createToken', { body: { name: 'turned', role: 'viewer' } });
    const params = { id: (await rotated.json()).id };
    expect((await api.ask('rotateToken', { params, body: {} })).status).toBe(201);
    await api.ask('exportAuditEntries');
    await api.ask('getAuditChain');
    const local = { id: 'local', kind: 'local', label: 'Docker', default: false, enabled: true };
    const here = { id: 'process', kind: 'process', label: 'Here', default: true, enabled: true };
    const cluster = {
      ...local,
      id: 'k',
      kind: 'kubernetes',
      kubernetes: { kubeconfig: { from: 'cluster' } },
    };
    await api.ask('updatePlatformSettings', { body: { backends: [here, local, cluster], env: { A: 'b' } } });
    await api.ask('getPlatformSettings');
    const login = { host: '127.0.0.1:9', user: 'ada', password: 'a password' };
    expect(await (await api.ask('testRegistryLogin', { body: login })).json()).toEqual({
      accepted: false,
      message:
        '127.0.0.1:9 cannot be reached: 127.0.0.1 belongs to this machine itself. GANTRY_ALLOW_PRIVATE_ADDRESSES=1 allows it.',
    });
    await api.ask('listBackends');
    for (const id of ['getOverview', 'getHealth', 'getReadiness', 'getOpenApi']) await api.ask(id);
    await api.ask('getReadinessCheck', { params: { check: 'datastore' } });
    await api.follow('streamOverview', {}, 1);
    await askSubscriptions(api);
  });

  it('of environments of the kind process', async () => {
    const id = await run({ suiteId: 'everything', backend: 'process', keep: 'always' });
    const params = { id };
    await api.ask('listEnvironments');
    await api.follow('streamEnvironments', {}, 1);
    const { environment } = await (await api.ask('getEnvironment', { params })).json();
    expect(environment.state).toBe('kept');
    await api.ask('extendEnvironment', { params, body: { forMs: 120_000 } });
    const resource = 'any';
    expect((await api.ask('execInEnvironment', { params, body: { resource, command: 'true' } })).status).toBe(
      502,
    );
    expect((await api.ask('getContainerLogs', { params, query: { resource } })).status).toBe(502);
    await api.follow('reapEnvironment', { params, body: {} });
    await api.ask('reapAllEnvironments', { body: { scope: 'zombies' } });
  });

  it('of schedules', () => askSchedules(api));

  it('of webhooks and their messages', async () => {
    const url = 'http://127.0.0.1:9/hook';
    const body = { name: 'chat', url, events: ['execution.passed'], secretFrom: 'env:A_SECRET' };
    const made = await api.ask('createWebhook', { body });
    expect(made.status).toBe(201);
    const params = { id: (await made.json()).id };
    await api.ask('updateWebhook', { params, body: { ...body, suiteId: 'printer' } });
    await api.ask('getWebhook', { params });
    await api.ask('listWebhooks');
    await run({ suiteId: 'printer', backend: 'process' });
    const delivery = await vi.waitFor(
      async () => {
        const { items } = await (await api.ask('listWebhookDeliveries', { params })).json();
        expect(items).toMatchObject([{ status: 'waiting', attempts: 1 }]);
        return items[0];
      },
      { timeout: 60_000, interval: 200 },
    );
    expect(delivery.lastAttempt.error).toContain('is not an address of the public internet');
    expect((await api.ask('retryWebhookDelivery', { params: { id: delivery.id } })).status).toBe(204);
    expect((await api.ask('deleteWebhook', { params })).status).toBe(204);
    expect((await api.ask('getWebhook', { params })).status).toBe(404);
  });

  it('of triggers and their messages', () => askTriggers(api));

  it('of people and their sessions', async () => {
    const body = { email: 'ada@example.com', role: 'viewer' };
    const { user, invitation } = await (await api.ask('createUser', { body })).json();
    const params = { id: user.id };
    const chosen = { token: invitation.token, password: 'four grey ponies' };
    expect((await api.ask('acceptInvitation', { token: null, body: chosen })).status).toBe(204);
    await api.ask('updateUser', { params, body: { name: 'Ada', role: 'member' } });
    await api.ask('listUsers');
    const { items } = await (await api.ask('listSessions', { query: { of: 'all' } })).json();
    const session = items.find(({ userId }: { userId: string | null }) => userId === user.id);
    await api.ask('revokeSession', { params: { id: session.id } });
    await api.ask('endUserSessions', { params });
    await api.ask('resetUser', { params });
    // An API token is nobody's password, and has no session here.
    expect((await api.ask('setPassword', { body: { password: 'four grey ponies' } })).status).toBe(409);
    expect((await api.ask('getReauthenticationWays')).status).toBe(409);
    expect((await api.ask('reauthenticateSession', { body: { password: 'four grey ponies' } })).status).toBe(
      409,
    );
    await api.ask('revokeSessions');
  });

  it('and that was every operation there is', () => {
    expect(api.unasked()).toEqual([]);
  });
});

describeWith('docker', 'What a running Gantry answers of an environment on Docker', () => {
  it('is what its OpenAPI document says', async () => {
    await buildToolbox({ log: () => undefined });
    const id = await run({ suiteId: 'hello', backend: 'local', keep: 'always' });
    const params = { id };
    const { environment } = await (await api.ask('getEnvironment', { params })).json();
    const { name: resource } = environment.resources.find(
      (each: { kind: string }) => each.kind === 'container',
    );
    const body = { resource, command: 'echo out; echo err >&2; exit 3' };
    const { items } = await (await api.ask('execInEnvironment', { params, body })).json();
    expect(items).toContainEqual({ type: 'exit', exitCode: 3 });
    expect(await api.follow('execInEnvironment', { params, body })).toContainEqual({
      type: 'exit',
      exitCode: 3,
    });
    expect((await api.ask('getContainerLogs', { params, query: { resource, lines: '5' } })).status).toBe(200);
    expect(await (await api.ask('reapEnvironment', { params, body: {} })).json()).toMatchObject({
      outcome: 'removed',
    });
  });
});
