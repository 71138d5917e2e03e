import { randomBytes } from 'node:crypto';
import Docker from 'dockerode';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { labelNames } from '@/lib/backends/labels';
import { buildToolbox, toolboxImage } from '@/lib/cli/toolbox';
import { leftovers } from '../../backends/docker-harness';
import { type RealEngine, startRealEngine } from '../../support/real-engine';
import { describeWith } from '../../support/requirements';

describeWith('docker', 'reaping on a real daemon', () => {
  const docker = new Docker();
  const mark = randomBytes(4).toString('hex');
  let gantry: RealEngine;

  beforeAll(async () => {
    await buildToolbox({ docker, log: () => {} });
    gantry = await startRealEngine();
  });
  afterAll(async () => {
    await gantry?.close();
    const filters = { label: [`test.mark=${mark}`] };
    for (const { Id } of await docker.listContainers({ all: true, filters })) {
      await docker.getContainer(Id).remove({ force: true });
    }
  });

  /** A container of another installation, made to be taken for one of this execution. */
  async function placeForeign(executionId: string): Promise<void> {
    const labels = {
      [labelNames.installation]: 'another-installation',
      [labelNames.execution]: executionId,
      [labelNames.step]: 'greeter',
      'test.mark': mark,
    };
    await docker.createContainer({
      name: `gantry-${executionId}-foreign`,
      Image: toolboxImage,
      Entrypoint: ['true'],
      Labels: labels,
    });
  }

  test('everything while ten executions start: each ends, tells the truth, and leaves nothing', async () => {
    const { engine, store } = gantry;
    const runs = Array.from({ length: 10 }, () => gantry.run({ suiteId: 'hello', backend: 'local' }));
    while ((await engine.environments.take()).environments.length < 3);
    const [first] = (await engine.environments.take()).environments;
    if (!first) throw new Error('no environment is there');
    await placeForeign(first.id);
    const results = await engine.environments.reapAll('all', { by: 'ada', force: true });
    expect(results.length).toBeGreaterThanOrEqual(3);
    expect(results.filter(({ outcome }) => outcome !== 'removed')).toEqual([]);

    const executions = await Promise.all(runs);
    for (const execution of executions) {
      // What had begun was cancelled; what waited for its turn was not touched.
      expect(['cancelled', 'passed'], execution.cause?.sentence).toContain(execution.status);
      const { created = 0, removed, left } = execution.receipt ?? {};
      expect({ removed, left }).toEqual({ removed: created, left: [] });
      const rows = await store.environments.rows(execution.id);
      expect(rows.filter(({ removedAt }) => removedAt === null)).toEqual([]);
      expect(rows.filter(({ madeAt }) => madeAt !== null)).toHaveLength(created);
    }
    expect(executions.filter(({ status }) => status === 'cancelled').length).toBeGreaterThanOrEqual(3);
    expect(await leftovers(docker, `${labelNames.installation}=${store.installation.id}`)).toEqual([]);
    expect(await leftovers(docker, `test.mark=${mark}`)).toEqual([`/gantry-${first.id}-foreign`]);
    expect((await engine.environments.take()).environments).toEqual([]);
  });
});
