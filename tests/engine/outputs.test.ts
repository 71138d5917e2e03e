// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are templates of suites.
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FakeStep } from '@/lib/backends/fake/fake-program';
import { systemClock } from '@/lib/clock';
import type { Engine } from '@/lib/engine/engine';
import type { StepSpec } from '@/lib/model/step-spec';
import type { SuiteCatalog } from '@/lib/suites/catalog/catalog';
import { openFolderCatalog } from '@/lib/suites/catalog/folder-catalog';
import { makeRoot, makeSuiteFolder } from '../suites/suite-folder';
import { silentLogger } from '../support/silent-logger';
import { openWorld, type World } from './world';

const secret = 'hunter2-hunter2';
const files = {
  'suite.yaml': `
vars: { tag: "1" }
steps:
  deploy: { kind: task, run: [deploy, "\${{ vars.tag }}"], image: gantry/toolbox:local, retries: { max: 1, backoff: 1ms }, export: ["**"] }
  between: { kind: task, run: "true", image: gantry/toolbox:local, after: deploy }
  check:
    kind: test
    run: "true"
    image: gantry/toolbox:local
    after: between
    retries: { max: 3, backoff: 1ms }
    env: { URL: "\${{ steps.deploy.outputs.url }}/\${{ vars.tag }}", RUN: "\${{ execution.id }}" }
`,
  'profiles/default.yaml': 'secrets: [{ key: TOKEN, from: "env:T" }]\n',
};

let scripts: Record<string, (step: StepSpec) => FakeStep>;
let specs: StepSpec[];
let world: World;
let catalog: SuiteCatalog;
let engine: Engine;

beforeEach(async () => {
  scripts = {};
  specs = [];
  const root = makeRoot();
  makeSuiteFolder(files, `${root}/demo`);
  catalog = openFolderCatalog({ clock: systemClock, logger: silentLogger }, [root]);
  world = await openWorld({
    secrets: {
      resolve: async (references) => Object.fromEntries(references.map(({ key }) => [key, secret])),
    },
    script: (step) => {
      specs.push(step);
      return scripts[step.stepId]?.(step) ?? {};
    },
  });
  engine = world.startEngine({ catalog });
});
afterEach(async () => {
  await world.close();
  await catalog.close();
});

const writes = (text: string, more: FakeStep = {}): FakeStep => ({
  artifacts: { '.gantry-output': text },
  ...more,
});

async function run(request: { vars?: Record<string, string> } = {}) {
  const { summary } = await engine.launch({ suiteId: 'demo', ...request }, 'ada', null);
  return world.ended(summary.id);
}

function envOfCheck(executionId: string) {
  const spec = specs.findLast((each) => each.executionId === executionId && each.stepId === 'check');
  return spec?.env;
}

it('a later step has what the last attempt of an earlier one wrote, and the file is no artifact', async () => {
  scripts.deploy = ({ attempt }) =>
    attempt === 1
      ? writes('url=http://first\n', { exitCode: 1 })
      : writes('url=http://second\nN<<E\na\nb\nE\n');
  const execution = await run({ vars: { tag: '2' } });
  expect(execution.status).toBe('passed');
  const [first, second] = execution.steps[0]?.attempts ?? [];
  expect(first).not.toHaveProperty('outputs');
  expect(second?.outputs).toEqual({ url: 'http://second', N: 'a\nb' });
  expect(envOfCheck(execution.id)).toMatchObject({ URL: 'http://second/2', RUN: execution.id });
  const [spec] = await world.store.executions.stepSpecs(execution.id, 'check');
  expect(spec?.env.URL).toBe('http://second/2');
  expect(spec?.node.templates?.[0]).toMatchObject({ vars: { tag: 'launch' } });
  expect(await world.store.artifacts.list(execution.id)).toEqual([]);
});

it('what is missing ends the step that wants it once, with a sentence, and it never runs', async () => {
  scripts.deploy = () => writes('ulr=x\n');
  const execution = await run();
  const check = execution.steps.find(({ id }) => id === 'check');
  expect(check).toMatchObject({
    status: 'failed',
    result: {
      reason:
        'env.URL cannot be made: steps.deploy.outputs.url is not there: deploy wrote "ulr" into $GANTRY_OUTPUT',
    },
  });
  expect(check?.attempts).toHaveLength(1);
  expect(envOfCheck(execution.id)).toBeUndefined();
});

it('a secret in an output fails the step, and is in no row', async () => {
  scripts.deploy = () => writes(`url=http://user:${secret}@host\n`);
  const execution = await run();
  expect(execution.steps[0]).toMatchObject({
    status: 'failed',
    result: { reason: expect.stringContaining('the output url holds the value of a secret') },
  });
  expect(JSON.stringify([execution, await world.events(execution.id)])).not.toContain(secret);
});

it('a rerun of what failed takes outputs over, also a second time, with the values of the launch', async () => {
  let isBroken = true;
  scripts.deploy = () => writes('url=http://once\n');
  scripts.check = () => ({ exitCode: isBroken ? 1 : 0 });
  let last = await run({ vars: { tag: '7' } });
  for (const broken of [true, false]) {
    isBroken = broken;
    const { summary } = await engine.rerun(last.id, { only: 'failed' }, 'bob', null);
    last = await world.ended(summary.id);
    expect(last.steps[0]).toMatchObject({ status: 'passed', attempts: [] });
    expect(envOfCheck(last.id)).toMatchObject({ URL: 'http://once/7' });
  }
  expect(last.status).toBe('passed');
});

it('another control plane that goes on finds the outputs in the rows', async () => {
  scripts.deploy = () => writes('url=http://rows\n');
  scripts.between = () => ({ runsMs: 1_000 });
  const { summary } = await engine.launch({ suiteId: 'demo' }, 'ada', null);
  await world.until(summary.id, ({ steps }) =>
    steps.some(({ id, status }) => id === 'between' && status === 'running'),
  );
  await engine.stop();
  world.startEngine({ catalog });
  expect((await world.ended(summary.id)).status).toBe('passed');
  expect(envOfCheck(summary.id)).toMatchObject({ URL: 'http://rows/1' });
});
