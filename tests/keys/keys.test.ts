import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { buildToolbox } from '@/lib/cli/toolbox';
import type { Execution } from '@/lib/model/execution';
import { isFinalExecution, isFinalStep } from '@/lib/model/status';
import { suiteYaml } from '@/lib/suites/file/schema/suite-yaml';
import { lockSuite } from '../dependencies/lock-suite';
import { makeSuiteFolder } from '../suites/suite-folder';
import { buildImage } from '../support/build-image';
import { type RealEngine, startRealEngine } from '../support/real-engine';
import { describeWith } from '../support/requirements';
import { containerCases } from './container-cases';
import { type KeyCase, keysDockerfile, keysImage } from './key-case';
import { outcomeCases } from './outcome-cases';
import { programCases } from './program-cases';
import { readinessCases } from './readiness-cases';
import { isAt, keysBelow, placesIn } from './schema-keys';
import { nestedSuite, suiteCases } from './suite-cases';
import { testedElsewhere } from './tested-elsewhere';

const cases = [...programCases, ...containerCases, ...outcomeCases, ...readinessCases, ...suiteCases];
const idOf = (at: number) => `keys-${at}`;

describe('every key of a suite file', () => {
  const shown = new Set([...cases.flatMap(({ keys }) => keys), ...Object.keys(testedElsewhere)]);

  it('has a test that shows what it does', () => {
    const keys = keysBelow(suiteYaml);
    expect(keys.length).toBeGreaterThan(120);
    expect(keys.filter((key) => !shown.has(key))).toEqual([]);
    expect([...shown].filter((key) => !keys.includes(key))).toEqual([]);
  });

  it.each(cases)('is in the suite that shows it: $title', ({ keys, files }) => {
    const places = placesIn(parse(files['suite.yaml']));
    expect(keys.filter((key) => !isAt(key, places))).toEqual([]);
  });

  it('has a test of the title that is named', () => {
    const missing = Object.values(testedElsewhere).filter(([file, title]) => {
      const source = readFileSync(path.join(import.meta.dirname, '..', file), 'utf8');
      return !source.includes(`it('${title}'`) && !source.includes(`it.concurrent('${title}'`);
    });
    expect(missing).toEqual([]);
  });
});

describeWith('docker', 'the keys of a suite', () => {
  const docker = new Docker();
  const root = mkdtempSync(path.join(tmpdir(), 'gantry-keys-'));
  const folderOf = (id: string) => path.join(root, id);
  let gantry: RealEngine;

  beforeAll(async () => {
    await buildToolbox({ docker, log: () => undefined });
    await buildImage(docker, keysImage, keysDockerfile);
    makeSuiteFolder(nestedSuite, folderOf('keys-nested'));
    for (const [at, { files }] of cases.entries()) {
      makeSuiteFolder(files, folderOf(idOf(at)));
      if (files['dependencies.yaml']) await lockSuite(root, idOf(at));
    }
    for (const [id, text] of Object.entries(ownSuites)) makeSuiteFolder(text, folderOf(id));
    gantry = await startRealEngine({ suiteRoots: [root], env: { KEYS_TOKEN: 'twelve-chars' } });
  });
  afterAll(async () => {
    const filters = { label: [`gantry.installation=${gantry?.store.installation.id}`] };
    await gantry?.close();
    rmSync(root, { recursive: true, force: true });
    const built = await docker.listImages({ filters });
    for (const name of [keysImage, ...built.map(({ Id }) => Id)]) {
      await docker.getImage(name).remove({ force: true });
    }
  });

  it.concurrent.each(cases.map((each, at) => [each.title, each, at] as const))('%s', async (_, each, at) => {
    const suiteId = parse(each.files['suite.yaml']).id ?? idOf(at);
    const execution = await gantry.run({ suiteId, backend: 'local' });
    const found = await resultOf(execution, each);
    expect(found).toEqual(expectedOf(each));
    await each.check?.(execution, { gantry, suiteId, folder: folderOf(idOf(at)) });
    expect(execution.receipt?.left).toEqual([]);
  });

  it.concurrent('of a health check reach the engine', async () => {
    const { summary } = await gantry.engine.launch({ suiteId: 'health', backend: 'local' }, 'test', null);
    await untilReady(summary.id);
    const created = await docker.getContainer(`gantry-${summary.id}-up-1`).inspect();
    const ns = 1e6;
    expect(created.Config.Healthcheck).toMatchObject({
      Test: ['CMD', 'true'],
      Interval: 700 * ns,
      Timeout: 7_000 * ns,
      Retries: 4,
      StartPeriod: 3_000 * ns,
    });
    await gantry.engine.cancel(summary.id, 'test');
    expect((await gantry.ended(summary.id)).receipt?.left).toEqual([]);
  });

  it.concurrent('of its group let one execution wait for another, or end it', async () => {
    const launch = async (suiteId: string) =>
      (await gantry.engine.launch({ suiteId, backend: 'local' }, 'test', null)).summary.id;
    const [first, second] = [await launch('group'), await launch('group')];
    await untilReady(first);
    await untilReady(second);
    // Both places are taken, also for another suite of the group.
    const third = await launch('group');
    expect((await gantry.run({ suiteId: 'alone', backend: 'local' })).status).toBe('passed');
    expect((await gantry.store.executions.summary(third))?.status).toBe('queued');
    expect((await gantry.run({ suiteId: 'newest', backend: 'local' })).status).toBe('passed');
    const ends = await Promise.all([first, second, third].map((id) => gantry.ended(id)));
    expect(ends.map(({ status }) => status)).toEqual(['cancelled', 'cancelled', 'cancelled']);
  });

  async function untilReady(id: string): Promise<void> {
    const listening = new AbortController();
    const subscription = gantry.store.notifier.subscribe(gantry.store.events.topic(id), listening.signal);
    try {
      for (;;) {
        const execution = await gantry.store.executions.get(id);
        const [step] = execution?.steps ?? [];
        if (step?.status === 'ready') return;
        if (!execution || !step || isFinalExecution(execution.status) || isFinalStep(step.status)) {
          throw new Error(`${step?.id} of ${id} is ${step?.status}: ${step?.result?.reason}`);
        }
        await subscription.next();
      }
    } finally {
      listening.abort();
    }
  }

  async function resultOf({ id, status, steps, cause }: Execution, each: KeyCase) {
    const artifacts = await gantry.store.artifacts.list(id);
    const found: Record<string, unknown> = {};
    for (const { id: stepId, status, result, attempts } of steps) {
      const expected = each.steps[stepId];
      const { lines } = await gantry.store.logs.read(id, 0, 1_000, { stepId });
      const printed = lines.filter(({ stream }) => stream === 'stdout').map(({ text }) => text);
      const paths = artifacts
        .filter((artifact) => artifact.stepId === stepId)
        .map((artifact) => artifact.path);
      found[stepId] = {
        status,
        reason:
          expected?.reason !== undefined || status !== (expected?.status ?? 'passed') ? result?.reason : '',
        prints: expected?.prints ? printed : [],
        attempts: expected?.attempts ? attempts.length : 0,
        artifacts: paths.sort(),
      };
    }
    return { status, cause: status === (each.status ?? 'passed') ? null : cause, steps: found };
  }
});

function expectedOf({ status = 'passed', steps }: KeyCase) {
  const expected = Object.entries(steps).map(([id, step]) => [
    id,
    {
      status: step.status ?? 'passed',
      reason: step.reason === undefined ? '' : expect.stringMatching(step.reason),
      prints: (step.prints ?? []).map((line) =>
        typeof line === 'string' ? line : expect.stringMatching(line),
      ),
      attempts: step.attempts ?? 0,
      artifacts: step.artifacts ?? [],
    },
  ]);
  return { status, cause: null, steps: Object.fromEntries(expected) };
}

const up = 'up: { kind: service, image: "gantry/toolbox:local", run: sleep 1000';
/** Suites that are looked at while they run. */
const ownSuites = {
  health: `steps: { ${up}, healthcheck: { test: ["true"], interval: 700ms, timeout: 7s, retries: 4, start_period: 3s } }, long: { kind: task, image: "gantry/toolbox:local", run: sleep 1000 } }`,
  group: `concurrency: { group: keys, max: 2 }\nsteps: { ${up} }, long: { kind: task, image: "gantry/toolbox:local", run: sleep 1000 } }`,
  alone: 'steps: { quick: { kind: task, image: "gantry/toolbox:local", run: "true" } }',
  newest: `concurrency: { group: keys, cancel_running: true }\nsteps: { quick: { kind: task, image: "gantry/toolbox:local", run: "true" } }`,
};
