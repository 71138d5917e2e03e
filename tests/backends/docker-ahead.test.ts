import type Docker from 'dockerode';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Backend } from '@/lib/backends/backend';
import { attemptName, labelNames } from '@/lib/backends/labels';
import { toolboxImage } from '@/lib/cli/toolbox';
import type { PlannedNode } from '@/lib/model/node';
import type { AheadStage, PreparedStep } from '@/lib/model/prepared-step';
import type { StepSpec } from '@/lib/model/step-spec';
import { makeStepSpec } from '../support/plan';
import { describeWith } from '../support/requirements';
import { newExecutionId, packageFiles } from './backend-contract';
import { watchStep } from './contract/contract-run';
import { createPackages } from './contract/package-content';
import { leftovers, openDockerHarness } from './docker-harness';

const installation = 'docker-ahead-test';

describeWith(['docker'], 'steps that Docker makes ready ahead', () => {
  const packages = createPackages();
  const packageDigest = packages.add(packageFiles);
  let harness: Awaited<ReturnType<typeof openDockerHarness>>;
  let docker: Docker;
  let backend: Backend;
  let opened: string[] = [];

  beforeAll(async () => {
    harness = await openDockerHarness(packages, installation);
    ({ docker, backend } = harness);
  });
  afterEach(async () => {
    for (const id of opened) await backend.closeEnvironment(id);
    opened = [];
  });
  afterAll(async () => {
    expect(await leftovers(docker, `${labelNames.installation}=${installation}`)).toEqual([]);
  });

  async function open(script: string, node: Partial<PlannedNode> = {}): Promise<StepSpec> {
    const executionId = newExecutionId();
    opened.push(executionId);
    await backend.openEnvironment({
      executionId,
      suiteId: 'ahead',
      profile: 'default',
      owner: 'first-owner',
      deadline: '2099-01-01T00:00:00.000Z',
      services: [],
    });
    const command = ['sh', '-c', script];
    return makeStepSpec({
      executionId,
      env: { GREETING: 'hello' },
      node: { id: 'step', image: toolboxImage, packageDigest, command, ...node },
    });
  }

  function prepare(step: StepSpec, stage: AheadStage, by = backend): Promise<PreparedStep> {
    if (!by.prepareStep) throw new Error('the backend prepares nothing');
    return by.prepareStep(step, { stage, signal: new AbortController().signal });
  }

  const look = (step: StepSpec) => docker.getContainer(attemptName(step)).inspect();
  const isGone = async (step: StepSpec) =>
    (await docker.listContainers({ all: true, filters: { name: [attemptName(step)] } })).length === 0;

  const allThatIsSeen = [
    'tr "\\0" "|" < /proc/1/cmdline; echo; cat /proc/1/comm; readlink /proc/1/exe',
    'id; pwd; readlink /proc/self/fd/0; grep flags /proc/self/fdinfo/0; grep -v -e ^Pid -e ctxt -e ^Vm -e ^Rss /proc/self/status | grep -e Sig[BIC] -e Cap -e Groups',
    'env | sort | grep -v -e HOSTNAME -e EXECUTION; cat | wc -c; ls -a /suite; umask; ulimit -a; cat /etc/resolv.conf',
    'echo to stderr >&2; exit 7',
  ].join('; ');

  test('a step that stands runs nothing before its release, and then as without', async () => {
    const plain = await open(allThatIsSeen);
    const expected = watchStep(backend, plain);
    const ended = await expected.outcome;
    const step = await open(allThatIsSeen);
    expect(await prepare(step, 'prepared')).toEqual({ stage: 'prepared', reason: null });
    expect((await look(step)).State.Status).toBe('created');
    expect(await prepare(step, 'standing')).toEqual({ stage: 'standing', reason: null });
    const { State } = await look(step);
    expect(State.Running).toBe(true);
    const { Processes } = await docker.getContainer(attemptName(step)).top();
    expect(Processes).toHaveLength(1);
    expect(await docker.getContainer(attemptName(step)).logs({ stdout: true, stderr: true })).toHaveLength(0);
    const watched = watchStep(backend, step);
    expect({ ...(await watched.outcome), endedAtMs: 0 }).toEqual({ ...ended, endedAtMs: 0 });
    expect(watched.texts('stdout')).toEqual(expected.texts('stdout'));
    expect(watched.texts('stderr')).toEqual(['to stderr']);
    // It is the container that stood.
    expect((await look(step)).State.StartedAt).toBe(State.StartedAt);
  });

  test('what is not needed is removed, never ran, and is counted in the receipt', async () => {
    const step = await open('echo ran');
    await prepare(step, 'standing');
    await backend.discardStep?.(step);
    expect(await isGone(step)).toBe(true);
    const { created, removed, left } = await backend.closeEnvironment(step.executionId);
    expect({ removed, left }).toEqual({ removed: created, left: [] });
    // Network, two volumes and the container.
    expect(created).toBe(4);
  });

  test('closing the environment waits for what is being made, and removes it', async () => {
    const step = await open('echo ran');
    const preparing = prepare(step, 'standing');
    await expect.poll(() => isGone(step), { timeout: 30_000, interval: 5 }).toBe(false);
    expect((await backend.closeEnvironment(step.executionId)).left).toEqual([]);
    await preparing;
    expect(await isGone(step)).toBe(true);
  });

  test('a step whose spec is another one by then runs in a container of its own', async () => {
    const step = await open('echo $GREETING');
    await prepare(step, 'standing');
    const { Id } = await look(step);
    const watched = watchStep(backend, { ...step, env: { GREETING: 'good morning' } });
    expect((await watched.outcome).exitCode).toBe(0);
    expect(watched.texts()).toEqual(['good morning']);
    expect((await look(step)).Id).not.toBe(Id);
  });

  test('a container that somebody killed while it stood, or removed, is made again', async () => {
    for (const harm of ['kill', 'remove'] as const) {
      const step = await open('echo ran');
      await prepare(step, 'standing');
      const container = docker.getContainer(attemptName(step));
      await (harm === 'kill' ? container.kill() : container.remove({ force: true }));
      const watched = watchStep(backend, step);
      expect((await watched.outcome).exitCode).toBe(0);
      expect(watched.texts()).toEqual(['ran']);
    }
  });

  test.each(['prepared', 'standing'] as const)(
    'an owner that comes after a crash makes what was %s anew, and never ran it',
    async (stage) => {
      const step = await open('echo ran; date +%s%N');
      await prepare(step, stage);
      const { Id } = await look(step);
      const next = harness.another();
      expect((await prepare(step, 'standing', next)).stage).toBe(null);
      const watched = watchStep(next, step);
      expect((await watched.outcome).exitCode).toBe(0);
      expect(watched.texts()[0]).toBe('ran');
      expect(watched.texts()).toHaveLength(2);
      expect((await look(step)).Id).not.toBe(Id);
    },
  );

  test.each(['prepared', 'standing'] as const)(
    'an owner that adopts an attempt releases what was %s',
    async (stage) => {
      const step = await open('echo ran; date +%s%N');
      await prepare(step, stage);
      const { Id } = await look(step);
      const watched = watchStep(harness.another(), step, { resumeAfter: { stdout: 0, stderr: 0 } });
      expect((await watched.outcome).exitCode).toBe(0);
      expect(watched.texts()[0]).toBe('ran');
      expect((await look(step)).Id).toBe(Id);
    },
  );

  test('a step that was released is not released again by who adopts it', async () => {
    const step = await open('echo ran; cat; sleep 2; echo still runs');
    await prepare(step, 'standing');
    const first = watchStep(backend, step);
    await first.until(({ lines }) => lines.length > 0);
    first.stop('detached');
    await first.outcome;
    const second = watchStep(harness.another(), step, { resumeAfter: { stdout: 1, stderr: 0 } });
    expect((await second.outcome).exitCode).toBe(0);
    expect(second.texts()).toEqual(['still runs']);
  });

  test('a step that is stopped before it is released runs nothing', async () => {
    const step = await open('echo ran');
    const preparing = prepare(step, 'standing');
    const watched = watchStep(backend, step);
    watched.stop('cancelled', 100);
    expect(await watched.outcome).toMatchObject({ ended: 'stopped', exitCode: null });
    await preparing;
    await expect.poll(() => isGone(step), { timeout: 30_000 }).toBe(true);
    expect(watched.texts('stdout')).toEqual([]);
  });

  test('what cannot be kept exactly behind the gate is prepared only, and says why', async () => {
    const healthCheck = { argv: ['true'], intervalMs: 1_000, timeoutMs: 1_000, retries: 1, startPeriodMs: 0 };
    const { container } = (await open('')).node;
    const cases: [Partial<PlannedNode>, RegExp][] = [
      [{ kind: 'service' }, /^others would find it by its name/],
      [{ container: { ...container, aliases: ['other'] } }, /^others would find it by its name/],
      [{ container: { ...container, healthCheck } }, /^its health check would run/],
      [{ command: null }, /^the image's own command/],
    ];
    for (const [node, reason] of cases) {
      const step = await open('echo ran', node);
      expect(await prepare(step, 'standing')).toEqual({
        stage: 'prepared',
        reason: expect.stringMatching(reason),
      });
      expect((await look(step)).State.Status).toBe('created');
    }
  });
});
