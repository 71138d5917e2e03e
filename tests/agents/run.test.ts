import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import Docker from 'dockerode';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { labelNames } from '@/lib/backends/labels';
import { createRemoteBackend } from '@/lib/backends/remote/remote-backend';
import { buildToolbox, toolboxImage } from '@/lib/cli/toolbox';
import { systemClock } from '@/lib/clock';
import type { Hardening } from '@/lib/model/hardening';
import { newExecutionId } from '../backends/backend-contract';
import { watchStep } from '../backends/contract/contract-run';
import { leftovers } from '../backends/docker-harness';
import { makeStepSpec } from '../support/plan';
import { describeWith } from '../support/requirements';
import { silentLogger } from '../support/silent-logger';
import {
  root,
  startAgentProcess,
  startControlPlane,
  type TestAgent,
  type TestControlPlane,
} from './control-plane';
import { ended, launch, texts, until } from './executions';
import { onDatabase, queueJob } from './plain-agent';

describeWith(['docker'], 'an execution on an agent', () => {
  const docker = new Docker();
  let plane: TestControlPlane;
  let agent: TestAgent;

  beforeAll(async () => {
    await buildToolbox({ docker, log: () => {} });
    process.env.A_SECRET_OF_THIS_TEST = 'a secret of this test';
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
    agent = startAgentProcess(plane.url, token, {}, root);
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

  it('leaves no value of a secret in any row, while it runs and after', async () => {
    const { jobs, notifier } = plane.server().store;
    const { jobId, executionId } = await queueJob(plane, {
      node: {
        image: toolboxImage,
        packageDigest: await storedPackage(plane),
        command: ['sh', '-c', 'echo "it is $KEY"; echo "$KEY" > $GANTRY_ARTIFACTS/key.txt; exit 3'],
        secrets: [{ key: 'KEY', from: 'env:A_SECRET_OF_THIS_TEST' }],
        exports: [{ path: '*.txt', format: 'file', on: 'always', required: false }],
      },
    });
    const bell = notifier.subscribe(jobs.topic(jobId), plane.server().closing);
    while (!(await jobs.get(jobId))?.result) await bell.next();
    const [chunk] = await jobs.lines(jobId, 0);
    expect(chunk?.lines.map(({ text }) => text)).toEqual(['it is ***']);
    const files = [];
    for await (const { path, content } of jobs.openArtifacts(jobId))
      files.push([path, await text(Readable.from(content))]);
    expect(files).toEqual([['key.txt', '***\n']]);
    const rows = await onDatabase(
      (sql) => sql`select agent_jobs::text, agent_job_lines::text
      from agent_jobs left join agent_job_lines on job_id = id where id = ${jobId}`,
    );
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(process.env.A_SECRET_OF_THIS_TEST);
    const backend = await plane.server().backends.get('remote-agent');
    await backend?.closeEnvironment(executionId);
    expect(await leftovers(docker, `${labelNames.execution}=${executionId}`)).toEqual([]);
  });

  it('builds an image of the package that the control plane sends', async () => {
    const { jobs, notifier } = plane.server().store;
    const inline = `FROM ${toolboxImage}\nCOPY suite.yaml /built.yaml\nCMD ["head", "-n", "1", "/built.yaml"]`;
    const { jobId, executionId } = await queueJob(plane, {
      node: {
        image: null,
        build: { context: '.', dockerfile: null, inline, target: null, args: {} },
        packageDigest: await storedPackage(plane),
        command: null,
      },
    });
    const bell = notifier.subscribe(jobs.topic(jobId), plane.server().closing);
    while (!(await jobs.get(jobId))?.result) await bell.next();
    const lines = (await jobs.lines(jobId, 0)).flatMap((chunk) => chunk.lines);
    expect(lines.filter(({ stream }) => stream === 'stdout').map(({ text }) => text)).toEqual([
      'title: Hello',
    ]);
    expect(lines.at(-2)?.text).toMatch(/^(?:built gantry\/build:|the image is built already)/);
    const backend = await plane.server().backends.get('remote-agent');
    await backend?.closeEnvironment(executionId);
    expect(await leftovers(docker, `${labelNames.execution}=${executionId}`)).toEqual([]);
  });

  it('has the hardening of its backend', async () => {
    const { store } = plane.server();
    const packageDigest = await storedPackage(plane);
    async function capabilitiesUnder(hardening: Hardening): Promise<string[]> {
      const executionId = newExecutionId();
      const backend = createRemoteBackend(
        { clock: systemClock, logger: silentLogger, ...store },
        { id: 'remote-agent', offlineAfterMs: 3_000, hardening },
      );
      await backend.openEnvironment({
        executionId,
        suiteId: 'suite',
        profile: 'default',
        owner: 'owner',
        deadline: '2099-01-01T00:00:00.000Z',
        services: [],
      });
      const command = ['grep', 'CapEff', '/proc/self/status'];
      const node = { image: toolboxImage, packageDigest, command };
      const watched = watchStep(backend, makeStepSpec({ executionId, node }));
      await watched.outcome;
      await backend.closeEnvironment(executionId);
      return watched.texts();
    }
    expect(await capabilitiesUnder('strict')).toEqual(['CapEff:\t0000000000000000']);
    expect(await capabilitiesUnder('standard')).toEqual(['CapEff:\t00000000000405fb']);
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
  });
});

/** The digest of a package in the store, as a launch has put one there. */
async function storedPackage(plane: TestControlPlane): Promise<string> {
  const [row] = await onDatabase((sql) => sql<{ digest: string }[]>`select digest from packages limit 1`);
  if (!row) throw new Error(`nothing was launched on ${plane.url} before`);
  return row.digest;
}
