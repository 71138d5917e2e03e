import type Docker from 'dockerode';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createDockerBackend } from '@/lib/backends/docker/docker-backend';
import { attemptName, labelNames } from '@/lib/backends/labels';
import { toolboxImage } from '@/lib/cli/toolbox';
import { systemClock } from '@/lib/clock';
import type { PlannedNode } from '@/lib/model/node';
import type { StepSpec } from '@/lib/model/step-spec';
import { buildImage } from '../support/build-image';
import { makeStepSpec } from '../support/plan';
import { describeWith } from '../support/requirements';
import { newExecutionId, packageFiles } from './backend-contract';
import { watchStep } from './contract/contract-run';
import { createPackages } from './contract/package-content';
import { leftovers, openDockerHarness, quietLogger } from './docker-harness';

const installation = 'docker-backend-test';

describeWith(['docker'], 'The Docker backend', () => {
  const packages = createPackages();
  const packageDigest = packages.add(packageFiles);
  let harness: Awaited<ReturnType<typeof openDockerHarness>>;
  let docker: Docker;
  let opened: string[] = [];

  beforeAll(async () => {
    harness = await openDockerHarness(packages, installation);
    docker = harness.docker;
  });
  afterEach(async () => {
    for (const id of opened) {
      const receipt = await harness.backend.closeEnvironment(id);
      expect(receipt).toEqual({ created: receipt.created, removed: receipt.created, left: [] });
    }
    opened = [];
  });
  afterAll(async () => {
    expect(await leftovers(docker, `${labelNames.installation}=${installation}`)).toEqual([]);
  });

  async function open(node: Partial<PlannedNode> = {}, env: Record<string, string> = {}): Promise<StepSpec> {
    const executionId = newExecutionId();
    opened.push(executionId);
    await harness.backend.openEnvironment(environmentOf(executionId));
    return makeStepSpec({
      executionId,
      env,
      node: { id: 'step', image: toolboxImage, packageDigest, graceMs: 1_000, ...node },
    });
  }

  const run = (step: StepSpec, options?: Parameters<typeof watchStep>[2]) =>
    watchStep(harness.backend, step, options);
  const shell = (script: string) => ({ command: ['sh', '-c', script] });
  /** In the shell: Node's own pages count too, and a kernel that evicts and reads them in turn never comes to kill. */
  const hungry = 'x=0123456789abcdef; while :; do x=$x$x; done';

  test('a step that needs more than its memory limit has run out of memory, and says the limit', async () => {
    const step = await open({
      ...shell(hungry),
      resources: { cpu: null, memoryBytes: 16 * 2 ** 20, pids: null },
    });
    expect(await run(step).outcome).toEqual({
      ended: 'exited',
      endedAtMs: expect.any(Number),
      image: expect.objectContaining({ name: 'gantry/toolbox:local', platform: 'linux/amd64' }),
      exitCode: 137,
      signal: 'SIGKILL',
      oomKilled: true,
      reason: 'out of memory: limit 16 MiB',
      warnings: [],
    });
  });

  test('a child that runs out of memory in a step that ends well is a warning', async () => {
    const step = await open({
      ...shell(`(${hungry}) || echo went on; exit 0`),
      resources: { cpu: null, memoryBytes: 32 * 2 ** 20, pids: null },
    });
    const watched = run(step);
    const outcome = await watched.outcome;
    expect(outcome).toMatchObject({ exitCode: 0, oomKilled: false, reason: null });
    expect(outcome.warnings.join()).toContain('limit 32 MiB');
    expect(watched.texts('stdout')).toEqual(['went on']);
  });

  test('a fork bomb meets the limit of processes', async () => {
    const bomb = `
      const { spawn } = require('child_process');
      let refused = 0;
      const children = Array.from({ length: 200 }, () => spawn('sleep', ['60']).on('error', () => { refused += 1; }));
      setImmediate(() => console.log(children.filter(({ pid }) => pid).length + ' ' + refused));`;
    const step = await open({
      command: ['node', '-e', bomb],
      resources: { cpu: null, memoryBytes: null, pids: 40 },
    });
    const watched = run(step);
    await watched.until(({ lines }) => lines.length > 0);
    const [started = 0, refused = 0] = (watched.texts()[0] ?? '').split(' ').map(Number);
    expect(started).toBeLessThan(40);
    expect(started + refused).toBe(200);
    watched.stop('cancelled', 200);
    expect((await watched.outcome).ended).toBe('stopped');
  });

  test('what a step can see of its walls', async () => {
    const step = await open(
      shell(`
        grep -E 'CapEff|CapBnd|NoNewPrivs' /proc/self/status
        id -u
        touch /suite/new 2>/dev/null && echo wrote into the package
        ls /var/run/docker.sock 2>/dev/null
        grep -c -E ' /(suite|gantry/artifacts) ' /proc/self/mounts
        touch "$GANTRY_ARTIFACTS/file" && echo wrote an artifact
        mount -t tmpfs none /mnt 2>/dev/null && echo mounted`),
    );
    const watched = run(step);
    await watched.outcome;
    expect(watched.texts().map((line) => line.replaceAll('\t', ' '))).toEqual([
      'CapEff: 00000000000405fb',
      'CapBnd: 00000000000405fb',
      'NoNewPrivs: 1',
      '0',
      '2',
      'wrote an artifact',
    ]);
    const [found] = await docker.listContainers({ all: true, filters: { name: [attemptName(step)] } });
    const { HostConfig, Mounts } = await docker.getContainer(found?.Id ?? '').inspect();
    expect(HostConfig).toMatchObject({ Privileged: false, PidsLimit: 512, PortBindings: {} });
    expect(Mounts.filter(({ Type }) => Type === 'bind')).toEqual([]);
  });

  test('a capability within the container is given, one beyond it is refused', async () => {
    const step = await open({
      ...shell('grep CapEff /proc/self/status; chown 1000 /tmp && echo chowned'),
      capabilities: ['cap_chown'],
    });
    const watched = run(step);
    await watched.outcome;
    expect(watched.texts().at(-1)).toBe('chowned');
    for (const capability of ['SYS_ADMIN', 'ALL', 'cap_net_admin']) {
      const refused = run({ ...step, attempt: 2, node: { ...step.node, capabilities: [capability] } });
      await expect(refused.outcome).rejects.toMatchObject({ code: 'backend_failed' });
    }
  });

  test('an ordinary user of the container opens port 80, as with the usual settings of Docker', async () => {
    const image = 'gantry/docker-backend-test-user:1';
    await buildImage(docker, image, `FROM ${toolboxImage}\nUSER 10101:10101\n`);
    try {
      const listen = `require('net').createServer().listen(80, () => { console.log('open'); process.exit(0); })`;
      const watched = run(await open({ image, command: ['node', '-e', listen] }));
      expect(await watched.outcome).toMatchObject({ ended: 'exited', exitCode: 0 });
      expect(watched.texts()).toEqual(['open']);
    } finally {
      await docker.getImage(image).remove({ force: true });
    }
  });

  test('an ordinary user of the container can read the package', async () => {
    const step = await open({
      ...shell('setpriv --help >/dev/null 2>&1; stat -c "%a %n" /suite /suite/bin /suite/bin/tool.sh'),
    });
    const watched = run(step);
    await watched.outcome;
    expect(watched.texts()).toEqual(['755 /suite', '755 /suite/bin', '755 /suite/bin/tool.sh']);
  });

  test('a container that only was created is started by who comes back', async () => {
    const step = await open(shell('echo once'));
    const stopped = new AbortController();
    const first = run(step, { signal: stopped });
    await first.outcome;
    await docker.getContainer(attemptName(step)).remove();
    const { id } = await docker.createContainer({
      name: attemptName(step),
      Image: toolboxImage,
      Cmd: ['sh', '-c', 'echo found'],
      Labels: {
        [labelNames.installation]: installation,
        [labelNames.execution]: step.executionId,
        [labelNames.step]: step.stepId,
        [labelNames.attempt]: '1',
      },
    });
    const second = watchStep(harness.another(), step, { resumeAfter: { stdout: 0, stderr: 0 } });
    expect(await second.outcome).toMatchObject({ ended: 'exited', exitCode: 0 });
    expect(second.texts()).toEqual(['found']);
    expect((await docker.getContainer(attemptName(step)).inspect()).Id).toBe(id);
  });

  test('a container of the same name that is not ours is left alone', async () => {
    const step = await open(shell('true'));
    const foreign = await docker.createContainer({
      name: attemptName(step),
      Image: toolboxImage,
      Cmd: ['true'],
    });
    try {
      await expect(run(step).outcome).rejects.toMatchObject({
        code: 'backend_failed',
        message: expect.stringContaining('not ours'),
      });
      await harness.backend.closeEnvironment(step.executionId);
      expect((await foreign.inspect()).State.Status).toBe('created');
    } finally {
      await foreign.remove();
    }
  });

  test('a container that somebody removed while it ran is an error of the backend', async () => {
    const step = await open(shell('echo up; sleep 60'));
    const watched = run(step);
    await watched.until(({ lines }) => lines.length > 0);
    await docker.getContainer(attemptName(step)).remove({ force: true });
    await expect(watched.outcome).rejects.toMatchObject({ code: 'backend_failed' });
  });

  test('a working folder that is not there says so', async () => {
    const step = await open({ ...shell('pwd'), cwd: 'no/such/folder' });
    await expect(run(step).outcome).rejects.toThrow(
      'the working folder /suite/no/such/folder is neither in the image nor in the package',
    );
    const inside = run({ ...step, attempt: 2, node: { ...step.node, cwd: 'bin' } });
    await inside.outcome;
    expect(inside.texts()).toEqual(['/suite/bin']);
  });

  test('an image that no registry has says what the registry said', async () => {
    const step = await open({ image: 'localhost:1/no/such:image', pull: 'missing' });
    const watched = run(step);
    await expect(watched.outcome).rejects.toMatchObject({
      code: 'image_missing',
      message: expect.stringMatching(/localhost:1\/no\/such:image is not there: .*refused/),
    });
    expect(watched.texts('system').join('\n')).toContain('again in');
  });

  test('an environment of another installation is neither seen nor closed', async () => {
    const step = await open(shell('true'));
    await run(step).outcome;
    const other = createDockerBackend(
      { clock: systemClock, logger: quietLogger, openPackage: packages.openPackage },
      { id: 'local', installation: 'another-installation' },
    );
    expect(await other.listEnvironments()).toEqual([]);
    expect(await other.closeEnvironment(step.executionId)).toEqual({ created: 0, removed: 0, left: [] });
    expect(await harness.leftovers(step.executionId)).toHaveLength(4);
    await expect(other.openEnvironment(environmentOf(step.executionId))).rejects.toMatchObject({
      code: 'backend_failed',
    });
  });

  test('the receipt counts what was made', async () => {
    const step = await open(shell('true'));
    await run(step).outcome;
    await run({ ...step, attempt: 2 }).outcome;
    expect(await harness.backend.closeEnvironment(step.executionId)).toEqual({
      created: 5,
      removed: 5,
      left: [],
    });
  });
});

function environmentOf(executionId: string) {
  return {
    executionId,
    suiteId: 'suite',
    profile: 'default',
    owner: 'owner',
    deadline: '2099-01-01T00:00:00.000Z',
    services: [],
  };
}
