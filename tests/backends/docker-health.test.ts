import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { toolboxImage } from '@/lib/cli/toolbox';
import { noContainerOptions } from '@/lib/model/container-options';
import { buildImage } from '../support/build-image';
import { makeStepSpec } from '../support/plan';
import { describeWith } from '../support/requirements';
import { newExecutionId, packageFiles } from './backend-contract';
import { watchStep } from './contract/contract-run';
import { createPackages } from './contract/package-content';
import { openDockerHarness } from './docker-harness';

const image = 'gantry-test/health:1';

describeWith('docker', 'The health check of an image', () => {
  const packages = createPackages();
  const packageDigest = packages.add(packageFiles);
  let harness: Awaited<ReturnType<typeof openDockerHarness>>;
  let opened: string[] = [];

  beforeAll(async () => {
    harness = await openDockerHarness(packages, 'docker-health-test');
    await buildImage(
      harness.docker,
      image,
      `FROM ${toolboxImage}
HEALTHCHECK --interval=1s --timeout=2s --start-period=20s --retries=1 CMD [ -f /tmp/warm ]
CMD ["sh", "-c", "sleep 2; touch /tmp/warm; trap 'exit 0' TERM; while true; do sleep 0.1; done"]`,
    );
  });
  afterEach(async () => {
    for (const id of opened) expect((await harness.backend.closeEnvironment(id)).left).toEqual([]);
    opened = [];
  });
  afterAll(() => harness.docker.getImage(image).remove({ force: true }));

  async function run(of: string, container = noContainerOptions) {
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
    const rule = { forMs: 0, intervalMs: 100, timeoutMs: 20_000 };
    const ready = { probes: [{ type: 'healthcheck' as const }], ...rule };
    const command = of === image ? null : ['sleep', '60'];
    const node = {
      id: 'step',
      kind: 'service' as const,
      image: of,
      packageDigest,
      command,
      ready,
      container,
    };
    return watchStep(harness.backend, makeStepSpec({ executionId, node }));
  }

  test('makes a service ready once it passes, although it failed while it started', async () => {
    const watched = await run(image);
    const startedMs = performance.now();
    await watched.until(({ calls }) => calls.includes('ready'));
    expect(performance.now() - startedMs).toBeGreaterThan(1_500);
    watched.stop('not_needed');
    expect((await watched.outcome).ended).toBe('stopped');
  });

  test('gives way to one of the step', async () => {
    const healthCheck = {
      argv: ['sh', '-c', 'test -f /suite/hello.txt && touch /tmp/checked'],
      intervalMs: 500,
      timeoutMs: 5_000,
      retries: 1,
      startPeriodMs: 0,
    };
    const watched = await run(toolboxImage, { ...noContainerOptions, healthCheck });
    await watched.until(({ calls }) => calls.includes('ready'));
    watched.stop('not_needed');
    expect((await watched.outcome).ended).toBe('stopped');
    const never = { ...healthCheck, argv: ['sh', '-c', 'echo cold; exit 1'] };
    const failing = await run(image, { ...noContainerOptions, healthCheck: never });
    await failing.until(({ texts }) => texts('system').some((text) => text.includes('unhealthy: cold')));
    failing.stop('not_needed');
    expect((await failing.outcome).ended).toBe('stopped');
  });

  test('is missed at once where the image has none', async () => {
    const startedMs = performance.now();
    const outcome = await (await run(toolboxImage)).outcome;
    expect(outcome).toMatchObject({
      ended: 'not_ready',
      reason: 'not ready: health check: neither the step nor its image has one',
    });
    expect(performance.now() - startedMs).toBeLessThan(60_000);
  });
});
