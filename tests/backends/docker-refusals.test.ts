import Docker from 'dockerode';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Backend } from '@/lib/backends/backend';
import { createDockerBackend } from '@/lib/backends/docker/docker-backend';
import { attemptName, environmentName, labelNames } from '@/lib/backends/labels';
import { buildToolbox, toolboxImage } from '@/lib/cli/toolbox';
import { systemClock } from '@/lib/clock';
import type { PlannedNode } from '@/lib/model/node';
import type { StepSpec } from '@/lib/model/step-spec';
import { makeStepSpec } from '../support/plan';
import { describeWith, engineName } from '../support/requirements';
import { newExecutionId, packageFiles } from './backend-contract';
import { watchStep } from './contract/contract-run';
import { createPackages } from './contract/package-content';
import { leftovers, quietLogger } from './docker-harness';
import { openFailingRegistry } from './failing-registry';
import { type EngineCall, type LyingEngine, openLyingEngine } from './lying-engine';

const installation = 'docker-refusals-test';

describeWith('docker', 'Docker, or a registry behind it, that says no', () => {
  const packages = createPackages();
  const packageDigest = packages.add(packageFiles);
  let daemon: LyingEngine;
  let backend: Backend;
  let opened: string[] = [];

  beforeEach(async () => {
    await buildToolbox({ docker: new Docker(), log: () => undefined });
    daemon = await openLyingEngine();
    const deps = { clock: systemClock, logger: quietLogger, openPackage: packages.openPackage };
    backend = createDockerBackend(deps, { id: 'local', installation, host: daemon.url });
    await backend.check();
  });
  afterEach(async () => {
    for (const id of opened) expect((await backend.closeEnvironment(id)).left).toEqual([]);
    opened = [];
    await daemon.close();
    expect(await leftovers(new Docker(), `${labelNames.installation}=${installation}`)).toEqual([]);
  });

  function namesOfCreated(): string[] {
    return daemon.calls.flatMap((call) => nameOfCreated(call) ?? []);
  }

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

  // Podman removes such a network, and then not the container that the test says is gone.
  const isPodman = engineName === 'Podman';
  const ofDocker = isPodman ? ' [skipped: Podman keeps no endpoints]' : '';
  test.skipIf(isPodman)(
    `a network that keeps the endpoint of what is gone is removed${ofDocker}`,
    async () => {
      const { executionId } = await open({});
      const docker = new Docker();
      const container = await docker.createContainer({
        Image: toolboxImage,
        Cmd: ['sleep', '600'],
        HostConfig: { NetworkMode: environmentName(executionId) },
      });
      try {
        await container.start();
        daemon.answer = ({ kind, url }) =>
          kind === 'GET /containers/ID/json' && url.includes(container.id) ? 404 : null;
        expect(await backend.closeEnvironment(executionId)).toEqual({ created: 1, removed: 1, left: [] });
      } finally {
        await container.remove({ force: true });
      }
    },
  );

  // Podman speaks TLS alone to a registry that its own configuration does not name.
  const why = isPodman ? ' [skipped: Podman takes no registry without TLS]' : '';
  test.skipIf(isPodman).each([
    {
      status: 429,
      body: { errors: [{ code: 'TOOMANYREQUESTS', message: 'You have reached your pull rate limit' }] },
      // The image store of containerd does not read the answer's body.
      said: /toomanyrequests: You have reached your pull rate limit|429 Too Many Requests/,
    },
    { status: 500, body: {}, said: /500 Internal Server Error/ },
  ])(
    `a registry that answers $status is asked again after a while, and what it says is the reason${why}`,
    async ({ status, body, said }) => {
      const registry = await openFailingRegistry();
      registry.answers = [{ status, body }];
      try {
        const image = `${registry.host}/team/image:1`;
        const watched = watchStep(backend, await open({ image }));
        const error: unknown = await watched.outcome.catch((reason: unknown) => reason);
        expect(error).toMatchObject({ code: 'image_missing', message: expect.stringMatching(said) });
        expect(error).toMatchObject({ message: expect.stringContaining(image) });
        const told = watched.lines.filter(({ stream }) => stream === 'system').map(({ text }) => text);
        expect(told.map((text) => /again in ([\d.]+) s/.exec(text)?.[1])).toEqual(['0.5', '2']);
        for (const text of told) expect(text).toMatch(said);
        // Each pull asks in one go; the pauses between them are those that were told.
        const pauses = registry.refusedAtMs
          .map((at, index) => at - (registry.refusedAtMs[index - 1] ?? at))
          .filter((ms) => ms > 400);
        expect(pauses).toHaveLength(2);
        expect(pauses[1]).toBeGreaterThan(1_900);
        expect(namesOfCreated()).toEqual([]);
      } finally {
        await registry.close();
      }
    },
  );

  test('a name that is taken for a moment is tried again', async () => {
    const step = await open({ image: toolboxImage });
    const asked = new Map<string, number>();
    daemon.answer = (call) => {
      const name = nameOfCreated(call);
      if (name === null) return null;
      asked.set(name, (asked.get(name) ?? 0) + 1);
      return (asked.get(name) ?? 0) <= 2 ? 409 : null;
    };
    expect(await watchStep(backend, step).outcome).toMatchObject({ ended: 'exited', exitCode: 0 });
    // The volumes with the package and the init process are filled by way of containers, too.
    expect([...asked.values()]).toEqual([3, 3, 3]);
  });

  test('a name that stays taken is an error with the words of the daemon', async () => {
    const step = await open({ image: toolboxImage });
    daemon.answer = (call) => (nameOfCreated(call) === attemptName(step) ? 409 : null);
    await expect(watchStep(backend, step).outcome).rejects.toMatchObject({
      code: 'backend_failed',
      message: expect.stringMatching(/could not make the container .*the test says 409/),
    });
    expect(namesOfCreated().filter((name) => name === attemptName(step))).toHaveLength(5);
  });
});

function nameOfCreated({ kind, url }: EngineCall): string | null {
  return kind === 'POST /containers/create' ? new URL(url, 'http://engine').searchParams.get('name') : null;
}
