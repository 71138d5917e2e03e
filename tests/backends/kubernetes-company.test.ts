import Docker from 'dockerode';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { podName, selectorOf, selectorText } from '@/lib/backends/kubernetes/names';
import { toolboxImage } from '@/lib/cli/toolbox';
import type { PlannedNode } from '@/lib/model/node';
import type { StepSpec } from '@/lib/model/step-spec';
import { describeWith } from '../support/requirements';
import { type WatchedStep, watchStep } from './contract/contract-run';
import { leftovers, loadImage, testCluster } from './kubernetes-harness';
import { type KubernetesSteps, openKubernetesSteps } from './kubernetes-steps';

// Ten pods at a time on a machine of two cores.
vi.setConfig({ testTimeout: 180_000 });

const installation = 'company-test';
const image = 'gantry/own-program:test';
const program = `
  console.log('up in ' + process.cwd());
  process.on('SIGTERM', () => { console.log('got SIGTERM'); process.exit(7); });
  setInterval(() => {}, 1000);`;

describeWith(['docker', 'kubernetes'], "what stands beside a step's program in its pod", () => {
  let steps: KubernetesSteps;
  beforeAll(async () => {
    const docker = new Docker();
    const container = await docker.createContainer({ Image: toolboxImage });
    const command = JSON.stringify(['node', '-e', program.replaceAll('\n', ' ')]);
    await container.commit({
      repo: 'gantry/own-program',
      tag: 'test',
      changes: `WORKDIR /usr/local/lib\nCMD ${command}`,
    });
    await container.remove();
    await loadImage(image);
    steps = await openKubernetesSteps(installation);
  });
  afterAll(async () => {
    await new Docker().getImage(image).remove({ force: true });
    expect(await leftovers(testCluster(), selectorText(selectorOf(installation)))).toEqual([]);
  });

  async function close({ executionId }: StepSpec): Promise<void> {
    expect((await steps.harness.backend.closeEnvironment(executionId)).left).toEqual([]);
  }

  /** Runs a second attempt whose pod has a container before all others, as a mesh puts it there. */
  async function runBesideProxy(
    node: Partial<PlannedNode>,
    isNative = false,
  ): Promise<{ step: StepSpec; watched: WatchedStep }> {
    const { step, watched } = await steps.start(program, { node });
    await watched.until(({ lines }) => lines.length > 0);
    const { cluster, backend } = steps.harness;
    const found = podBody.parse(await cluster.request('look', steps.podPath(step)));
    watched.stop('cancelled', 10_000);
    await watched.outcome;
    const second = { ...step, attempt: 2 };
    const proxy = { name: 'aa-proxy', image: toolboxImage, command: ['sleep', '1000'] };
    const { nodeName: _, ...spec } = found.spec;
    // The namespace admits nothing less restricted.
    const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
    const container = { ...proxy, imagePullPolicy: 'IfNotPresent', securityContext };
    await cluster.request('make', steps.podPath(step).replace(/\/[^/]*$/, ''), {
      method: 'POST',
      body: {
        metadata: {
          name: podName(second),
          labels: { ...found.metadata.labels, 'gantry/attempt': '2' },
          annotations: { ...found.metadata.annotations, 'gantry/attempt': '2' },
        },
        spec: {
          ...spec,
          ...(isNative
            ? { initContainers: [{ ...container, restartPolicy: 'Always' }] }
            : { containers: [container, ...found.spec.containers] }),
        },
      },
    });
    return {
      step: second,
      watched: watchStep(backend, second, { resumeAfter: { stdout: 0, stderr: 0 } }),
    };
  }

  test.concurrent('a native sidecar before a step is left alone when the step is stopped', async ({
    expect,
    skip,
  }) => {
    const { minor } = z.object({ minor: z.string() }).parse(await testCluster().request('tell', '/version'));
    skip(Number.parseInt(minor, 10) < 29, 'clusters before 1.29 have no native sidecars');
    const { step, watched } = await runBesideProxy({}, true);
    await watched.until(({ lines }) => lines.length > 0);
    watched.stop('cancelled', 20_000);
    expect(await watched.outcome).toMatchObject({ ended: 'stopped', exitCode: 7, reason: null });
    expect(watched.texts().at(-1)).toBe('got SIGTERM');
    await close(step);
  });

  for (const [what, node] of [
    ['a step', {}],
    ["an image's own command", { command: null, image }],
  ] as const) {
    test.concurrent(`a container that was put before ${what} is left alone when the step is stopped`, async ({
      expect,
    }) => {
      const { step, watched } = await runBesideProxy(node);
      await watched.until(({ lines }) => lines.length > 0);
      watched.stop('cancelled', 20_000);
      expect(await watched.outcome).toMatchObject({ ended: 'stopped', exitCode: 7, reason: null });
      expect(watched.texts().at(-1)).toBe('got SIGTERM');
      await close(step);
    });
  }

  test.concurrent("an image's own command runs in the folder that its image says", async ({ expect }) => {
    const { step, watched } = await steps.start('', { node: { command: null, image } });
    await watched.until(({ lines }) => lines.length > 0);
    watched.stop('cancelled', 20_000);
    await watched.outcome;
    expect(watched.texts()).toContain('up in /usr/local/lib');
    await close(step);
  });

  test.concurrent('a pod whose containers are all told to end was ended by the cluster', async ({
    expect,
    skip,
  }) => {
    const { step, watched } = await steps.start(`console.log('up'); setInterval(() => {}, 1000);`);
    await watched.until(({ lines }) => lines.length > 0);
    const docker = new Docker();
    const containers = await docker.listContainers({
      filters: { label: [`io.kubernetes.pod.name=${podName(step)}`] },
    });
    const ours = containers.filter(({ Labels }) => Labels['io.kubernetes.container.name'] !== 'POD');
    if (ours.length === 0) {
      watched.stop('cancelled', 1_000);
      await watched.outcome;
      await close(step);
      skip('the cluster runs on another engine than the machine');
    }
    await Promise.all(ours.map(({ Id }) => docker.getContainer(Id).kill({ signal: 'SIGTERM' })));
    await expect(watched.outcome).rejects.toMatchObject({
      code: 'backend_failed',
      message: expect.stringMatching(
        /^The cluster ended the pod of step step while it ran: the node .* stopped all of its containers/,
      ),
    });
    await close(step);
  });

  test.concurrent('a step that SIGTERM ends from within has failed by itself', async ({ expect }) => {
    const { step, watched } = await steps.start(`process.kill(process.pid, 'SIGTERM');`);
    expect(await watched.outcome).toMatchObject({ ended: 'exited', exitCode: 143, signal: 'SIGTERM' });
    await close(step);
  });
});

const podBody = z.object({
  metadata: z.object({
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()),
  }),
  spec: z.looseObject({ nodeName: z.string(), containers: z.array(z.looseObject({})) }),
});
