import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildToolbox } from '@/lib/cli/toolbox';
import type { Environment } from '@/lib/model/environment';
import { describeWith } from '../support/requirements';
import { startAgentProcess, startControlPlane, type TestAgent, type TestControlPlane } from './control-plane';
import { ended, launch } from './executions';
import { onDatabase, plainAgent } from './plain-agent';

const suites = {
  looked: `
title: Looked into
steps:
  service:
    kind: service
    run: echo "it is $KEY"; echo "$KEY" > /tmp/key; echo up; exec sleep 1000
  task: { kind: task, after: service, run: "true" }`,
};

describeWith(['docker'], 'looking into what runs on an agent', () => {
  let plane: TestControlPlane;
  let agent: TestAgent;
  let id = '';
  let service = '';
  let token = '';

  beforeAll(async () => {
    await buildToolbox({ log: () => {} });
    process.env.A_SECRET_TO_LOOK_FOR = 'look for this value';
    plane = await startControlPlane({}, suites);
    ({ token } = await plane.agentToken());
    agent = startAgentProcess(plane.url, token);
    await agent.until('registered');
    const secrets = [{ key: 'KEY', from: 'env:A_SECRET_TO_LOOK_FOR' }];
    const made = await plane.post('/api/v1/suites/looked/profiles', {
      name: 'secret',
      default: true,
      secrets,
    });
    expect(made.status).toBe(201);
    id = await launch(plane, { suiteId: 'looked', keep: 'always' });
    expect(await ended(plane, id)).toMatchObject({ status: 'passed' });
    service = await nameOf('service');
  });
  afterAll(async () => {
    if (id) await plane.server().engine.environments.reap(id, { by: 'test', force: true });
    await agent?.end();
    await plane?.close();
  });

  async function environment(): Promise<Environment | undefined> {
    return (await plane.server().engine.environments.take()).environments.find((each) => each.id === id);
  }

  async function nameOf(stepId: string): Promise<string> {
    const found = (await environment())?.resources.find((each) => each.stepId === stepId);
    return found?.name ?? '';
  }

  const logs = (resource: string, lines = 200) =>
    plane.call(`/api/v1/sandboxes/${id}/logs?resource=${encodeURIComponent(resource)}&lines=${lines}`);

  /** What is stored of questions and answers meanwhile, as text. */
  const stored = (kind: string) =>
    onDatabase((sql) => sql`select result::text, spec::text from agent_jobs where kind = ${kind}`);

  it('tells the last lines of a container, without a secret, and keeps none of it', async () => {
    const { jobs } = plane.server().store;
    const results: unknown[] = [];
    const { complete } = jobs;
    jobs.complete = async (job, holder, result) => {
      if ('lastLines' in result) results.push(result);
      return complete(job, holder, result);
    };
    expect(await (await logs(service)).text()).toBe('it is ***\nup\n');
    expect(await (await logs(service, 1)).text()).toBe('up\n');
    jobs.complete = complete;
    expect(results).toEqual([{ lastLines: 'it is ***\nup\n' }, { lastLines: 'up\n' }]);
    expect(await stored('lines')).toEqual([]);
  });

  it('tells what containers use, of all that is asked for with one question', async () => {
    const { jobs } = plane.server().store;
    const backend = await plane.server().backends.get('remote-agent');
    const asked: string[] = [];
    const { submitControl } = jobs;
    jobs.submitControl = async (agentId, order) => {
      asked.push(order.kind);
      return submitControl(agentId, order);
    };
    const readings = await Promise.all(
      [service, 'no-such-container'].map((name) => backend?.readUsage?.(id, name)),
    );
    jobs.submitControl = submitControl;
    expect(readings).toMatchObject([{ memoryBytes: expect.any(Number), cpuMs: expect.any(Number) }, null]);
    expect(readings[0]?.memoryBytes).toBeGreaterThan(0);
    expect(asked).toEqual(['usage']);
    expect(await stored('usage')).toEqual([]);
    expect(await backend?.readUsage?.('no-such-execution', service)).toBeNull();
  });

  it('knows no container that is not of the execution', async () => {
    const response = await logs('no-such-container');
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      code: 'not_found',
      detail: `The environment ${id} has no container no-such-container.`,
    });
  });

  it('shows what was last seen on an agent that does not answer, and closes none of its rows', async () => {
    const before = await environment();
    const names = before?.resources.map(({ name }) => name);
    expect(before?.isSeen).toBe(true);
    const { environments } = plane.server().store;
    const present = (before?.resources ?? []).map((each) => ({ ...each, executionId: id }));
    await environments.reconcile('remote-agent', present);
    await onDatabase((sql) => sql`update resources set intended_at = now() - interval '1 hour'`);
    await agent.end('SIGKILL');
    await onDatabase((sql) => sql`update agents set last_seen_at = now() - interval '1 hour'`);
    const silent = await environment();
    expect(silent).toMatchObject({ isSeen: false, reason: expect.stringContaining('as it was last seen') });
    expect(silent?.resources.map(({ name }) => name)).toEqual(names);
    expect(await environments.reconcile('remote-agent', [], [id])).toMatchObject({ closed: 0 });
    const open = (await environments.rows(id)).filter(({ removedAt }) => removedAt === null);
    expect(open.map(({ name }) => name).sort()).toEqual([...(names ?? [])].sort());
    agent = startAgentProcess(plane.url, token);
    await agent.until('registered');
    expect(await environment()).toMatchObject({ isSeen: true });
  });

  it('says at once that an older agent, or a plain client, cannot be asked', async () => {
    await onDatabase((sql) => sql`update agents set version = '0.1.0'`);
    const older = await logs(service);
    expect(older.status).toBe(409);
    expect((await older.json()).detail).toContain('Agent tester is of version 0.1.0');
    await onDatabase((sql) => sql`update agents set version = '0.2.0'`);
    const plain = await plainAgent(plane, 'plain');
    await plain.claim();
    await onDatabase(
      (sql) => sql`update agent_environments set agent_id = 'plain' where execution_id = ${id}`,
    );
    expect((await (await logs(service)).json()).detail).toContain('Agent plain is a plain client');
    await onDatabase(
      (sql) => sql`update agent_environments set agent_id = 'tester' where execution_id = ${id}`,
    );
  });
});
