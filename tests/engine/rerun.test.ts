import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { FakeScript } from '@/lib/backends/fake/fake-backend';
import { systemClock } from '@/lib/clock';
import type { Engine } from '@/lib/engine/engine';
import type { SuiteCatalog } from '@/lib/suites/catalog/catalog';
import { openFolderCatalog } from '@/lib/suites/catalog/folder-catalog';
import { makeRoot, makeSuiteFolder } from '../suites/suite-folder';
import { silentLogger } from '../support/silent-logger';
import { expectSoundHistory, openWorld, type World } from './world';

const junit = '<testsuite name="s"><testcase classname="s" name="works"/></testsuite>';
const digest = `shop/app@sha256:${'a'.repeat(64)}`;
/** As an engine tells of one that was pulled by another name. */
const elsewhere = `mirror.example/shop/local@sha256:${'c'.repeat(64)}`;
/** What the steps of the suite `moving` were given to run. */
const images: string[] = [];
const script: FakeScript = ({ suite, stepId, node, namedImage }) => {
  if (stepId === 'unit') return { artifacts: { 'junit.xml': junit } };
  if (suite.id !== 'moving') return { exitCode: stepId === 'checkout' ? 1 : 0 };
  const name = node.image ?? '';
  images.push(`${stepId} ${name}${namedImage === undefined ? '' : `, else ${namedImage}`}`);
  const facts = { name, id: `sha256:${'b'.repeat(64)}`, platform: 'linux/amd64' };
  const image = { ...facts, digest: name === 'shop/local:1' ? elsewhere : digest };
  return { image, exitCode: stepId === 'early' ? 0 : 1 };
};
const files = {
  'suite.yaml': `
title: Demo
steps:
  db: { kind: service, image: gantry/toolbox:local }
  unit: { kind: test, run: "true", image: gantry/toolbox:local, export: [{ path: junit.xml, format: junit }] }
  migrate: { kind: task, run: "true", image: gantry/toolbox:local, after: [db] }
  checkout: { kind: test, run: "false", image: gantry/toolbox:local, after: [migrate] }
`,
};

let world: World;
let catalog: SuiteCatalog;
let engine: Engine;

beforeEach(async () => {
  const root = makeRoot();
  makeSuiteFolder(files, `${root}/demo`);
  makeSuiteFolder(
    'steps: { lint: { kind: test, run: "true", image: gantry/toolbox:local } }',
    `${root}/fine`,
  );
  makeSuiteFolder(
    `
steps:
  early: { kind: task, run: "true", image: shop/app:dev }
  built: { kind: test, run: "true", image: shop/local:1 }
  checks: { kind: test, run: "true", image: shop/app:dev }
  never-ran: { kind: test, run: "true", image: shop/app:dev, after: [checks] }
`,
    `${root}/moving`,
  );
  catalog = openFolderCatalog({ clock: systemClock, logger: silentLogger }, [root]);
  world = await openWorld({ script });
  engine = world.startEngine({ catalog });
});
afterEach(async () => {
  await world.close();
  await catalog.close();
});

async function firstRun() {
  const request = { suiteId: 'demo', env: { MODE: 'full' }, labels: { team: 'shop' } };
  const { summary } = await engine.launch(request, 'ada', null);
  return world.ended(summary.id);
}

function started(id: string): string[] {
  return world.backend.calls.flatMap((call) =>
    call.name === 'runStep' && call.executionId === id ? [call.stepId] : [],
  );
}

it('repeats a launch of some steps with the same steps', async () => {
  const request = { suiteId: 'demo', env: { MODE: 'full' }, onlySteps: ['unit'] };
  const { summary } = await engine.launch(request, 'ada', null);
  const before = await world.ended(summary.id);
  expect(before.steps.map(({ id }) => id)).toEqual(['unit']);
  const again = await engine.rerun(before.id, { only: 'all' }, 'bob', null);
  expect((await world.ended(again.summary.id)).steps.map(({ id }) => id)).toEqual(['unit']);
  expect(started(again.summary.id)).toEqual(['unit']);
});

it('runs what failed and what it needs, takes the rest over, and says which and why', async () => {
  const before = await firstRun();
  expect(before.status).toBe('failed');
  const missingImages = vi.spyOn(world.backend, 'missingImages');
  const { summary } = await engine.rerun(before.id, { only: 'failed' }, 'bob', null);
  const after = await world.ended(summary.id);
  expect(after).toMatchObject({
    status: 'failed',
    rerunOf: before.id,
    author: 'bob',
    labels: { team: 'shop' },
  });
  expect(started(after.id).sort()).toEqual(['checkout', 'db', 'migrate']);
  const looked = missingImages.mock.lastCall?.[0].flatMap(({ steps }) => steps).sort();
  expect(looked).toEqual(['checkout', 'db', 'migrate']);
  const unit = after.steps.find(({ id }) => id === 'unit');
  expect(unit).toMatchObject({
    status: 'passed',
    attempts: [],
    result: { exitCode: 0 },
    reports: [{ total: 1, passed: 1 }],
    takeOver: { from: before.id, sentence: expect.stringContaining('its inputs are the same') },
  });
  const checkout = after.steps.find(({ id }) => id === 'checkout');
  expect(checkout?.takeOver?.sentence).toBe('Runs again: it failed before.');
  expectSoundHistory(await world.events(after.id));
  expect(await world.store.executions.launchEnv(after.id)).toEqual({ MODE: 'full' });
});

it('runs what failed with the image that ran before, by its digest, also the third time', async () => {
  const run = async (launched: Promise<{ summary: { id: string } }>) => {
    images.length = 0;
    const execution = await world.ended((await launched).summary.id);
    return { execution, images: [...images].sort() };
  };
  const first = await run(engine.launch({ suiteId: 'moving' }, 'ada', null));
  expect(first.images).toEqual(['built shop/local:1', 'checks shop/app:dev', 'early shop/app:dev']);
  const second = await run(engine.rerun(first.execution.id, { only: 'failed' }, 'ada', null));
  expect(second.images).toEqual(['built shop/local:1', `checks ${digest}, else shop/app:dev`]);
  const third = await run(engine.rerun(second.execution.id, { only: 'failed' }, 'ada', null));
  expect(third.images).toEqual(['built shop/local:1', `checks ${digest}, else shop/app:dev`]);
  const early = third.execution.steps.find(({ id }) => id === 'early');
  expect(early?.takeOver).toMatchObject({ from: first.execution.id });
  const all = await run(engine.rerun(third.execution.id, { only: 'all' }, 'ada', null));
  expect(all.images).toEqual(['built shop/local:1', 'checks shop/app:dev', 'early shop/app:dev']);
});

it('is found from the run that it repeats', async () => {
  const before = await firstRun();
  const { summary } = await engine.rerun(before.id, { only: 'all' }, 'bob', null);
  const after = await world.ended(summary.id);
  expect(started(after.id)).toHaveLength(4);
  const reruns = await world.store.executions.list({ rerunOf: before.id }, 10, null);
  expect(reruns.items.map(({ id }) => id)).toEqual([after.id]);
});

it('is made once for one Idempotency-Key, which nothing else may use', async () => {
  const before = await firstRun();
  const first = await engine.rerun(before.id, { only: 'failed' }, 'bob', 'key');
  const second = await engine.rerun(before.id, { only: 'failed' }, 'bob', 'key');
  expect(second).toMatchObject({ created: false, summary: { id: first.summary.id } });
  await expect(engine.rerun(before.id, { only: 'all' }, 'bob', 'key')).rejects.toMatchObject({
    code: 'idempotency_conflict',
  });
  await world.ended(first.summary.id);
});

it('is refused for a run that is unknown, that goes on, or in which nothing failed', async () => {
  await expect(engine.rerun('nowhere', { only: 'all' }, 'bob', null)).rejects.toMatchObject({
    code: 'execution_not_found',
  });
  const { summary } = await engine.launch({ suiteId: 'demo' }, 'ada', null);
  await expect(engine.rerun(summary.id, { only: 'all' }, 'bob', null)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('has not ended'),
  });
  await world.ended(summary.id);
  const fine = await engine.launch({ suiteId: 'fine' }, 'ada', null);
  await world.ended(fine.summary.id);
  await expect(engine.rerun(fine.summary.id, { only: 'failed' }, 'bob', null)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('Nothing failed'),
  });
});
