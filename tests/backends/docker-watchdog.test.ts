import { randomBytes } from 'node:crypto';
import Docker from 'dockerode';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDockerBackend } from '@/lib/backends/docker/docker-backend';
import { environmentLabels } from '@/lib/backends/labels';
import { buildToolbox, toolboxImage } from '@/lib/cli/toolbox';
import { systemClock } from '@/lib/clock';
import { engineSocket } from '../support/engine-socket';
import { describeWith } from '../support/requirements';
import { leftovers, quietLogger } from './docker-harness';

describeWith('docker', 'the watchdog of an environment on Docker', () => {
  const docker = new Docker();
  const run = randomBytes(4).toString('hex');
  const installation = `watchdog-${run}`;
  const ids = [`late${run}`, `renewed${run}`];
  const foreignName = `gantry-late${run}-foreign`;
  const backend = createDockerBackend(
    {
      clock: systemClock,
      logger: quietLogger,
      openPackage: async () => {
        throw new Error('no packages here');
      },
    },
    { id: 'local', installation, watchdogSocket: engineSocket() },
  );

  const specOf = (executionId: string, leftMs: number) => ({
    ...{ executionId, suiteId: 'hello', profile: 'default', owner: 'gone', services: [] },
    deadline: new Date(Date.now() + leftMs).toISOString(),
  });

  beforeAll(() => buildToolbox({ docker, log: () => {} }), 120_000);
  afterAll(async () => {
    for (const id of ids) await backend.closeEnvironment(id);
    await docker.getContainer(foreignName).remove({ force: true });
  });

  /** Resolves when the watchdog has printed it. */
  async function untilSaid(executionId: string, words: string): Promise<void> {
    const stream = await docker
      .getContainer(`gantry-${executionId}-watchdog`)
      .logs({ follow: true, stdout: true, stderr: true });
    for await (const chunk of stream) if (String(chunk).includes(words)) return;
    throw new Error(`the watchdog ended without saying ${words}`);
  }

  test('removes everything of it after the deadline, itself last, and nothing else', async () => {
    const [id = ''] = ids;
    const environment = specOf(id, 1_500);
    await backend.openEnvironment(environment);
    const gone = docker.getContainer(`gantry-${id}-watchdog`).wait({ condition: 'removed' });
    const labels = environmentLabels(installation, environment);
    const step = { Image: toolboxImage, Entrypoint: ['node', '-e', 'setInterval(() => {}, 1000)'] };
    const container = await docker.createContainer({ ...step, name: `gantry-${id}-api-1`, Labels: labels });
    await container.start();
    await docker.createVolume({ Name: `gantry-${id}-package`, Labels: labels });
    await docker.createContainer({
      ...step,
      name: foreignName,
      Labels: environmentLabels(`${installation}-2`, environment),
    });
    await gone;
    expect(await leftovers(docker, `gantry.execution=${id}`)).toEqual([`/${foreignName}`]);
    expect(await backend.closeEnvironment(id)).toMatchObject({ left: [] });
  });

  test('waits for a deadline that was moved, and goes with its environment', async () => {
    const [, id = ''] = ids;
    await backend.openEnvironment(specOf(id, 3_600_000));
    await backend.openEnvironment(specOf(id, 3_600_000));
    await backend.renewEnvironment?.(id, '2099-01-01T00:00:00.000Z');
    await untilSaid(id, 'deadline 2099-01-01T00:00:00.000Z');
    expect(await backend.closeEnvironment(id)).toEqual({ created: 2, removed: 2, left: [] });
  });
});
