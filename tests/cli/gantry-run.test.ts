import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSuiteFolder } from '../suites/suite-folder';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';
import { type Ended, runCommand, startCommand } from './run-command';

const limitMs = 120_000;
const cli = 'lib/cli/gantry.mjs';
let root: string;
let gantry: RunningGantry;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'gantry-cli-'));
  makeSuiteFolder(
    `title: Says a code
steps:
  other: { kind: task, run: "for n in $(seq 1 40); do echo before $n; done" }
  main:
    kind: task
    run: 'for n in $(seq 1 30); do echo "line $n of $WHO"; done; exit "\${CODE:-0}"'
    after: other
    timeout: 10s
  slow: { kind: task, run: 'sleep "\${PAUSE:-0}"', after: main, timeout: 2s }`,
    path.join(root, 'codes'),
  );
  makeSuiteFolder('steps: { main: { kind: task, run: [no-such-program] } }', path.join(root, 'errors'));
  makeSuiteFolder('steps: { main: { kind: task, run: "echo up; sleep 600" } }', path.join(root, 'long'));
  makeSuiteFolder('steps: { main: { kind: tsk } }', path.join(root, 'invalid'));
  gantry = await startGantry({ env: { GANTRY_SUITES: root, GANTRY_PROCESS_BACKEND: '1' } });
}, startLimitMs);

afterAll(async () => {
  await gantry?.stop();
  await rm(root, { recursive: true, force: true });
});

const run = (...words: string[]): Promise<Ended> =>
  runCommand(cli, ['run', ...words, '--backend', 'process'], settings());
const settings = () => ({ GANTRY_URL: gantry.url, GANTRY_TOKEN: gantry.token });

describe('gantry run', () => {
  it('follows a run that passes, with env, labels and logs, and exits with 0', {
    timeout: limitMs,
  }, async () => {
    const { code, stdout } = await run('codes', '--env', 'WHO=ada', 'CODE=0', '--label', 'pr=7', '--logs');
    expect(code).toBe(0);
    expect(stdout).toContain('Says a code, profile default, on ');
    expect(stdout).toContain(`${gantry.url}/executions/`);
    expect(stdout).toContain('main | line 30 of ada\n');
    expect(stdout).toMatch(/\npassed in [\d.]+ m?s\n/);
    expect(stdout).toMatch(/environment: created \d+, removed \d+, left 0/);
    const id = /executions\/(\S+)/.exec(stdout)?.[1];
    const execution = await (await gantry.call(`/api/v1/executions/${id}`)).json();
    expect(execution).toMatchObject({ status: 'passed', labels: { pr: '7' } });
  });

  it('exits with 1 when it failed, and shows the last lines of the step that did', {
    timeout: limitMs,
  }, async () => {
    const { code, stdout } = await run('codes', '--env', 'CODE=3');
    expect(code).toBe(1);
    expect(stdout).toContain('\nThe last lines of main:\n  line 11 of \n');
    expect(stdout).toContain('  line 30 of \n\nfailed in ');
    expect(stdout).toContain('`main` failed: exit code 3, expected 0.');
    expect(stdout).not.toContain('main | ');
  });

  it('exits with 1 when it timed out, and with 2 when it errored', { timeout: limitMs }, async () => {
    const [late, errored] = await Promise.all([run('codes', '--env', 'PAUSE=60'), run('errors')]);
    expect([late.code, errored.code]).toEqual([1, 2]);
    expect(late.stdout).toContain('`slow` timed out: timed out after 2 s.');
    expect(errored.stdout).toContain('`main` errored: ');
    expect(errored.stdout).toContain('no-such-program');
  });

  it('cancels the run on Ctrl-C and exits with 3', { timeout: limitMs }, async () => {
    const command = startCommand(cli, ['run', 'long', '--logs', '--backend', 'process'], settings());
    await command.untilPrinted('main | up');
    command.process.kill('SIGINT');
    const { code, stdout, stderr } = await command.ended;
    expect(code).toBe(3);
    expect(stderr).toContain('Cancelling');
    expect(stdout).toContain('Cancelled by ');
  });

  it('says in one sentence what is wrong with what was asked, and exits with 2', {
    timeout: limitMs,
  }, async () => {
    const cases: [string[], Record<string, string>, string][] = [
      [['run', 'none'], settings(), 'gantry: There is no suite `none` below the suite roots.'],
      [['run', 'invalid'], settings(), '\n  suite.yaml:1:24: steps.main.kind: expected one of service'],
      [['run', 'codes', '--env', 'CODE'], settings(), 'gantry: Expected KEY=VALUE, found CODE.'],
      [['run', 'codes'], { ...settings(), GANTRY_TOKEN: 'wrong-token-wrong' }, 'gantry: This needs a token'],
      [
        ['run', 'codes'],
        { ...settings(), GANTRY_URL: 'http://127.0.0.1:1' },
        'gantry: Gantry at http://127.0.0.1:1 does not answer. Is it started (npm start)?',
      ],
      [
        ['run', 'codes'],
        { GANTRY_DATA: path.join(root, 'nowhere') },
        'gantry: No control plane has been started with the data folder',
      ],
      [['run'], settings(), "error: missing required argument 'suite'"],
      [['run', 'codes', '--unheard-of'], settings(), "error: unknown option '--unheard-of'"],
    ];
    const ended = await Promise.all(cases.map(([words, env]) => runCommand(cli, words, env)));
    for (const [index, [words, , message]] of cases.entries()) {
      const { code, stderr } = ended[index] ?? { code: null, stderr: '' };
      expect([words, code]).toEqual([words, 2]);
      expect(stderr).toContain(message);
      expect(stderr).not.toMatch(/\n\s+at /);
    }
  });

  it('finds the control plane of this machine through its data folder', { timeout: limitMs }, async () => {
    const { code, stdout } = await runCommand(cli, ['sign-in'], {
      GANTRY_DATA: gantry.dataFolder,
      GANTRY_TOKEN: gantry.token,
    });
    expect(code).toBe(0);
    expect(stdout).toContain(`${gantry.url}/sign-in#`);
    expect((await runCommand(cli, ['--help'])).code).toBe(0);
  });
});
