import { randomBytes } from 'node:crypto';
import { afterAll, test, vi } from 'vitest';
import type { StepSpec } from '@/lib/model/step-spec';
import { describeWith } from '../support/requirements';
import { testCluster } from './kubernetes-harness';
import { openKubernetesSteps } from './kubernetes-steps';

// Ten pods at a time on a machine of two cores.
vi.setConfig({ testTimeout: 180_000 });

const installation = 'limits-test';
const eats = `const kept = []; for (;;) kept.push(Buffer.alloc(4_000_000, 1));`;

describeWith(['docker', 'kubernetes'], 'what a shared namespace says of its containers', () => {
  const namespaces: string[] = [];
  afterAll(async () => {
    for (const name of namespaces) {
      await testCluster().request('remove', `/api/v1/namespaces/${name}`, { method: 'DELETE' });
    }
  });

  async function makeNamespace(resource: string, spec: object): Promise<string> {
    const name = `limits-${randomBytes(4).toString('hex')}`;
    namespaces.push(name);
    const make = (path: string, body: object) =>
      testCluster().request('make', path, { method: 'POST', body });
    await make('/api/v1/namespaces', { metadata: { name } });
    await make(`/api/v1/namespaces/${name}/${resource}`, { metadata: { name: 'team' }, spec });
    return name;
  }

  test.concurrent('a quota that counts limits lets a step run that states its own, and is told before', async ({
    expect,
  }) => {
    const namespace = await makeNamespace('resourcequotas', {
      hard: { 'limits.cpu': '4', 'limits.memory': '2Gi' },
    });
    const steps = await openKubernetesSteps(installation, { namespace });
    const { backend } = steps.harness;
    expect(await backend.check()).toMatchObject({
      available: true,
      detail: expect.stringContaining('its ResourceQuota team counts limits.cpu, limits.memory'),
    });
    const close = async ({ executionId }: StepSpec) =>
      expect((await backend.closeEnvironment(executionId)).left).toEqual([]);
    const resources = { cpu: 0.2, memoryBytes: 128 * 1024 * 1024, pids: null };
    const stated = await steps.start(`console.log('ran')`, { node: { resources } });
    expect(await stated.watched.outcome).toMatchObject({ ended: 'exited', exitCode: 0 });
    await close(stated.step);
    const unstated = await steps.start(`console.log('ran')`);
    await expect(unstated.watched.outcome).rejects.toThrow(/must specify limits.cpu.*limits.memory/);
    await close(unstated.step);
  });

  test.concurrent("a step that runs out of the namespace's default memory is told that limit", async ({
    expect,
  }) => {
    const namespace = await makeNamespace('limitranges', {
      limits: [{ type: 'Container', default: { memory: '64Mi' }, defaultRequest: { memory: '32Mi' } }],
    });
    const steps = await openKubernetesSteps(installation, { namespace });
    const { step, watched } = await steps.start(eats);
    expect(await watched.outcome).toMatchObject({
      oomKilled: true,
      memoryLimitBytes: 64 * 1024 * 1024,
      reason: 'out of memory: limit 64 MiB',
    });
    expect((await steps.harness.backend.closeEnvironment(step.executionId)).left).toEqual([]);
  });
});
