import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import Docker from 'dockerode';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createDockerBackend } from '@/lib/backends/docker/docker-backend';
import { environmentLabels, labelNames } from '@/lib/backends/labels';
import { buildToolbox, toolboxImage } from '@/lib/cli/toolbox';
import { systemClock } from '@/lib/clock';
import { describeWith, engineName } from '../support/requirements';
import { leftovers, quietLogger } from './docker-harness';

const run = randomBytes(4).toString('hex');
const installation = `inventory-${run}`;
const environment = {
  executionId: `ours${run}`,
  suiteId: 'hello',
  profile: 'slow',
  owner: 'host-1',
  deadline: '2099-01-01T00:00:00.000Z',
};
const ours = { ...environmentLabels(installation, environment), [labelNames.step]: 'api' };

describeWith('docker', 'the inventory of a Docker daemon', () => {
  const docker = new Docker();
  const backend = createDockerBackend(
    {
      clock: systemClock,
      logger: quietLogger,
      openPackage: async () => {
        throw new Error('no packages here');
      },
    },
    { id: 'local', installation },
  );
  const foreign: Record<string, Record<string, string>> = {
    // Another Gantry's, with everything but the installation the same.
    second: { ...ours, [labelNames.installation]: `${installation}-2` },
    // Somebody who borrowed a label.
    borrowed: { [labelNames.execution]: environment.executionId },
    // Nothing but a name like ours.
    named: {},
  };

  async function start(name: string, labels: Record<string, string>, network = 'none') {
    const container = await docker.createContainer({
      name,
      Image: toolboxImage,
      Entrypoint: ['node', '-e', 'console.log("first\\nsecond\\nthird"); setInterval(() => {}, 1000)'],
      ExposedPorts: { '8080/tcp': {} },
      Labels: { ...labels, 'test.run': run },
      HostConfig: { Init: true, NetworkMode: network },
    });
    await container.start();
  }

  beforeAll(async () => {
    await buildToolbox({ docker, log: () => {} });
    await backend.openEnvironment({ ...environment, services: [] });
    await start(
      `gantry-${environment.executionId}-api-1`,
      { ...ours, [labelNames.ports]: '8080' },
      `gantry-${environment.executionId}`,
    );
    for (const [name, labels] of Object.entries(foreign)) {
      const marked = { ...labels, 'test.run': run };
      await start(`gantry-${environment.executionId}-${name}-1`, labels);
      await docker.createVolume({ Name: `gantry-${environment.executionId}-${name}`, Labels: marked });
    }
    await docker.createNetwork({
      Name: `gantry-${environment.executionId}-foreign`,
      IPAM: { Driver: 'default', Config: [{ Subnet: '10.214.250.0/26' }] },
      Labels: { ...foreign.second, 'test.run': run },
    });
  });

  afterAll(async () => {
    await backend.closeEnvironment(environment.executionId);
    const filters = { label: [`test.run=${run}`] };
    for (const { Id } of await docker.listContainers({ all: true, filters })) {
      await docker.getContainer(Id).remove({ force: true });
    }
    for (const { Id } of await docker.listNetworks({ filters })) await docker.getNetwork(Id).remove();
    for (const { Name } of (await docker.listVolumes({ filters })).Volumes)
      await docker.getVolume(Name).remove();
  });

  test('holds what is ours with all that a list tells, and nothing else', async () => {
    expect(await backend.listEnvironments()).toEqual([
      {
        ...environment,
        createdAt: expect.stringMatching(/^20/),
        resources: [
          expect.objectContaining({ kind: 'network', name: `gantry-${environment.executionId}` }),
          {
            kind: 'container',
            name: `gantry-${environment.executionId}-api-1`,
            stepId: 'api',
            state: 'running',
            image: toolboxImage,
            health: null,
            exitCode: null,
            createdAt: expect.stringMatching(/^20/),
            address: expect.stringMatching(/^10\./),
            ports: [8080],
            shell: `${engineName.toLowerCase()} exec -it gantry-${environment.executionId}-api-1 sh`,
          },
        ],
      },
    ]);
  });

  test('reads what a running container uses, and nothing of one that is not there', async () => {
    const name = `gantry-${environment.executionId}-api-1`;
    const filling = await docker
      .getContainer(name)
      .exec({ Cmd: ['dd', 'if=/dev/zero', 'of=/filling', 'bs=1M', 'count=8'], AttachStderr: true });
    for await (const _ of await filling.start({}));
    const reading = await backend.readUsage?.(environment.executionId, name);
    expect(reading?.memoryBytes).toBeGreaterThan(1_000_000);
    expect(reading?.cpuMs).toBeGreaterThan(1);
    // Told with a later reading than the one that has it measured.
    const filled = await vi.waitFor(
      async () => {
        const next = await backend.readUsage?.(environment.executionId, name);
        if ((next?.diskBytes ?? null) === null) throw new Error('no disk yet');
        return next;
      },
      { timeout: 60_000, interval: 200 },
    );
    expect(filled?.diskBytes).toBeGreaterThanOrEqual(8 * 1024 * 1024);
    expect(filled?.diskBytes).toBeLessThan(9 * 1024 * 1024);
    expect(await backend.readUsage?.(environment.executionId, 'gantry-nobody')).toBeNull();
  });

  test.each(['../images/json', `x/../gantry-${environment.executionId}-api-1`, 'a/json?all=1', '', 'a b'])(
    'has no container of the name %j, for logs and for commands',
    async (name) => {
      const missing = { code: 'not_found' };
      const { signal } = new AbortController();
      await expect(backend.readLastLines?.(environment.executionId, name, 10)).rejects.toMatchObject(missing);
      const call = backend.exec?.(environment.executionId, name, 'true', () => undefined, signal);
      await expect(call).rejects.toMatchObject(missing);
    },
  );

  /** What a command in our container printed and how it ended. */
  async function exec(command: string, signal = new AbortController().signal, onText = (_: string) => {}) {
    const printed = { stdout: '', stderr: '' };
    const name = `gantry-${environment.executionId}-api-1`;
    const result = await backend.exec?.(
      environment.executionId,
      name,
      command,
      ({ stream, text }) => {
        printed[stream] += text;
        onText(printed.stdout);
      },
      signal,
    );
    return { ...printed, ...result };
  }

  test('runs a command in a container, with both of its streams and its exit code', async () => {
    expect(await exec('echo "it is $((40 + 2))"; echo oh >&2; exit 3')).toEqual({
      stdout: 'it is 42\n',
      stderr: 'oh\n',
      exitCode: 3,
    });
  });

  test('ends a command and its children when nobody waits for it any more', async () => {
    const left = new AbortController();
    const ended = exec('sleep 4321 & echo up; wait', left.signal, (text) => {
      if (text.includes('up')) left.abort();
    });
    expect((await ended).exitCode).toBeNull();
    const isThere = async () => (await exec('ps | grep "[s]leep 4321"')).stdout !== '';
    while (await isThere());
  });

  test('leaves alone what a command has left running when it ended by itself', async () => {
    const ended = await exec('(sleep 5432 >/dev/null 2>&1 & echo $! >/tmp/left); echo well; exit 4');
    expect(ended).toEqual({ stdout: 'well\n', stderr: '', exitCode: 4 });
    expect((await exec('kill -0 $(cat /tmp/left) && kill $(cat /tmp/left) && echo there')).stdout).toBe(
      'there\n',
    );
  });

  test('tells how a command was killed, and says nothing of its own', async () => {
    expect(await exec('echo before; kill -KILL $$')).toEqual({
      stdout: 'before\n',
      stderr: '',
      exitCode: 137,
    });
  });

  test('ends a command whose runner was killed', async () => {
    const name = `gantry-${environment.executionId}-api-1`;
    const command = 'echo up; sleep 6543';
    const file = fileURLToPath(new URL('run-in-container.ts', import.meta.url));
    const runner = spawn(
      process.execPath,
      ['--import', 'tsx', file, installation, environment.executionId, name, command],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(runner.stdout, 'data');
    const isThere = async () => (await exec('ps | grep "[s]leep 6543"')).stdout !== '';
    expect(await isThere()).toBe(true);
    runner.kill('SIGKILL');
    while (await isThere());
  });

  test('runs nothing in what is not ours, and reads nothing of it', async () => {
    const foreignName = `gantry-${environment.executionId}-second-1`;
    const signal = new AbortController().signal;
    const refusal = { code: 'not_found' };
    const id = environment.executionId;
    await expect(backend.exec?.(id, foreignName, 'id', () => {}, signal)).rejects.toMatchObject(refusal);
    await expect(backend.readLastLines?.(id, foreignName, 10)).rejects.toMatchObject(refusal);
    await expect(
      backend.exec?.('another', `gantry-${id}-api-1`, 'id', () => {}, signal),
    ).rejects.toMatchObject(refusal);
  });

  test('reads the last lines that a container printed', async () => {
    expect(
      await backend.readLastLines?.(environment.executionId, `gantry-${environment.executionId}-api-1`, 2),
    ).toBe('second\nthird\n');
  });

  test('a removal spares what is foreign', async () => {
    const foreignBefore = await leftovers(docker, `test.run=${run}`);
    const receipt = await backend.closeEnvironment(environment.executionId);
    expect(receipt).toEqual({ created: 2, removed: 2, left: [] });
    const own = `gantry-${environment.executionId}-api-1`;
    const foreignAfter = await leftovers(docker, `test.run=${run}`);
    expect(foreignAfter.sort()).toEqual(foreignBefore.filter((name) => name !== `/${own}`).sort());
    expect(await backend.listEnvironments()).toEqual([]);
  });
});
