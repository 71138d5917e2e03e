import { expect, it } from 'vitest';
import { explainRefusal } from '@/lib/backends/process/can-run-on-process';
import { verifiedInput } from '@/lib/backends/verified-input';
import { resolveInputs } from '@/lib/engine/resolve-inputs';
import type { Artifact } from '@/lib/model/artifact';
import { inputsFolder } from '@/lib/model/step-input';
import { problemsOf } from '../suites/suite-folder';
import { makeNode } from '../support/plan';

const sha256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

function artifactsOf(...paths: string[]) {
  const artifacts = paths.map(
    (path, index): Artifact => ({
      id: `a${index}`,
      stepId: 'build',
      attempt: 1,
      path,
      format: 'file',
      bytes: 3,
      sha256,
    }),
  );
  return (step: string) => (step === 'build' ? { executionId: 'e', artifacts } : null);
}

function targets(path: string, ...paths: string[]) {
  const found = resolveInputs([{ from: 'build', path, to: '/to' }], artifactsOf(...paths));
  return 'problem' in found ? found.problem : found.inputs.map(({ target }) => target);
}

it.each([
  ['dist/**', ['dist/a.js', 'dist/sub/b.js', 'other/c.js'], ['/to/a.js', '/to/sub/b.js']],
  ['dist', ['dist/a.js', 'dist/sub/b.js'], ['/to/a.js', '/to/sub/b.js']],
  ['dist/sub/*.js', ['dist/a.js', 'dist/sub/b.js'], ['/to/b.js']],
  ['dist/app.tar', ['dist/app.tar'], ['/to/app.tar']],
  ['**/*.js', ['a.js', 'x/b.js', 'c.txt'], ['/to/a.js', '/to/x/b.js']],
  ['**', ['a', 'b/c'], ['/to/a', '/to/b/c']],
])('the files that %s finds keep their folders below its plain part', (path, paths, expected) => {
  expect(targets(path, ...paths)).toEqual(expected);
});

it('what cannot be had is said with what there is', () => {
  expect(targets('*.zip', 'a.js')).toBe('inputs[0] cannot be had: build kept a.js, and none fits *.zip');
  expect(targets('*.zip')).toBe('inputs[0] cannot be had: build kept no files, and none fits *.zip');
  expect(resolveInputs([{ from: 'other', path: 'a', to: '/to' }], artifactsOf('a'))).toEqual({
    problem: 'inputs[0] cannot be had: other has not passed, so its artifacts are not taken',
  });
  const twice = [
    { from: 'build', path: 'a/x', to: '/to' },
    { from: 'build', path: 'b/x', to: '/to' },
  ];
  expect(resolveInputs(twice, artifactsOf('a/x', 'b/x'))).toEqual({
    problem: 'inputs[1] cannot be had: two inputs go to /to/x',
  });
});

it('processes have inputs below a folder of their own, and nowhere else', () => {
  const refusalOf = (to: string) => {
    const inputs = [{ from: 'build', path: 'dist', to }];
    return explainRefusal([makeNode({ id: 'build' }), makeNode({ id: 'check', inputs })]);
  };
  expect(refusalOf('/to')).toContain(
    'check (wants inputs at /to, which is for containers: a relative "to" is below $GANTRY_INPUTS everywhere)',
  );
  expect(refusalOf(`${inputsFolder}/to`)).toBeNull();
});

it('content that is not what was stored is refused at its end', async () => {
  const input = { executionId: 'e', artifactId: 'a', target: '/to/a', bytes: 3, sha256 };
  const read = async (...chunks: string[]) => {
    const content = (async function* () {
      for (const chunk of chunks) yield Buffer.from(chunk);
    })();
    let text = '';
    for await (const chunk of verifiedInput(content, input)) text += Buffer.from(chunk).toString();
    return text;
  };
  expect(await read('a', 'bc')).toBe('abc');
  for (const wrong of [['abd'], ['ab'], ['abcd'], ['abc', 'd'], []])
    await expect(read(...wrong)).rejects.toThrow('The input /to/a came with');
});

it('a suite that asks for files that nobody gives is told so at its line', () => {
  expect(
    problemsOf(`steps:
  api: { kind: service, run: a }
  build: { kind: task, run: a, export: [dist/**] }
  bare: { kind: task, run: a }
  late: { kind: task, run: a, export: [x] }
  test:
    kind: test
    run: a
    after: [api, build, bare]
    tmpfs: /tmp
    inputs:
      - { from: build, path: dist/**, to: /work }
      - { from: biuld, path: x, to: /work }
      - { from: api, path: x, to: /work }
      - { from: bare, path: x, to: /work }
      - { from: late, path: x, to: /work }
      - { from: test, path: x, to: /work }
      - { from: build, path: x, to: /tmp/x }
`),
  ).toEqual([
    'suite.yaml:13:17 steps.test.inputs[1].from: expected the id of a step, found "biuld" in artifacts of biuld; did you mean "build"?',
    'suite.yaml:14:17 steps.test.inputs[2].from: expected a task, test or traffic in artifacts of api, found the service api, which has no artifacts that it could give',
    'suite.yaml:15:17 steps.test.inputs[3].from: expected a step with "export", found bare, which keeps no files',
    'suite.yaml:16:17 steps.test.inputs[4].from: expected a step that test comes after, found artifacts of late: add late to the "after" of test',
    'suite.yaml:17:17 steps.test.inputs[5].from: expected a step before test, found artifacts of test: a step cannot have its own artifacts',
    'suite.yaml:18:37 steps.test.inputs[6].to: expected a place outside "tmpfs", which is empty at the start, found one in /tmp',
  ]);
});
