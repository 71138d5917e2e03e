import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { makeRoot, makeSuiteFolder } from '../suites/suite-folder';
import { startRealEngine } from '../support/real-engine';

const gantry = fileURLToPath(new URL('../../lib/cli/gantry.mjs', import.meta.url));

/** Runs the command line; answers its exit code and all that it printed. */
function run(...words: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [gantry, ...words], (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, output: `${stdout}${stderr}` });
    });
  });
}

it('gantry init makes a suite that is valid and passes', async () => {
  const root = makeRoot();
  const folder = path.join(root, 'first');
  expect(await run('init', folder)).toMatchObject({ code: 0, output: expect.stringContaining('run first') });
  expect((await run('init', folder)).code).not.toBe(0);
  expect(await run('validate', folder)).toEqual({
    code: 0,
    output: 'first is valid: 2 steps, profiles default.\n',
  });
  const engine = await startRealEngine({ suiteRoots: [root] });
  onTestFinished(() => engine.close());
  const execution = await engine.run({ suiteId: 'first', backend: 'process' });
  expect(execution.cause).toBeNull();
  expect(execution.steps.map(({ id, reports }) => [id, reports[0]?.format])).toEqual([
    ['api', undefined],
    ['smoke', 'junit'],
  ]);
});

it('gantry validate warns of a file that is not there and of a variable that nothing sets', {
  timeout: 300_000,
}, async () => {
  const folder = makeSuiteFolder(
    'steps:\n  a:\n    kind: task\n    run: |\n      node tests/a.js\n      echo $API_URL',
  );
  expect(await run('validate', folder)).toEqual({
    code: 0,
    output:
      'warning: suite.yaml:5:12: steps.a.run names tests/a.js, which is not in the package\n' +
      'warning: suite.yaml:6:12: steps.a.run uses $API_URL, which nothing sets; set it in "env", unless the image does\n' +
      'demo is valid: 1 steps, profiles default.\n',
  });
});

it('gantry validate and lock tell what is wrong with file and line, and write the lock', {
  timeout: 300_000,
}, async () => {
  const root = makeRoot();
  const outer = makeSuiteFolder(
    { 'suite.yaml': 'steps: { a: { kind: suite, ref: a } }', 'dependencies.yaml': 'a: inner:1.0.0\n' },
    path.join(root, 'outer'),
  );
  makeSuiteFolder('version: 1.0.0\nsteps: { a: { kind: task, run: a } }', path.join(root, 'inner'));
  const lock = path.join(outer, 'dependencies.lock.yaml');
  const before = await run('validate', outer);
  expect(before.code).not.toBe(0);
  expect(before.output).toContain(
    'outer/dependencies.yaml:1:1: a: there is no dependencies.lock.yaml that pins it',
  );
  // What is broken is no reason not to write it anew.
  writeFileSync(lock, 'a: { ref: 1 }');
  expect((await run('validate', outer)).output).toContain('outer/dependencies.lock.yaml:1:');
  expect(await run('lock', outer)).toMatchObject({ code: 0, output: expect.stringContaining('1 pinned') });
  expect(readFileSync(lock, 'utf8')).toContain('suite.yaml:');
  expect((await run('validate', outer)).output).toBe('outer is valid: 1 steps, profiles default.\n');
  expect(existsSync(path.join(process.cwd(), 'outer'))).toBe(false);
});
