import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildToolbox } from '@/lib/cli/toolbox';
import { testKubeconfig, testSettings } from './backends/kubernetes-harness';
import { makeSuiteFolder } from './suites/suite-folder';
import { openTestDatabase } from './support/database';
import { type RealEngine, startRealEngine } from './support/real-engine';
import { describeWith } from './support/requirements';
import { expectedOutputs, launchOfValues, quickProfile, valuesSuite } from './support/values-suite';

const limitMs = 300_000;
const root = mkdtempSync(path.join(tmpdir(), 'gantry-values-'));
let gantry: RealEngine;

afterAll(() => rmSync(root, { recursive: true, force: true }));

function start(kubernetes: boolean) {
  makeSuiteFolder({ 'suite.yaml': valuesSuite, 'profiles/quick.yaml': quickProfile }, `${root}/values`);
  return startRealEngine({ suiteRoots: [root], kubernetes: kubernetes ? testSettings() : null });
}

/** Passes with what the writer's second attempt left, and again when a rerun takes that over. */
async function passesOn(backend: string): Promise<void> {
  const request = { suiteId: 'values', backend, ...launchOfValues };
  const whole = await gantry.run(request);
  expect(whole.cause).toBeNull();
  expect(whole.steps.map(({ id, status }) => [id, status]).sort()).toEqual([
    ['api', 'passed'],
    ['between', 'passed'],
    ['build', 'passed'],
    ['check', 'passed'],
  ]);
  expect(whole.steps[0]?.attempts.map(({ outputs }) => outputs)).toEqual([undefined, expectedOutputs]);
  expect(whole.receipt?.left).toEqual([]);

  const broken = await gantry.run({ ...request, env: { BREAK: '1' } });
  expect(broken.status).toBe('failed');
  const { summary } = await gantry.engine.rerun(broken.id, { only: 'failed' }, 'test', null);
  const rerun = await gantry.ended(summary.id);
  // The variable of the launch goes with the rerun: it fails in its last line, and in no other.
  expect(rerun.steps.map(({ id, attempts, result }) => [id, attempts.length, result?.exitCode])).toEqual(
    expect.arrayContaining([
      ['build', 0, 0],
      ['check', 1, 1],
    ]),
  );
}

/** Another control plane goes on when the first one is killed between the writer and the reader. */
async function survivesOn(backend: string): Promise<void> {
  const database = await openTestDatabase();
  const folder = mkdtempSync(path.join(tmpdir(), 'gantry-killed-'));
  let second: RealEngine | null = null;
  try {
    const request = { suiteId: 'values', backend, ...launchOfValues };
    const script = path.join(import.meta.dirname, 'support', 'run-until-killed.ts');
    const words = [database.url, folder, root, JSON.stringify(request), testKubeconfig];
    const first = spawn(process.execPath, ['--import', 'tsx', script, ...words], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(first, 'exit').then(([code]) => {
      throw new Error(`the first control plane ended with code ${code} before its step ran`);
    });
    const [line] = await Promise.race([once(createInterface({ input: first.stdout }), 'line'), ended]);
    // It is killed next.
    ended.catch(() => undefined);
    const killed = once(first, 'exit');
    first.kill('SIGKILL');
    await killed;
    const place = { databaseUrl: database.url, folder };
    second = await startRealEngine({ suiteRoots: [root], kubernetes: testSettings(), place });
    const execution = await second.ended(String(line));
    expect(execution.cause).toBeNull();
    expect(execution.steps[0]?.attempts.map(({ outputs }) => outputs)).toEqual([undefined, expectedOutputs]);
    expect(execution.steps.find(({ id }) => id === 'check')?.status).toBe('passed');
    const events = await second.store.events.read(execution.id, 0, 1_000);
    expect(events.filter(({ type }) => type === 'execution.adopted')).toHaveLength(1);
    expect(execution.receipt?.left).toEqual([]);
  } finally {
    await second?.close();
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  }
}

describeWith(['docker'], 'a suite whose steps pass values on', () => {
  beforeAll(async () => {
    await buildToolbox({ log: () => undefined });
    gantry = await start(false);
  }, limitMs);
  afterAll(() => gantry?.close());

  it.concurrent('passes on Docker', { timeout: limitMs }, () => passesOn('local'));
  it.concurrent('passes as processes', { timeout: limitMs }, () => passesOn('process'));
  it('passes on Docker when its control plane is killed', { timeout: limitMs }, () => survivesOn('local'));
  it('passes as processes when its control plane is killed', { timeout: limitMs }, () =>
    survivesOn('process'),
  );
});

describeWith(['docker', 'kubernetes'], 'a suite whose steps pass values on', () => {
  beforeAll(async () => {
    await buildToolbox({ log: () => undefined });
    gantry = await start(true);
  }, limitMs);
  afterAll(() => gantry?.close());

  it.concurrent('passes on Kubernetes', { timeout: limitMs }, () => passesOn('kubernetes'));
  it.concurrent('passes on Kubernetes when its control plane is killed', { timeout: limitMs }, () =>
    survivesOn('kubernetes'),
  );
});
