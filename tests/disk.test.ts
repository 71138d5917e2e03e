import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildToolbox } from '@/lib/cli/toolbox';
import { testSettings } from './backends/kubernetes-harness';
import { makeSuiteFolder } from './suites/suite-folder';
import { type RealEngine, startRealEngine } from './support/real-engine';
import { describeWith } from './support/requirements';

const limitMs = 300_000;
const suite = `title: Disk
defaults: { image: "gantry/toolbox:local", resources: { disk: 20Mi } }
steps:
  within: { kind: task, run: 'head -c 5000000 /dev/zero > "$GANTRY_ARTIFACTS/small"; sleep 4', export: ["*.txt", { path: small, required: false }] }
  over: { kind: task, run: 'head -c 40000000 /dev/zero > "$GANTRY_ARTIFACTS/large"; sleep 120', export: [{ path: "*.txt", required: false }] }
  quick: { kind: task, run: 'sleep 1; head -c 40000000 /dev/zero > "$GANTRY_ARTIFACTS/large"', export: [{ path: "*.txt", required: false }] }
`.replace('"*.txt", { path: small', '{ path: small');
const root = mkdtempSync(path.join(tmpdir(), 'gantry-disk-'));
let gantry: RealEngine;

afterAll(() => rmSync(root, { recursive: true, force: true }));

function start(kubernetes: boolean) {
  makeSuiteFolder({ 'suite.yaml': suite }, `${root}/disk`);
  return startRealEngine({ suiteRoots: [root], kubernetes: kubernetes ? testSettings() : null });
}

const run = async (backend: string) => {
  const { steps } = await gantry.run({ suiteId: 'disk', backend });
  return new Map(steps.map((step) => [step.id, step]));
};

describeWith(['docker'], 'a step that writes more than its resources.disk', () => {
  beforeAll(async () => {
    await buildToolbox({ log: () => undefined });
    gantry = await start(false);
  }, limitMs);
  afterAll(() => gantry?.close());

  it.each(['local', 'process'])('is ended with a sentence on %s', { timeout: limitMs }, async (backend) => {
    const steps = await run(backend);
    expect(steps.get('within')?.status).toBe('passed');
    expect(steps.get('within')?.attempts[0]?.warnings).toEqual([]);
    expect(steps.get('over')).toMatchObject({
      status: 'failed',
      result: {
        reason: expect.stringMatching(/killed: it used \d+ MiB of disk, and its resources\.disk is 20 MiB/),
      },
    });
    expect(steps.get('quick')?.status).toBe('passed');
    expect(steps.get('quick')?.attempts[0]?.warnings).toEqual([
      expect.stringMatching(/^It ended before it could be stopped: it used \d+ MiB of disk/),
    ]);
  });
});

describeWith(['docker', 'kubernetes'], 'a step that writes more than its resources.disk', () => {
  beforeAll(async () => {
    await buildToolbox({ log: () => undefined });
    gantry = await start(true);
  }, limitMs);
  afterAll(() => gantry?.close());

  it('is evicted with a sentence on Kubernetes', { timeout: limitMs }, async () => {
    const steps = await run('kubernetes');
    expect(steps.get('within')?.status).toBe('passed');
    expect(steps.get('over')).toMatchObject({
      status: 'errored',
      result: {
        reason: expect.stringContaining('it used more disk than its resources.disk of 20 MiB'),
      },
    });
  });
});
