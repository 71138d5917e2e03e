import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from 'vitest';
import { createDockerBackend } from '@/lib/backends/docker/docker-backend';
import { attemptName } from '@/lib/backends/labels';
import { toolboxImage } from '@/lib/cli/toolbox';
import { systemClock } from '@/lib/clock';
import { type Hardening, hardening } from '@/lib/model/hardening';
import type { PlannedNode } from '@/lib/model/node';
import { buildImage } from '../support/build-image';
import { makePlan, makeStepSpec } from '../support/plan';
import { describeWith } from '../support/requirements';
import { newExecutionId, packageFiles } from './backend-contract';
import { watchStep } from './contract/contract-run';
import { createPackages } from './contract/package-content';
import { openDockerHarness, quietLogger } from './docker-harness';

const installation = 'docker-hardening-test';
const image = 'gantry-test/steps-down:1';
const packages = createPackages();
const packageDigest = packages.add(packageFiles);

function backendOf(level: Hardening) {
  return createDockerBackend(
    { clock: systemClock, logger: quietLogger, openPackage: packages.openPackage },
    { id: 'local', installation, hardening: level },
  );
}

/** The row of the table of docs/suites.md. */
function documented(level: Hardening): { given: string[]; mayAdd: string[] } {
  const docs = readFileSync(new URL('../../docs/suites.md', import.meta.url), 'utf8');
  const row = docs.split('\n').find((line) => line.startsWith(`| \`${level}\` `)) ?? '';
  const [given = '', mayAdd = ''] = row.split('|').slice(2, 4);
  const namesIn = (cell: string) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name ?? '').sort();
  return { given: namesIn(given), mayAdd: namesIn(mayAdd) };
}

describeWith('docker', 'The hardening of containers', () => {
  let harness: Awaited<ReturnType<typeof openDockerHarness>>;
  let opened: string[] = [];

  beforeAll(async () => {
    harness = await openDockerHarness(packages, installation);
    // As the entry points of database images do it: they own their data and go on as somebody else.
    await buildImage(
      harness.docker,
      image,
      `FROM ${toolboxImage}
VOLUME /data
ENTRYPOINT ["sh", "-c", "chown 1000:1000 /data && exec su user -c 'id -u; touch /data/mine; trap \\"echo bye; exit 0\\" TERM; while true; do sleep 0.1; done'"]`,
    );
  });
  afterEach(async () => {
    for (const id of opened) expect((await harness.backend.closeEnvironment(id)).left).toEqual([]);
    opened = [];
  });
  afterAll(() => harness.docker.getImage(image).remove({ force: true }));

  async function start(level: Hardening, node: Partial<PlannedNode>) {
    const executionId = newExecutionId();
    opened.push(executionId);
    const backend = backendOf(level);
    await backend.openEnvironment({
      executionId,
      suiteId: 'suite',
      profile: 'default',
      owner: 'owner',
      deadline: '2099-01-01T00:00:00.000Z',
      services: [],
    });
    const spec = makeStepSpec({
      executionId,
      node: { id: 'step', image: toolboxImage, packageDigest, ...node },
    });
    return { spec, watched: watchStep(backend, spec) };
  }

  async function hostConfigOf(level: Hardening, node: Partial<PlannedNode> = {}) {
    const { spec, watched } = await start(level, node);
    await watched.outcome;
    const { HostConfig } = await harness.docker.getContainer(attemptName(spec)).inspect();
    const added = (HostConfig.CapAdd ?? []).map((name: string) => name.replace(/^CAP_/, '')).sort();
    return { ...HostConfig, added };
  }

  test.each(hardening.options)('gives a step the capabilities that the docs name: %s', async (level) => {
    expect(await hostConfigOf(level)).toMatchObject({
      added: documented(level).given,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Privileged: false,
      Binds: null,
    });
  });

  test.each(hardening.options)('gives what a step may add, and nothing beyond: %s', async (level) => {
    const { given, mayAdd } = documented(level);
    const { added } = await hostConfigOf(level, { capabilities: mayAdd });
    expect(added).toEqual([...given, ...mayAdd].sort());
    const beyond = await start(level, { capabilities: ['SYS_ADMIN'] });
    await expect(beyond.watched.outcome).rejects.toMatchObject({ code: 'backend_failed' });
  });

  test('takes everything from a step that asks for none', async () => {
    expect((await hostConfigOf('standard', { capabilities: 'none' })).added).toEqual([]);
  });

  test('lets an image own its data and step down, stops it as its new user, and leaves no volume', async () => {
    const before = new Set(await anonymousVolumes());
    const { watched } = await start('standard', { image, command: null, kind: 'service' });
    await watched.until(() => watched.texts().includes('1000'));
    watched.stop('not_needed');
    expect(await watched.outcome).toMatchObject({ ended: 'stopped', exitCode: 0, reason: null });
    expect(watched.texts()).toEqual(['1000', 'bye']);
    for (const id of opened) await harness.backend.closeEnvironment(id);
    expect((await anonymousVolumes()).filter((name) => !before.has(name))).toEqual([]);
  });

  test('keeps such an image from running where it is strict, unless the step asks', async () => {
    const { watched } = await start('strict', { image, command: null });
    expect((await watched.outcome).exitCode).not.toBe(0);
    expect(watched.texts().join()).toMatch(/Operation not permitted/);
    const capabilities = ['CHOWN', 'SETUID', 'SETGID'];
    const asking = await start('strict', { image, command: null, kind: 'service', capabilities });
    await asking.watched.until(() => asking.watched.texts().includes('1000'));
    asking.watched.stop('not_needed');
    expect(await asking.watched.outcome).toMatchObject({ ended: 'stopped', exitCode: 0 });
  });

  async function anonymousVolumes(): Promise<string[]> {
    const { Volumes } = await harness.docker.listVolumes({ filters: { dangling: ['true'] } });
    return Volumes.map(({ Name }) => Name).filter((name) => /^[0-9a-f]{64}$/.test(name));
  }
});

describe('a plan that asks for more than its backend gives', () => {
  const plan = makePlan({ nodes: [{ id: 'ping', capabilities: ['NET_RAW'] }, { id: 'db' }] });

  it('is refused, with the step, the capability and those that there are', () => {
    expect(backendOf('standard').refuses?.(plan)).toBeNull();
    expect(backendOf('strict').refuses?.(plan)).toBe(
      'The hardening of the backend `local` is strict, and there a step may have CHOWN, DAC_OVERRIDE, FOWNER, SETUID, SETGID, NET_BIND_SERVICE, KILL at most: ping asks for NET_RAW. Take them out of `capabilities` or choose another backend.',
    );
  });
});
