import Docker from 'dockerode';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { labelNames } from '@/lib/backends/labels';
import { buildToolbox } from '@/lib/cli/toolbox';
import { leftovers } from '../backends/docker-harness';
import { describeWith } from '../support/requirements';
import { startAgentProcess, startControlPlane, type TestAgent, type TestControlPlane } from './control-plane';
import { ended, launch, texts, until } from './executions';

describeWith(['docker'], 'an execution on an agent', () => {
  const docker = new Docker();
  let plane: TestControlPlane;
  let agent: TestAgent;

  beforeAll(async () => {
    await buildToolbox({ docker, log: () => {} });
    plane = await startControlPlane();
  });
  afterAll(async () => {
    await agent?.end('SIGTERM');
    await plane?.close();
  });

  it('can be chosen once an agent has registered', async () => {
    const kinds = async () => (await plane.server().backendOptions()).map(({ kind }) => kind);
    expect(await kinds()).not.toContain('remote-agent');
    await expect(launch(plane, { suiteId: 'hello' })).rejects.toThrow('backend_not_found');
    const { token } = await plane.agentToken();
    agent = startAgentProcess(plane.url, token);
    await agent.until('registered');
    expect(await kinds()).toContain('remote-agent');
    expect(await (await plane.call('/api/v1/agents')).json()).toMatchObject({
      items: [{ id: 'tester', state: 'online', capacity: 4, tags: [], version: expect.stringMatching(/./) }],
    });
  });

  it('passes, with its receipt from the agent and nothing left', async () => {
    const id = await launch(plane, { suiteId: 'hello' });
    const execution = await ended(plane, id);
    expect(execution).toMatchObject({ status: 'passed', backend: { kind: 'remote-agent' } });
    expect(execution.receipt).toMatchObject({ left: [] });
    expect(execution.receipt?.created).toBeGreaterThanOrEqual(4);
    expect((await texts(plane, id, 'greeting')).length).toBeGreaterThan(0);
    expect(await leftovers(docker, `${labelNames.execution}=${id}`)).toEqual([]);
    expect(await (await plane.call('/api/v1/agents')).json()).toMatchObject({
      items: [{ jobs: [], environments: 0 }],
    });
  });

  it('drains when it is asked to end, and ends once what it began is over', async () => {
    const id = await launch(plane, { suiteId: 'hello' });
    await until(plane, id, ({ steps }) => steps.some(({ status }) => status === 'running'));
    const exit = agent.end('SIGTERM');
    expect((await ended(plane, id)).status).toBe('passed');
    expect(await exit).toBe(0);
    expect(await (await plane.call('/api/v1/agents')).json()).toMatchObject({
      items: [{ drain: { reason: 'it is being stopped', by: 'tester' } }],
    });
  }, 60_000);
});
