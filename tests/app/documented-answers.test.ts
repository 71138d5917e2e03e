import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildToolbox } from '@/lib/cli/toolbox';
import { makeSuiteFolder } from '../suites/suite-folder';
import { type DocumentedApi, openDocumentedApi } from '../support/documented-api';
import { describeWith } from '../support/requirements';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';

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
  const { id } = await (await api.ask('launchExecution', { body })).json();
  await api.follow('readEvents', { params: { id } });
  return id;
}

describe('What a running Gantry answers is what its OpenAPI document says', () => {
  it('of suites and their profiles', async () => {
    await api.ask('listLaunchSuites');
    await api.ask('previewLaunch', { body: { suiteId: 'marketplace' } });
    const { items } = await (await api.ask('listSuites')).json();
    expect(items.length).toBeGreaterThan(5);
    for (const { id } of items) await api.ask('getSuite', { params: { id } });
    const params = { id: 'everything', profile: 'made' };
    const body = {
      name: 'made',
      extends: 'p',
      env: { COLOR: 'blue', ROUNDS: 3 },
      steps: { tests: { env: { A: '1' } } },
    };
    expect((await api.ask('makeProfile', { params, body })).status).toBe(201);
    await api.ask('changeProfile', { params, body: { description: 'Blue.' } });
    await api.ask('getProfile', { params });
    await api.ask('listProfiles', { params });
    expect((await api.ask('removeProfile', { params })).status).toBe(204);
    expect((await api.ask('getProfile', { params })).status).toBe(404);
  });

  it('of an execution, its steps, events, lines and artifacts', async () => {
    const id = await run({ suiteId: 'everything', backend: 'process', labels: { team: 'pay' } });
    const params = { id };
    expect(await api.follow('readEvents', { params })).toContainEqual(
      expect.objectContaining({ type: 'step.report' }),
    );
    await api.ask('readEvents', { params, query: { limit: '3' } });
    expect(await api.follow('readLogs', { params })).toContainEqual(expect.objectContaining({ text: 'one' }));
    await api.follow('readLogs', { params, query: { batch: '1' } });
    await api.ask('readLogs', { params, query: { step: 'tests', attempt: '2', limit: '1' } });
    const text = await api.ask('readLogs', { params, headers: { accept: 'text/plain' } });
    expect(await text.text()).toContain('two\n');
    const { lastEventSeq, steps } = await (await api.ask('getExecution', { params })).json();
    expect(steps.find((step: { id: string }) => step.id === 'tests').attempts).toHaveLength(2);
    const seen = { params, headers: { accept: 'text/event-stream', 'last-event-id': String(lastEventSeq) } };
    expect((await api.ask('readEvents', seen)).status).toBe(204);
    await api.ask('getStep', { params: { id, step: 'tests' } });
    const { items } = await (await api.ask('listArtifacts', { params })).json();
    const artifact = await api.ask('downloadArtifact', { params: { id, artifact: items[0].id } });
    expect(await artifact.text()).toBe(report);
    const junit = await api.ask('getJunit', { params });
    expect(junit.headers.get('content-disposition')).toBe(`attachment; filename="${id}.junit.xml"`);
    expect(await junit.text()).toMatch(/tests="2" failures="1".*<testsuite name="tests: pay"/s);
    const found = await api.ask('listExecutions', {
      query: { status: 'failed,errored', label: 'team:pay', limit: '5' },
    });
    expect((await found.json()).items).toMatchObject([{ id }]);
    const again = await (await api.ask('rerunExecution', { params, body: { only: 'failed' } })).json();
    expect((await api.ask('cancelExecution', { params: { id: again.id } })).status).toBe(202);
    await api.follow('readEvents', { params: { id: again.id } });
  });

  it('of a step of a nested suite, however its slash is written', async () => {
    const { topology } = await (await api.ask('getSuite', { params: { id: 'marketplace' } })).json();
    const nested = topology.find((node: { id: string }) => node.id.includes('/'));
    const { id } = await (
      await api.ask('launchExecution', { body: { suiteId: 'marketplace', backend: 'process' } })
    ).json();
    await api.ask('cancelExecution', { params: { id } });
    const { step } = await (await api.ask('getStep', { params: { id, step: nested.id } })).json();
    expect(step.id).toBe(nested.id);
    const plain = await gantry.call(`/api/v1/executions/${id}/steps/${nested.id}`);
    expect((await plain.json()).step.id).toBe(nested.id);
  });

  it('of refusals', async () => {
    const launch = (body: object, more: object = {}) => api.ask('launchExecution', { body, ...more });
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
        api.ask('getReadinessOf', { params: { check: 'none' } }),
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
    const { id: tokenId, token } = await (await api.ask('makeAgentToken', { body: { name: 'farm' } })).json();
    const agentId = 'one';
    const body = { agentId, instance: 'instance-1', tags: ['gpu'], capacity: 2, version: '0.2.0' };
    await api.ask('registerAgent', { token, body });
    const beat = { instance: 'instance-1', problem: null, environments: ['gone'] };
    await api.ask('beatHeart', { token, params: { id: agentId }, body: beat });
    const claim = { token, body: { agentId, instance: 'instance-1', waitMs: 0 } };
    expect((await api.ask('claimJob', claim)).status).toBe(204);
    const launched = await api.ask('launchExecution', {
      body: { suiteId: 'printer', backend: 'remote-agent' },
    });
    const execution = await launched.json();
    const claimed = await api.ask('claimJob', { token, body: { ...claim.body, waitMs: 20_000 } });
    const { id, leaseToken } = (await claimed.json()).job;
    const said = (more: object) => ({ token, params: { id }, body: { agentId, leaseToken, ...more } });
    await api.ask('renewLease', said({}));
    await api.ask('reportState', said({ state: 'running' }));
    await api.ask('sendLines', said({ firstSeq: 1, lines: [{ stream: 'stdout', atMs: 1, text: '1' }] }));
    const headers = { 'x-gantry-lease-token': leaseToken };
    const sha256 = createHash('sha256').update('abc').digest('hex');
    await api.ask('sendArtifact', {
      token,
      headers,
      params: { id },
      query: { agentId, path: 'a.txt', format: 'file', sha256 },
      bytes: 'abc',
    });
    await (
      await api.ask('readPackage', { token, headers, params: { id }, query: { agentId } })
    ).arrayBuffer();
    expect(await api.follow('followAgents', {}, 1)).toMatchObject([
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
    await api.ask('removeAgent', { params: { id: agentId } });
    expect((await api.ask('revokeAgentToken', { params: { token: tokenId } })).status).toBe(204);
  });

  it('of sessions, tokens, settings and health', async () => {
    const made = await (
      await api.ask('makeToken', { body: { name: 'ci', role: 'viewer', expiresInMs: 60_000 } })
    ).json();
    expect((await api.ask('getPlatformSettings', { token: made.token })).status).toBe(403);
    await api.ask('getSession', { token: made.token });
    await api.ask('makeStreamToken', { token: made.token });
    await api.ask('listTokens');
    await api.ask('revokeToken', { params: { id: made.id } });
    const link = await (await api.ask('makeSignInLink')).json();
    expect((await api.ask('signIn', { token: null, body: { token: link.token } })).status).toBe(204);
    expect((await api.ask('signOut')).status).toBe(409);
    await api.ask('listAuditEntries', { query: { limit: '200' } });
    const local = { id: 'local', kind: 'local', label: 'Docker', default: false, enabled: true };
    const here = { id: 'process', kind: 'process', label: 'Here', default: true, enabled: true };
    const cluster = {
      ...local,
      id: 'k',
      kind: 'kubernetes',
      kubernetes: { kubeconfig: { from: 'cluster' } },
    };
    await api.ask('changePlatformSettings', { body: { backends: [here, local, cluster], env: { A: 'b' } } });
    await api.ask('getPlatformSettings');
    await api.ask('listBackends');
    for (const id of ['getOverview', 'getHealth', 'getReadiness', 'getOpenApi']) await api.ask(id);
    await api.ask('getReadinessOf', { params: { check: 'datastore' } });
    await api.follow('followOverview', {}, 1);
  });

  it('of environments of the kind process', async () => {
    const id = await run({ suiteId: 'everything', backend: 'process', keep: 'always' });
    const params = { id };
    await api.ask('takeInventory');
    await api.follow('followInventory', {}, 1);
    const { environment } = await (await api.ask('getEnvironment', { params })).json();
    expect(environment.state).toBe('kept');
    await api.ask('extendEnvironment', { params, body: { forMs: 120_000 } });
    const resource = environment.resources[0].name;
    expect((await api.ask('execInEnvironment', { params, body: { resource, command: 'true' } })).status).toBe(
      502,
    );
    expect((await api.ask('readLastLines', { params, query: { resource } })).status).toBe(502);
    await api.follow('reapEnvironment', { params, body: {} });
    await api.ask('reapAllEnvironments', { body: { scope: 'zombies' } });
  });

  it('and that was every operation there is', () => {
    expect(api.unasked()).toEqual([]);
  });
});

describeWith('docker', 'What a running Gantry answers of an environment on Docker', () => {
  it('is what its OpenAPI document says', { timeout: 120_000 }, async () => {
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
    expect((await api.ask('readLastLines', { params, query: { resource, lines: '5' } })).status).toBe(200);
    expect(await (await api.ask('reapEnvironment', { params, body: {} })).json()).toMatchObject({
      outcome: 'removed',
    });
  });
});
