import { createHash } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { selectorOf, selectorText } from '@/lib/backends/kubernetes/names';
import type { StepInput } from '@/lib/model/step-input';
import type { StepSpec } from '@/lib/model/step-spec';
import { describeWith } from '../support/requirements';
import { watchStep } from './contract/contract-run';
import { leftovers, testCluster } from './kubernetes-harness';
import { openKubernetesSteps } from './kubernetes-steps';

const installation = 'inputs-test';
const megabyte = Buffer.alloc(1024 * 1024, 'x');

/** A file of so many megabytes that is never held whole. */
function file(target: string, megabytes: number): StepInput & { content: () => AsyncIterable<Uint8Array> } {
  const hash = createHash('sha256');
  for (let left = megabytes; left > 0; left -= 1) hash.update(megabyte);
  return {
    ...{ executionId: 'earlier', artifactId: target, target },
    ...{ bytes: megabytes * megabyte.length, sha256: hash.digest('hex') },
    async *content() {
      for (let left = megabytes; left > 0; left -= 1) yield megabyte;
    },
  };
}

describeWith(['docker', 'kubernetes'], 'the inputs of a pod', () => {
  afterAll(async () => {
    expect(await leftovers(testCluster(), selectorText(selectorOf(installation)))).toEqual([]);
  });

  const files = [
    file('/data/in/a.txt', 1),
    file(`/data/in/${'long name/'.repeat(40)}ü.bin`, 3),
    file('/data/in/deep/b', 0),
    file('/gantry/inputs/c', 20),
  ];
  const rules = ['/data/in', '/data/in/deep', '/gantry/inputs'].map((to) => ({
    from: 'build',
    path: '**',
    to,
  }));
  const source = `
    const fs = require('fs');
    const sum = (path) => require('crypto').createHash('sha256').update(fs.readFileSync(path)).digest('hex');
    for (const path of ${JSON.stringify(files.map(({ target }) => target))}) console.log(sum(path));
    fs.accessSync('/data/in/a.txt', fs.constants.X_OK);
    console.log(process.env.GANTRY_INPUTS);`;
  const opened = ({ artifactId }: StepInput) => {
    const found = files.find((each) => each.artifactId === artifactId);
    return found ? Promise.resolve(found.content()) : Promise.reject(new Error('no such input'));
  };
  const withInputs = (step: StepSpec): StepSpec => ({
    ...step,
    inputs: files.map(({ content: _, ...input }) => input),
  });

  test.concurrent('are there before its program starts, wherever they go', async () => {
    const steps = await openKubernetesSteps(installation);
    const step = withInputs(await steps.open(source, { node: { inputs: rules } }));
    const watched = watchStep(steps.harness.backend, step, { openInput: opened });
    expect(await watched.outcome).toMatchObject({ exitCode: 0 });
    expect(watched.texts()).toEqual([...files.map(({ sha256 }) => sha256), '/gantry/inputs']);
    expect(await steps.harness.backend.closeEnvironment(step.executionId)).toMatchObject({ left: [] });
  });

  test.concurrent('are not what they were when they were stored: the step never runs', async () => {
    const steps = await openKubernetesSteps(installation);
    const step = withInputs(await steps.open(source, { node: { inputs: rules } }));
    const watched = watchStep(steps.harness.backend, step, {
      async openInput(input) {
        if (input.bytes === 0) return opened(input);
        return (async function* () {
          for (let left = input.bytes; left > 0; left -= megabyte.length) yield Buffer.alloc(megabyte.length);
        })();
      },
    });
    await expect(watched.outcome).rejects.toMatchObject({
      code: 'backend_failed',
      message: expect.stringMatching(/^The input \/data\/in\/a\.txt came with 1048576 bytes and the SHA-256/),
    });
    expect(watched.calls).toEqual([]);
    expect(await steps.harness.backend.closeEnvironment(step.executionId)).toMatchObject({ left: [] });
  });

  test.concurrent('come from the one that goes on when who made the pod is gone', async () => {
    const steps = await openKubernetesSteps(installation);
    const step = withInputs(await steps.open(source, { node: { inputs: rules } }));
    let asked = () => {};
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const first = watchStep(steps.harness.backend, step, {
      openInput() {
        asked();
        return new Promise(() => {});
      },
    });
    await isAsked;
    first.stop('detached');
    await first.outcome;
    const second = watchStep(steps.harness.another(), step, {
      resumeAfter: { stdout: 0, stderr: 0 },
      openInput: opened,
    });
    expect(await second.outcome).toMatchObject({ exitCode: 0 });
    expect(second.texts()).toEqual([...files.map(({ sha256 }) => sha256), '/gantry/inputs']);
    expect(await steps.harness.backend.closeEnvironment(step.executionId)).toMatchObject({ left: [] });
  });
});
