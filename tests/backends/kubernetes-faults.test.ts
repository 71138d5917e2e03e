import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { selectorOf, selectorText } from '@/lib/backends/kubernetes/names';
import type { KubeconfigSource } from '@/lib/model/kubernetes-settings';
import type { StepSpec } from '@/lib/model/step-spec';
import { type BreakableProxy, openBreakableProxy } from '../support/breakable-proxy';
import { describeWith } from '../support/requirements';
import { watchStep } from './contract/contract-run';
import { openFailingRegistry } from './failing-registry';
import { leftovers, testKubeconfig } from './kubernetes-harness';
import { type KubernetesSteps, openKubernetesSteps } from './kubernetes-steps';

// Ten pods at a time on a machine of two cores.
vi.setConfig({ testTimeout: 180_000 });

const installation = 'faults-test';
const forever = `console.log('up'); setInterval(() => {}, 1000);`;

describeWith(['docker', 'kubernetes'], 'what goes wrong in a cluster is said in its own words', () => {
  let steps: KubernetesSteps;
  beforeAll(async () => {
    steps = await openKubernetesSteps(installation, { schedulingSeconds: 2 });
  });
  afterAll(async () => {
    const { cluster } = steps.harness;
    expect(await leftovers(cluster, selectorText(selectorOf(installation)))).toEqual([]);
  });

  async function close({ executionId }: StepSpec): Promise<void> {
    expect((await steps.harness.backend.closeEnvironment(executionId)).left).toEqual([]);
  }

  test.concurrent('a step that runs out of memory has failed for it, with its limit', async () => {
    const eats = `const kept = []; for (;;) kept.push(Buffer.alloc(4_000_000, 1));`;
    const { step, watched } = await steps.start(eats, {
      node: { resources: { cpu: null, memoryBytes: 64 * 1024 * 1024, pids: null } },
    });
    expect(await watched.outcome).toMatchObject({
      ended: 'exited',
      exitCode: 137,
      oomKilled: true,
      reason: 'out of memory: limit 64 MiB',
    });
    await close(step);
  });

  test.concurrent('a pod that no node takes ends the step with the words of the scheduler', async () => {
    const { step, watched } = await steps.start(forever, {
      node: { resources: { cpu: 1_000, memoryBytes: null, pids: null } },
    });
    await expect(watched.outcome).rejects.toMatchObject({
      code: 'backend_failed',
      message: expect.stringMatching(/No node of the cluster took step step within 2 s: .*Insufficient cpu/),
    });
    await close(step);
  });

  test.concurrent('a pod that somebody deletes ends the step within seconds', async () => {
    const { step, watched } = await steps.start(forever);
    await watched.until(({ lines }) => lines.length > 0);
    await steps.harness.cluster.request('delete a pod', steps.podPath(step), {
      method: 'DELETE',
      query: { gracePeriodSeconds: 1 },
    });
    await expect(watched.outcome).rejects.toMatchObject({
      code: 'backend_failed',
      message: 'The pod of step step was deleted by somebody while it ran.',
    });
    await close(step);
  });

  test.concurrent('a namespace that somebody deletes ends its steps, and later ones cannot start', async () => {
    const { step, watched } = await steps.start(forever);
    await watched.until(({ lines }) => lines.length > 0);
    const { executionId } = step;
    await steps.harness.cluster.request('delete a namespace', `/api/v1/namespaces/gantry-${executionId}`, {
      method: 'DELETE',
    });
    await expect(watched.outcome).rejects.toThrow('was deleted by somebody while it ran');
    await expect(
      steps.harness.backend.openEnvironment({
        executionId,
        suiteId: 'faults',
        profile: 'default',
        owner: 'test',
        deadline: step.deadline,
        services: [],
      }),
    ).rejects.toThrow('is being deleted by somebody');
    await close(step);
  });

  test.concurrent('a folder that cannot be the working directory is named', async () => {
    const { step, watched } = await steps.start(forever, { node: { cwd: 'hello.txt' } });
    await expect(watched.outcome).rejects.toMatchObject({
      code: 'backend_failed',
      message: 'Step step: the working folder /suite/hello.txt is not a folder. Correct `cwd`.',
    });
    await close(step);
  });

  test.concurrent('an API server that is away for a while costs no line and no step', async ({ expect }) => {
    const { proxy, kubeconfig } = await proxiedCluster();
    const cut = await openKubernetesSteps(installation, { kubeconfig });
    try {
      const { step, watched } = await cut.start(`
        let i = 0;
        const timer = setInterval(() => {
          console.log('line ' + i);
          console.error('error ' + i);
          if (++i === 300) { clearInterval(timer); process.exitCode = 4; }
        }, 10);`);
      await watched.until(({ lines }) => lines.length >= 30);
      await proxy.breakOff();
      const { cluster } = steps.harness;
      const isOver = async () =>
        JSON.stringify(await cluster.request('look', cut.podPath(step))).includes('"exitCode":4');
      await expect.poll(isOver, { timeout: 60_000 }).toBe(true);
      await proxy.mend();
      expect(await watched.outcome).toMatchObject({ ended: 'exited', exitCode: 4 });
      const numbers = Array.from({ length: 300 }, (_, i) => i);
      expect(watched.texts('stdout')).toEqual(numbers.map((i) => `line ${i}`));
      expect(watched.texts('stderr')).toEqual(numbers.map((i) => `error ${i}`));
      await close(step);
    } finally {
      await proxy.close();
    }
  });

  test.concurrent('an image that no registry has is missing', async () => {
    const { step, watched } = await steps.start(forever, { node: { image: 'localhost:1/none:1' } });
    await expect(watched.outcome).rejects.toMatchObject({
      code: 'image_missing',
      message: expect.stringContaining('localhost:1/none:1'),
    });
    await close(step);
  });

  // A node with a network of its own does not reach the registry of this test, which listens on the loopback.
  const hasOwnNetwork = process.env.GANTRY_TEST_LOAD_IMAGE !== undefined;
  test.skipIf(hasOwnNetwork)(
    'a pinned image that its registry has no more gives way to its name, which is a warning',
    {
      concurrent: true,
    },
    async ({ onTestFinished }) => {
      const registry = await openFailingRegistry();
      onTestFinished(registry.close);
      registry.answers = [{ status: 404, body: { errors: [{ code: 'MANIFEST_UNKNOWN' }] } }];
      const image = `${registry.host}/none@sha256:${'a'.repeat(64)}`;
      const node = { image, command: ['/bin/busybox', 'echo', 'ran'] };
      const step = { ...(await steps.open('', { node })), namedImage: steps.harness.image ?? '' };
      const watched = watchStep(steps.harness.backend, step);
      expect(await watched.outcome).toMatchObject({
        exitCode: 0,
        image: { name: steps.harness.image },
        warnings: [
          expect.stringMatching(
            /^It runs \S+ as that is now, for the image of the run before cannot be had: .*\/none@/,
          ),
        ],
      });
      expect(watched.texts('stdout')).toEqual(['ran']);
      await close(step);
    },
  );
});

/** The test cluster behind a proxy that can fail. */
async function proxiedCluster(): Promise<{ proxy: BreakableProxy; kubeconfig: KubeconfigSource }> {
  const config = new KubeConfig();
  config.loadFromFile(testKubeconfig);
  const server = config.getCurrentCluster()?.server ?? '';
  const proxy = await openBreakableProxy(server);
  const text = config.exportConfig().replaceAll(server, proxy.url.replace(/\/$/, ''));
  return { proxy, kubeconfig: { from: 'inline', text } };
}
