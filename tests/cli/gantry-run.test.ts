import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSuiteFolder } from '../suites/suite-folder';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';
import { type Ended, runCommand, startCommand } from './run-command';

const limitMs = 300_000;
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
  makeSuiteFolder(
    'steps: { main: { kind: task, run: "true", cwd: /no-such-folder } }',
    path.join(root, 'errors'),
  );
  makeSuiteFolder('steps: { main: { kind: task, run: "echo up; sleep 600" } }', path.join(root, 'long'));
  makeSuiteFolder(
    `steps:
  main: { kind: task, run: "echo up; sleep 600" }
  tidy: { kind: task, always: true, run: 'until [ -e "$STOP" ]; do sleep 0.1; done', after: main }`,
    path.join(root, 'slow-to-end'),
  );
  makeSuiteFolder('steps: { main: { kind: tsk } }', path.join(root, 'invalid'));
  gantry = await startGantry({ env: { GANTRY_SUITES: root, GANTRY_PROCESS_BACKEND: '1' } });
}, startLimitMs);

afterAll(async () => {
  await gantry?.stop();
  await rm(root, { recursive: true, force: true });
});

const run = (...words: string[]): Promise<Ended> =>
  runCommand(cli, ['run', ...words, '--backend', 'process'], settings());
const idIn = (stdout: string) => /executions\/(\S+)/.exec(stdout)?.[1] ?? '';
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
    const id = idIn(stdout);
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

  it('exits with 4 when it timed out, and with 3 when it errored', { timeout: limitMs }, async () => {
    const [late, errored] = await Promise.all([run('codes', '--env', 'PAUSE=60'), run('errors')]);
    expect([late.code, errored.code]).toEqual([4, 3]);
    expect(late.stdout).toContain('`slow` timed out: timed out after 2 s.');
    expect(errored.stdout).toContain('`main` errored: ');
    expect(errored.stdout).toContain('no-such-folder');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'cancels the run on %s, waits for the clean-up and exits with 4',
    { timeout: limitMs },
    async (signal) => {
      const command = startCommand(cli, ['run', 'long', '--logs', '--backend', 'process'], settings());
      await command.untilPrinted('main | up');
      command.process.kill(signal);
      const { code, stdout, stderr } = await command.ended;
      expect(code).toBe(4);
      expect(stderr).toContain(`${signal}: cancelling, and waiting for the clean-up.`);
      expect(stdout).toContain('Cancelled by ');
      expect(stdout).toMatch(/environment: created \d+, removed \d+, left 0/);
    },
  );

  it('cancels the run when --timeout is over, and exits with 4', { timeout: limitMs }, async () => {
    const { code, stderr, stdout } = await run('long', '--timeout', '2s');
    expect(code).toBe(4);
    expect(stderr).toContain('The limit of --timeout is over: cancelling');
    expect(stdout).toContain('\ncancelled in ');
  });

  it('leaves it running on a second signal, and says so', { timeout: limitMs }, async () => {
    const stop = path.join(root, 'stop');
    const words = ['run', 'slow-to-end', '--logs', '--backend', 'process', '--env', `STOP=${stop}`];
    const command = startCommand(cli, words, settings());
    await command.untilPrinted('main | up');
    command.process.kill('SIGTERM');
    await command.untilPrinted('tidy starting');
    command.process.kill('SIGTERM');
    const { code, stderr, stdout } = await command.ended;
    const id = idIn(stdout);
    expect(code).toBe(4);
    expect(stderr).toContain(
      `left it running: ${gantry.url}/executions/${id}. Go on with: gantry events ${id} -f`,
    );
    const execution = await (await gantry.call(`/api/v1/executions/${id}`)).json();
    expect(execution.status).toBe('running');
    await writeFile(stop, '');
    expect((await runCommand(cli, ['events', id, '-f'], settings())).stdout).toContain('execution.finished');
  });

  it('exits with 2 for what is not right, and with 5 where nobody answers or may, in one sentence', {
    timeout: limitMs,
  }, async () => {
    const cases: [string[], Record<string, string>, number, string][] = [
      [['run', 'none'], settings(), 2, 'gantry: There is no suite `none` below the suite roots.'],
      [['run', 'invalid'], settings(), 2, '\n  suite.yaml:1:24: steps.main.kind: expected one of service'],
      [['run', 'codes', '--env', 'CODE'], settings(), 2, 'gantry: Expected KEY=VALUE, found CODE.'],
      [['run', 'codes', '--timeout', '9'], settings(), 2, '--timeout: expected a duration such as 90s'],
      [['run', 'codes', '--keep', 'soon'], settings(), 2, '--keep: expected on_failure, always, or a'],
      [['run'], settings(), 2, "error: missing required argument 'suite'"],
      [['run', 'codes', '--unheard-of'], settings(), 2, "error: unknown option '--unheard-of'"],
      [['run', 'codes', '--wait', '--detach'], settings(), 2, "cannot be used with option '--detach'"],
      [['show', '..'], settings(), 2, 'gantry: Expected the id of something, found "..".'],
      [['show', 'nowhere'], settings(), 2, 'gantry: There is no execution'],
      [['run', './nowhere'], settings(), 2, 'gantry: '],
      [
        ['run', 'codes'],
        { ...settings(), GANTRY_TOKEN: 'wrong-token-wrong' },
        5,
        'gantry: This needs a token',
      ],
      [
        ['run', 'codes'],
        { ...settings(), GANTRY_URL: 'http://127.0.0.1:1' },
        5,
        'gantry: Gantry at http://127.0.0.1:1 does not answer. Is it started (npm start)?',
      ],
      [
        ['run', 'codes'],
        { GANTRY_DATA: path.join(root, 'nowhere') },
        5,
        'gantry: No control plane has been started with the data folder',
      ],
      // The token of this machine's control plane is for no other address.
      [
        ['ls'],
        { GANTRY_DATA: gantry.dataFolder, GANTRY_URL: 'http://127.0.0.1:1' },
        5,
        'gantry: There is no token for http://127.0.0.1:1.',
      ],
    ];
    const ended = await Promise.all(
      cases.map(([words, env]) => runCommand(cli, words, { GANTRY_CONTEXTS: '/dev/null/none', ...env })),
    );
    for (const [index, [words, , expected, message]] of cases.entries()) {
      const { code, stderr, stdout } = ended[index] ?? { code: null, stderr: '', stdout: '' };
      expect([words, code]).toEqual([words, expected]);
      expect(stderr).toContain(message);
      expect(stderr).not.toMatch(/\n\s+at /);
      expect(stdout).toBe('');
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
