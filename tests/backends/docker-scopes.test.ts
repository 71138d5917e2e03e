import { afterAll, beforeAll, expect, test } from 'vitest';
import { toolboxImage } from '@/lib/cli/toolbox';
import { createServiceDirectory } from '@/lib/engine/step-spec';
import type { StepSpec } from '@/lib/model/step-spec';
import { makePlan, makeStepSpec } from '../support/plan';
import { describeWith } from '../support/requirements';
import { newExecutionId } from './backend-contract';
import { type WatchedStep, watchStep } from './contract/contract-run';
import { createPackages } from './contract/package-content';
import { openDockerHarness } from './docker-harness';

const services = ['api', 'db', 'left/api', 'right/api', 'right/db', 'left/deep/api'];

const serves = `
  require('http').createServer((_, answer) => answer.end(process.env.SELF)).listen(80, () => console.log('up'));`;

/** Asks every name over HTTP, and what the variables of `WANTED` say. */
const asks = `
  const ask = async (host) => {
    try { return await (await fetch('http://' + host)).text(); }
    catch (error) { return error.cause?.code ?? String(error); }
  };
  (async () => {
    for (const name of process.env.NAMES.split(' ')) {
      const prefix = name.toUpperCase().replaceAll('-', '_');
      const known = process.env[prefix + '_HOST'];
      console.log(name, await ask(name), known ? await ask(known + ':' + process.env[prefix + '_PORT']) : 'unknown');
    }
  })();`;

describeWith(['docker'], 'The names of nested suites on Docker', () => {
  const packages = createPackages();
  const packageDigest = packages.add([{ path: 'suite.yaml', content: '' }]);
  const plan = makePlan({
    nodes: services.map((id) => ({ id, kind: 'service' as const, ports: [80] })),
  });
  const directory = createServiceDirectory(plan);
  const executionId = newExecutionId();
  const running: WatchedStep[] = [];
  let harness: Awaited<ReturnType<typeof openDockerHarness>>;

  function spec(stepId: string, source: string, env: Record<string, string>): StepSpec {
    return makeStepSpec({
      executionId,
      stepId,
      env,
      services: directory.visibleTo(stepId),
      node: {
        image: toolboxImage,
        packageDigest,
        command: ['node', '-e', source],
        capabilities: ['NET_BIND_SERVICE'],
      },
    });
  }

  async function answersFrom(stepId: string, names: string[]): Promise<Record<string, string>> {
    const watched = watchStep(harness.backend, spec(stepId, asks, { NAMES: names.join(' ') }));
    await watched.outcome;
    return Object.fromEntries(
      watched.texts().map((line) => {
        const [name = '', answer, byVariable] = line.split(' ');
        return [name, answer === byVariable ? `${answer}` : `${answer}, by variable ${byVariable}`];
      }),
    );
  }

  beforeAll(async () => {
    harness = await openDockerHarness(packages, 'docker-scopes-test');
    await harness.backend.openEnvironment({
      executionId,
      suiteId: 'scopes',
      profile: 'default',
      owner: 'test',
      deadline: '2099-01-01T00:00:00.000Z',
      services: [...directory.all],
    });
    for (const id of services) running.push(watchStep(harness.backend, spec(id, serves, { SELF: id })));
    await Promise.all(running.map((step) => step.until(({ lines }) => lines.length > 0)));
  });

  afterAll(async () => {
    for (const step of running) step.stop('not_needed', 0);
    await Promise.all(running.map(({ outcome }) => outcome));
    expect((await harness.backend.closeEnvironment(executionId)).left).toEqual([]);
    expect(await harness.leftovers(executionId)).toEqual([]);
  });

  test('the outermost suite calls a nested service alias-name, and a service of its own by its name', async () => {
    expect(
      await answersFrom('look', ['api', 'db', 'left-api', 'right-api', 'right-db', 'left-deep-api']),
    ).toEqual({
      api: 'api',
      db: 'db',
      'left-api': 'left/api',
      'right-api': 'right/api',
      'right-db': 'right/db',
      'left-deep-api': 'left/deep/api',
    });
  });

  test('two nested suites each have their own api, and one of them its own db', async () => {
    expect(await answersFrom('left/look', ['api', 'deep-api'])).toEqual({
      api: 'left/api',
      'deep-api': 'left/deep/api',
    });
    expect(await answersFrom('right/look', ['api', 'db'])).toEqual({ api: 'right/api', db: 'right/db' });
  });

  test('three deep the names are those of the innermost suite', async () => {
    expect(await answersFrom('left/deep/look', ['api'])).toEqual({ api: 'left/deep/api' });
  });

  test('a service looks names up in its own suite too', async () => {
    expect(await answersFrom('right/again', ['db'])).toEqual({ db: 'right/db' });
  });

  test('a nested suite does not find the names of the suites around it', async () => {
    const answers = await answersFrom('left/stray', ['db', 'right-api', 'left-api']);
    expect(
      Object.values(answers).every((each) => /^(ENOTFOUND|EAI_AGAIN), by variable unknown$/.test(each)),
    ).toBe(true);
  });
});
