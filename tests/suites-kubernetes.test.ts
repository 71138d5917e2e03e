import { afterAll, beforeAll, expect, it } from 'vitest';
import { selectorOf, selectorText } from '@/lib/backends/kubernetes/names';
import { buildToolbox } from '@/lib/cli/toolbox';
import type { Execution } from '@/lib/model/execution';
import { leftovers, testCluster, testSettings } from './backends/kubernetes-harness';
import { type RealEngine, startRealEngine } from './support/real-engine';
import { describeWith } from './support/requirements';
import { sorted, tableOf } from './support/suite-readme';

const limitMs = 480_000;
/** Where a cluster has other words than Docker. */
const clusterSays = {
  'never-ready': /^not ready after 2 s: tcp port 8081: /,
  'ignores-sigterm': /^timed out after 2 s/,
  'missing-image': /^The image gantry\/there-is-no-such-image:1 /,
};

describeWith(['docker', 'kubernetes'], 'the example suites on Kubernetes', () => {
  let gantry: RealEngine;
  beforeAll(async () => {
    await buildToolbox({ log: () => undefined });
    gantry = await startRealEngine({ kubernetes: testSettings() });
  }, limitMs);
  afterAll(() => gantry?.close());

  it.concurrent('runs hello to its end', { timeout: limitMs }, async () => {
    const execution = await gantry.run({ suiteId: 'hello', backend: 'kubernetes' });
    expect(execution.cause).toBeNull();
    expect(reportsOf(execution, 'greeting')).toMatchObject([{ total: 3, passed: 3 }]);
    expectNothingLeft(execution);
  });

  it.concurrent('runs storefront as Docker does', { timeout: limitMs }, async () => {
    const execution = await gantry.run({ suiteId: 'storefront', backend: 'kubernetes' });
    expect(execution.cause).toBeNull();
    expect(Object.fromEntries(execution.steps.map(({ id, status }) => [id, status]))).toMatchObject({
      checkout: 'passed',
      audit: 'passed',
      diagnostics: 'skipped',
    });
    expect(reportsOf(execution, 'checkout')).toMatchObject([
      { attempt: 1, failed: 1, failures: [{ name: 'ends an order as paid' }] },
      { attempt: 2, failed: 0, passed: 5 },
    ]);
    const artifacts = await gantry.store.artifacts.list(execution.id);
    expect(artifacts.map(({ path }) => path)).toEqual(expect.arrayContaining(['ledger.csv', 'traffic.json']));
    expectNothingLeft(execution);
  });

  it.concurrent('runs marketplace, three suites deep, each with an api of its own', {
    timeout: limitMs,
  }, async () => {
    const execution = await gantry.run({ suiteId: 'marketplace', backend: 'kubernetes' });
    expect(execution.cause).toBeNull();
    expect(execution.status).toBe('passed');
    expectNothingLeft(execution);
  });

  // Two minutes on a loaded machine, and it is about seconds.
  it.runIf(process.env.GANTRY_TEST_BROKEN)(
    'ends the steps of broken as on Docker',
    {
      timeout: 2 * limitMs,
    },
    async () => {
      const execution = await gantry.run({ suiteId: 'broken', backend: 'kubernetes' });
      const ends = execution.steps.map(({ id, status, result }) => [id, status, result?.reason ?? '']);
      const isAlike = ([id = '']: string[]) => !(id in clusterSays);
      expect(sorted(ends.filter(isAlike))).toEqual(sorted(tableOf('broken').filter(isAlike)));
      for (const [id, sentence] of Object.entries(clusterSays)) {
        const [, status] = tableOf('broken').find(([step]) => step === id) ?? [];
        expect(ends).toContainEqual([id, status, expect.stringMatching(sentence)]);
      }
      expect(execution.cause?.sentence).toBe(
        '`exit-code` failed: exit code 3, expected 0: cannot read the configuration.',
      );
      expectNothingLeft(execution);
    },
  );

  it('leaves nothing in the cluster', async () => {
    const selector = selectorText(selectorOf(gantry.store.installation.id));
    expect(await leftovers(testCluster(), selector)).toEqual([]);
  });
});

function reportsOf(execution: Execution, id: string) {
  return execution.steps.find((step) => step.id === id)?.reports ?? [];
}

function expectNothingLeft({ receipt }: Execution): void {
  expect(receipt?.left).toEqual([]);
  expect(receipt?.created).toBeGreaterThan(0);
  expect(receipt?.removed).toBe(receipt?.created);
}
