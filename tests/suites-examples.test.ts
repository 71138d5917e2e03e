import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildToolbox } from '@/lib/cli/toolbox';
import type { Execution } from '@/lib/model/execution';
import { actionText, describeFaults } from '@/lib/model/faults';
import { isTestSummary } from '@/lib/model/report-kind';
import { isFlaky } from '@/lib/model/test-case';
import { readTests } from './engine/reports/read-report';
import { type RealEngine, startRealEngine } from './support/real-engine';
import { describeWith, engineName } from './support/requirements';
import { actionsOf, sorted, tableOf } from './support/suite-readme';

const limitMs = 300_000;
const marketplaceStates = {
  prepare: 'passed',
  'stock/api': 'passed',
  'stock/fill': 'passed',
  'stock/report': 'skipped',
  'orders/ledger/api': 'passed',
  'orders/ledger/balance': 'passed',
  'orders/api': 'passed',
  'orders/smoke': 'passed',
  purchase: 'passed',
};
let gantry: RealEngine;

beforeAll(async () => {
  gantry = await startRealEngine();
});

afterAll(() => gantry?.close());

describe('the example suites as plain processes', () => {
  it('runs hello to its end', async () => {
    const execution = await gantry.run({ suiteId: 'hello', backend: 'process' });
    expect(statesOf(execution)).toEqual({ greeter: 'passed', greeting: 'passed' });
    expectNothingLeft(execution);
  });

  it('runs storefront to its end, and tells its results as one JUnit file', {
    timeout: limitMs,
  }, async () => {
    const execution = await gantry.run({ suiteId: 'storefront', backend: 'process' });
    expect(execution.cause).toBeNull();
    const pieces: Uint8Array[] = [];
    for await (const piece of await gantry.engine.junit(execution.id, null)) pieces.push(piece);
    const content = Buffer.concat(pieces);
    const whole = readTests(content);
    const [pricing] = reportsOf(execution, 'pricing').filter(isTestSummary);
    const last = reportsOf(execution, 'checkout').filter(isTestSummary).at(-1);
    expect(last?.attempt).toBe(2);
    const total = (pricing?.total ?? 0) + (last?.total ?? 0);
    expect(total).toBeGreaterThan(5);
    expect(whole.cases.filter(({ status }) => status === 'passed')).toHaveLength(total);
    const flaky = whole.cases.filter(isFlaky).map(({ name }) => name);
    expect(flaky).toContain('ends an order as paid');
    expectNothingLeft(execution);
  });

  it('runs marketplace, three suites deep', { timeout: limitMs }, async () => {
    const execution = await gantry.run({ suiteId: 'marketplace', backend: 'process' });
    expect(execution.cause).toBeNull();
    expect(statesOf(execution)).toEqual(marketplaceStates);
    expectNothingLeft(execution);
  });

  it('refuses broken, naming the step with an image of its own', async () => {
    await expect(gantry.run({ suiteId: 'broken', backend: 'process' })).rejects.toThrow('missing-image');
  });
});

describeWith('docker', 'the example suites on Docker', () => {
  beforeAll(() => buildToolbox({ log: () => undefined }), limitMs);

  it('runs hello to its end', { timeout: limitMs }, async () => {
    const execution = await gantry.run({ suiteId: 'hello', backend: 'local' });
    expect(execution.status).toBe('passed');
    expect(reportsOf(execution, 'greeting')).toMatchObject([{ total: 3, passed: 3 }]);
    expectNothingLeft(execution);
  });

  it('runs storefront, retries its flaky case and skips the diagnosis', { timeout: limitMs }, async () => {
    const execution = await gantry.run({ suiteId: 'storefront', backend: 'local' });
    expect(execution.cause).toBeNull();
    expect(statesOf(execution)).toMatchObject({
      checkout: 'passed',
      audit: 'passed',
      diagnostics: 'skipped',
    });
    expect(reportsOf(execution, 'checkout')).toMatchObject([
      { attempt: 1, failed: 1, failures: [{ name: 'ends an order as paid' }] },
      { attempt: 2, failed: 0, passed: 5 },
    ]);
    expect(reportsOf(execution, 'pricing')).toContainEqual(
      expect.objectContaining({ format: 'cobertura', linesTotal: 20, linesCovered: 19 }),
    );
    const artifacts = await gantry.store.artifacts.list(execution.id);
    expect(artifacts.map(({ path }) => path)).toEqual(expect.arrayContaining(['ledger.csv', 'traffic.json']));
    expectNothingLeft(execution);
  });

  it('runs storefront with declined cards, as its tests expect', { timeout: limitMs }, async () => {
    const execution = await gantry.run({ suiteId: 'storefront', profile: 'declined', backend: 'local' });
    expect(execution.cause).toBeNull();
    expectNothingLeft(execution);
  });

  it('runs the diagnosis of storefront when checkout fails', { timeout: limitMs }, async () => {
    const execution = await gantry.run({ suiteId: 'storefront', profile: 'outage', backend: 'local' });
    expect(execution.status).toBe('failed');
    expect(execution.cause?.stepId).toBe('checkout');
    expect(statesOf(execution)).toMatchObject({ audit: 'skipped', ledger: 'skipped', diagnostics: 'passed' });
    const artifacts = await gantry.store.artifacts.list(execution.id);
    expect(artifacts.map(({ path }) => path)).toContain('store.json');
    expectNothingLeft(execution);
  });

  it('ends every step of broken as its README says', { timeout: limitMs }, async () => {
    const execution = await gantry.run({ suiteId: 'broken', backend: 'local' });
    expect(execution.status).toBe('failed');
    const ends = execution.steps.map(({ id, status, result }) => [id, status, result?.reason ?? '']);
    const table = sorted(tableOf('broken')).map((row) =>
      row.replace('Docker daemon', `${engineName} daemon`),
    );
    expect(sorted(ends).filter((row) => !table.includes(row))).toEqual([]);
    expect(sorted(ends)).toEqual(table);
    expect(execution.steps.find(({ id }) => id === 'retried-in-vain')?.attempts).toHaveLength(3);
    const faults = describeFaults(execution.steps);
    const actions = faults.map(({ stepId, action }) => [stepId, action ? actionText(action) : '']);
    expect(sorted(actions)).toEqual(sorted(actionsOf('broken')));
    const lines = Object.fromEntries(faults.map(({ stepId, line }) => [stepId, line]));
    expect(lines).toMatchObject({
      'exit-code': 'cannot read the configuration',
      'dying-service': 'Error: a null where there should be a customer',
      'missing-line': 'migrated 3 of 4 tables',
    });
    expect(execution.cause?.sentence).toBe(
      '`exit-code` failed: exit code 3, expected 0: cannot read the configuration.',
    );
    expect(faults.find(({ stepId }) => stepId === 'exit-code')?.consequences).toEqual([
      'after-a-failure',
      'after-a-skipped-one',
    ]);
    expect(faults.find(({ stepId }) => stepId === 'dying-service')?.consequences).toEqual([
      'uses-dying-service',
    ]);
    expectNothingLeft(execution);
  });

  it('runs marketplace, three suites deep, each with an api of its own', { timeout: limitMs }, async () => {
    const execution = await gantry.run({ suiteId: 'marketplace', backend: 'local' });
    expect(execution.cause).toBeNull();
    expect(statesOf(execution)).toEqual(marketplaceStates);
    expectNothingLeft(execution);
  });

  it('stores every line of chatty, in order', { timeout: limitMs }, async () => {
    const execution = await gantry.run({ suiteId: 'chatty', profile: 'short', backend: 'local' });
    expect(execution.status).toBe('passed');
    const { lines } = await gantry.store.logs.read(execution.id, 0, 20_000);
    const printed = lines.filter(({ stream }) => stream === 'stdout');
    expect(printed.map(({ text }) => Number(text.split(' ')[1]))).toEqual(
      Array.from({ length: 10_000 }, (_, position) => position + 1),
    );
    expect(printed.every(({ text }) => text.length === 100)).toBe(true);
    expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, position) => position + 1));
  });

  it('leaves no container, network or volume', async () => {
    const docker = new Docker();
    const filters = { label: [`gantry.installation=${gantry.store.installation.id}`] };
    expect(await docker.listContainers({ all: true, filters })).toEqual([]);
    expect(await docker.listNetworks({ filters })).toEqual([]);
    expect((await docker.listVolumes({ filters })).Volumes).toEqual([]);
  });
});

function statesOf(execution: Execution): Record<string, string> {
  return Object.fromEntries(execution.steps.map(({ id, status }) => [id, status]));
}

function reportsOf(execution: Execution, id: string) {
  return execution.steps.find((step) => step.id === id)?.reports ?? [];
}

function expectNothingLeft({ receipt }: Execution): void {
  expect(receipt?.left).toEqual([]);
  expect(receipt?.created).toBeGreaterThan(0);
  expect(receipt?.removed).toBe(receipt?.created);
}
