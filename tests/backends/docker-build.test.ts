import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createKubernetesBackend } from '@/lib/backends/kubernetes/kubernetes-backend';
import { explainRefusal } from '@/lib/backends/process/can-run-on-process';
import { toolboxImage } from '@/lib/cli/toolbox';
import { systemClock } from '@/lib/clock';
import type { ImageBuild } from '@/lib/model/image-build';
import type { PlannedNode } from '@/lib/model/node';
import { makePlan, makeStepSpec } from '../support/plan';
import { describeWith, engineName } from '../support/requirements';
import { newExecutionId } from './backend-contract';
import { watchStep } from './contract/contract-run';
import { createPackages } from './contract/package-content';
import { openDockerHarness, quietLogger } from './docker-harness';

const installation = 'docker-build-test';
const stamp = newExecutionId();
const packages = createPackages();
const build: ImageBuild = {
  context: 'app',
  dockerfile: 'app/Dockerfile',
  inline: null,
  target: null,
  args: {},
};
const dockerfile = `FROM ${toolboxImage} AS base
ARG WHO=nobody
COPY greeting.txt /greeting.txt
FROM base AS debug
CMD ["echo", "debug"]
FROM base
# Podman 5.4.2 does not take over what the stage before has declared.
ARG WHO=nobody
ENV WHO=$WHO
CMD ["sh", "-c", "echo $(cat /greeting.txt) $WHO"]
`;
const sourcesOf = (greeting: string, more: Record<string, string> = {}) =>
  packages.add(
    Object.entries({ 'app/Dockerfile': dockerfile, 'app/greeting.txt': greeting, ...more }).map(
      ([path, content]) => ({ path, content }),
    ),
  );
const packageDigest = sourcesOf(`hello ${stamp}`);

describeWith('docker', 'A step that builds its image', () => {
  let harness: Awaited<ReturnType<typeof openDockerHarness>>;
  let opened: string[] = [];

  beforeAll(async () => {
    harness = await openDockerHarness(packages, installation);
  });
  afterEach(async () => {
    for (const id of opened) expect((await harness.backend.closeEnvironment(id)).left).toEqual([]);
    opened = [];
  });
  afterAll(async () => {
    const filters = { label: [`gantry.installation=${installation}`] };
    for (const { Id } of await harness.docker.listImages({ filters }))
      await harness.docker.getImage(Id).remove({ force: true });
  });

  async function start(node: Partial<PlannedNode> = {}) {
    const executionId = newExecutionId();
    opened.push(executionId);
    await harness.backend.openEnvironment({
      executionId,
      suiteId: 'suite',
      profile: 'default',
      owner: 'owner',
      deadline: '2099-01-01T00:00:00.000Z',
      services: [],
    });
    const step = { id: 'step', image: null, build, packageDigest, command: null, ...node };
    return watchStep(harness.backend, makeStepSpec({ executionId, node: step }));
  }
  const printed = ({ lines }: Awaited<ReturnType<typeof start>>) =>
    lines.filter(({ stream }) => stream === 'stdout').map(({ text }) => text);
  const told = ({ lines }: Awaited<ReturnType<typeof start>>) =>
    lines.filter(({ stream }) => stream === 'system').map(({ text }) => text);

  it('runs what the Dockerfile makes of its package, and builds the same only once', async () => {
    const first = await start();
    const outcome = await first.outcome;
    expect(outcome).toMatchObject({ exitCode: 0, image: { name: expect.stringMatching(/gantry\/build:/) } });
    expect(printed(first)).toEqual([`hello ${stamp} nobody`]);
    expect(told(first)).toEqual(expect.arrayContaining([expect.stringMatching(/^built gantry\/build:/)]));
    // A file outside of the context decides nothing.
    const again = await start({ packageDigest: sourcesOf(`hello ${stamp}`, { 'other.txt': 'x' }) });
    await again.outcome;
    expect(printed(again)).toEqual([`hello ${stamp} nobody`]);
    expect(told(again)).toContainEqual(expect.stringMatching(/^the image is built already: gantry\/build:/));
  });

  it('takes the stage and the arguments that are asked for', async () => {
    const [debug, greeted] = await Promise.all([
      start({ build: { ...build, target: 'debug' } }),
      start({ build: { ...build, args: { WHO: 'Ada' } } }),
    ]);
    await Promise.all([debug.outcome, greeted.outcome]);
    expect(printed(debug)).toEqual(['debug']);
    expect(printed(greeted)).toEqual([`hello ${stamp} Ada`]);
  });

  it('builds once for steps that start at the same time', async () => {
    const digest = sourcesOf(`together ${stamp}`);
    const steps = await Promise.all([1, 2, 3].map(() => start({ packageDigest: digest })));
    await Promise.all(steps.map(({ outcome }) => outcome));
    expect(steps.map(printed)).toEqual(Array.from({ length: 3 }, () => [`together ${stamp} nobody`]));
    const made = steps.flatMap(told).filter((line) => line.startsWith('built '));
    // Each that waited hears of it; nobody else built it.
    expect(new Set(made.map((line) => line.replace(/.* in /, ''))).size).toBe(1);
  });

  it('says why a build failed', async () => {
    const inline = `FROM ${toolboxImage}\nCOPY no-such-file.txt /`;
    const step = await start({ build: { ...build, dockerfile: null, inline } });
    await expect(step.outcome).rejects.toThrow(
      /^The image of the Dockerfile of the suite could not be built: .*no-such-file\.txt/s,
    );
  });

  it.skipIf(engineName === 'Podman')('keeps what a build printed last, before it failed', async () => {
    const inline = `FROM ${toolboxImage}\nRUN echo ${stamp}; echo "it is this" >&2; exit 3`;
    const step = await start({ build: { ...build, dockerfile: null, inline } });
    await expect(step.outcome).rejects.toThrow('exit code: 3');
    expect(told(step)).toEqual(expect.arrayContaining([stamp, 'it is this']));
  });

  it('names the image that its Dockerfile begins with where that is missing', async () => {
    const inline = 'FROM gantry-test/there-is-no-such-image:1';
    const step = await start({ pull: 'never', build: { ...build, dockerfile: null, inline } });
    await expect(step.outcome).rejects.toThrow('The image gantry-test/there-is-no-such-image:1 is not there');
  });
});

describe('A step that builds its image elsewhere', () => {
  const plan = makePlan({ nodes: [{ id: 'step', image: null, build }] });

  it('is refused by a cluster and by a machine without containers', () => {
    const deps = { clock: systemClock, logger: quietLogger, openPackage: packages.openPackage };
    const cluster = createKubernetesBackend(deps, { id: 'cluster', installation, settings: null });
    expect(cluster.refuses?.(plan)).toMatch(
      /^Kubernetes does not have these keys of steps: step \(`build`\)/,
    );
    expect(explainRefusal(plan.nodes)).toBe(
      'This step cannot run as a process of this machine: step (builds its image). Choose a backend with containers.',
    );
  });
});
