import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { makeSuiteFolder } from '../suites/suite-folder';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';

const limitMs = 300_000;
const root = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;
let gantry: RunningGantry;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gantry-ci-'));
  makeSuiteFolder(
    'steps: { cases: { kind: test, run: "echo hi > $GANTRY_ARTIFACTS/out.txt; exit 1", export: [{ path: out.txt, on: always }] } }',
    path.join(folder, 'suites', 'fails'),
  );
  makeSuiteFolder('steps: { cases: { kind: test, run: "true" } }', path.join(folder, 'suites', 'passes'));
  // What `npx gantry` finds where the package is installed.
  const npx = `#!/bin/sh\n[ "$1" = gantry ] && shift && exec "${process.execPath}" "${root}/lib/cli/gantry.mjs" "$@"\n`;
  await writeFile(path.join(folder, 'npx'), npx);
  await chmod(path.join(folder, 'npx'), 0o755);
  gantry = await startGantry({
    env: {
      GANTRY_SUITES: path.join(folder, 'suites'),
      GANTRY_PROCESS_BACKEND: '1',
      DOCKER_HOST: 'tcp://127.0.0.1:1',
    },
  });
}, startLimitMs);

afterAll(async () => {
  await gantry?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs a script as the CI server does: with its shell, in a folder of its own. */
async function runScript(script: string, suite: string, env: Record<string, string>) {
  const cwd = await mkdtemp(path.join(folder, 'job-'));
  const settings = {
    ...process.env,
    PATH: `${folder}:${process.env.PATH}`,
    GANTRY_URL: gantry.url,
    GANTRY_TOKEN: gantry.token,
    SUITE: suite,
    ...env,
  };
  return new Promise<{ code: number; stdout: string; read(file: string): Promise<string> }>((resolve) => {
    execFile('bash', ['-e', '-c', script], { cwd, env: settings }, (error, stdout) => {
      const code = error ? Number(error.code) : 0;
      resolve({ code, stdout, read: (file) => readFile(path.join(cwd, file), 'utf8') });
    });
  });
}

const readDoc = (file: string) => readFile(path.join(root, 'docs/ci', file), 'utf8');

it('the GitHub workflow runs a suite, marks what failed and leaves results and a summary', {
  timeout: limitMs,
}, async () => {
  const workflow = parse(await readDoc('github.yml'));
  const [script] = workflow.jobs.storefront.steps.flatMap(({ run }: { run?: string }) => run ?? []);
  const env = { GITHUB_ACTIONS: 'true', GITHUB_SHA: 'abc123', GITHUB_STEP_SUMMARY: 'summary.md' };
  const [failed, passed] = await Promise.all([
    runScript(script, 'fails', env),
    runScript(script, 'passes', env),
  ]);
  expect([failed.code, passed.code]).toEqual([1, 0]);
  expect(failed.stdout).toContain('::error title=fails::`cases` failed: exit code 1, expected 0.');
  expect(await failed.read('results/junit.xml')).toContain('<failure ');
  expect(await failed.read('results/artifacts/cases/out.txt')).toBe('hi\n');
  expect(await passed.read('summary.md')).toContain('## passes: passed');
  const id = /executions\/(\S+)/.exec(failed.stdout)?.[1];
  const execution = await (await gantry.call(`/api/v1/executions/${id}`)).json();
  expect(execution.labels).toEqual({ commit: 'abc123' });
});

it('the GitLab job runs a suite and leaves the report that it names', { timeout: limitMs }, async () => {
  const { integration } = parse(await readDoc('gitlab.yml'));
  const env = { GITLAB_CI: 'true', CI_COMMIT_SHA: 'abc123' };
  const { code, stdout, read } = await runScript(integration.script.join('\n'), 'fails', env);
  expect(code).toBe(1);
  expect(stdout).toContain('section_start:');
  expect(await read(integration.artifacts.reports.junit)).toContain('<failure ');
});

it('the plain script says what the code means, and passes it on', { timeout: limitMs }, async () => {
  const script = await readDoc('run.sh');
  const [failed, passed, away] = await Promise.all([
    runScript(script, 'fails', {}),
    runScript(script, 'passes', {}),
    runScript(script, 'passes', { GANTRY_URL: 'http://127.0.0.1:1' }),
  ]);
  expect([failed.code, passed.code, away.code]).toEqual([1, 0, 5]);
  expect(failed.stdout).toContain('The suite failed; results/junit.xml says where.');
  expect(away.stdout).toContain('The suite has no result (code 5).');
  expect(await passed.read('results/summary.md')).toContain('## passes: passed');
});
