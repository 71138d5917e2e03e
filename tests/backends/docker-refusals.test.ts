import Docker from 'dockerode';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Backend } from '@/lib/backends/backend';
import { createDockerBackend } from '@/lib/backends/docker/docker-backend';
import { attemptName, labelNames } from '@/lib/backends/labels';
import { buildToolbox, toolboxImage } from '@/lib/cli/toolbox';
import { systemClock } from '@/lib/clock';
import type { PlannedNode } from '@/lib/model/node';
import type { StepSpec } from '@/lib/model/step-spec';
import { makeStepSpec } from '../support/plan';
import { describeWith } from '../support/requirements';
import { newExecutionId, packageFiles } from './backend-contract';
import { watchStep } from './contract/contract-run';
import { createPackages } from './contract/package-content';
import { leftovers, quietLogger } from './docker-harness';
import { openFailingRegistry } from './failing-registry';
import { openRefusingDocker, type RefusingDocker } from './refusing-docker';

const installation = 'docker-refusals-test';

describeWith('docker', 'Docker, or a registry behind it, that says no', () => {
  const packages = createPackages();
  const packageDigest = packages.add(packageFiles);
  const usual = process.env.DOCKER_HOST;
  let daemon: RefusingDocker;
  let backend: Backend;
  let opened: string[] = [];

  beforeEach(async () => {
    await buildToolbox({ docker: new Docker(), log: () => undefined });
    daemon = await openRefusingDocker();
    process.env.DOCKER_HOST = daemon.url;
    const deps = { clock: systemClock, logger: quietLogger, openPackage: packages.openPackage };
    backend = createDockerBackend(deps, { id: 'local', installation });
    await backend.check();
  });
  afterEach(async () => {
    for (const id of opened) expect((await backend.closeEnvironment(id)).left).toEqual([]);
    opened = [];
    await daemon.close();
    if (usual === undefined) delete process.env.DOCKER_HOST;
    else process.env.DOCKER_HOST = usual;
    expect(await leftovers(new Docker(), `${labelNames.installation}=${installation}`)).toEqual([]);
  });

  async function open(node: Partial<PlannedNode>): Promise<StepSpec> {
    const executionId = newExecutionId();
    opened.push(executionId);
    await backend.openEnvironment({
      executionId,
      suiteId: 'suite',
      profile: 'default',
      owner: 'owner',
      deadline: '2099-01-01T00:00:00.000Z',
      services: [],
    });
    return makeStepSpec({ executionId, node: { id: 'step', packageDigest, command: ['true'], ...node } });
  }

  test.each([
    {
      status: 429,
      body: { errors: [{ code: 'TOOMANYREQUESTS', message: 'You have reached your pull rate limit' }] },
      said: 'toomanyrequests: You have reached your pull rate limit',
    },
    { status: 500, body: {}, said: '500 Internal Server Error' },
  ])(
    'a registry that answers $status is asked again after a while, and what it says is the reason',
    async ({ status, body, said }) => {
      const registry = await openFailingRegistry();
      registry.answers = [{ status, body }];
      try {
        const image = `${registry.host}/team/image:1`;
        const watched = watchStep(backend, await open({ image }));
        const error: unknown = await watched.outcome.catch((reason: unknown) => reason);
        expect(error).toMatchObject({ code: 'image_missing', message: expect.stringContaining(said) });
        expect(error).toMatchObject({ message: expect.stringContaining(image) });
        const told = watched.lines.filter(({ stream }) => stream === 'system').map(({ text }) => text);
        expect(told.map((text) => /again in ([\d.]+) s/.exec(text)?.[1])).toEqual(['0.5', '2']);
        for (const text of told) expect(text).toContain(said);
        // Each pull asks in one go; the pauses between them are those that were told.
        const pauses = registry.refusedAtMs
          .map((at, index) => at - (registry.refusedAtMs[index - 1] ?? at))
          .filter((ms) => ms > 400);
        expect(pauses).toHaveLength(2);
        expect(pauses[1]).toBeGreaterThan(1_900);
        expect(daemon.asked).toEqual([]);
      } finally {
        await registry.close();
      }
    },
  );

  test('a name that is taken for a moment is tried again', async () => {
    const step = await open({ image: toolboxImage });
    const asked = new Map<string, number>();
    daemon.refuses = (name) => {
      asked.set(name, (asked.get(name) ?? 0) + 1);
      return (asked.get(name) ?? 0) <= 2;
    };
    expect(await watchStep(backend, step).outcome).toMatchObject({ ended: 'exited', exitCode: 0 });
    // The package's volume is filled by way of a container, too.
    expect([...asked.values()]).toEqual([3, 3]);
  });

  test('a name that stays taken is an error with the words of the daemon', async () => {
    const step = await open({ image: toolboxImage });
    daemon.refuses = (name) => name === attemptName(step);
    await expect(watchStep(backend, step).outcome).rejects.toMatchObject({
      code: 'backend_failed',
      message: expect.stringMatching(/could not make the container .* already in use/),
    });
    expect(daemon.asked.filter((name) => name === attemptName(step))).toHaveLength(5);
  });
});
