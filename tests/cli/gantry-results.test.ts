import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSuiteFolder } from '../suites/suite-folder';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';
import { runCommand, startCommand } from './run-command';

const limitMs = 300_000;
const cli = 'lib/cli/gantry.mjs';
let root: string;
let gantry: RunningGantry;
const token = 'a-token-that-stays-the-same';

const junit = `<testsuite name="cart"><testcase classname="cart" name="adds"/><testcase classname="cart" name="pays">
<failure message="expected 3, found 2">at pay (/suite/tests/cart.test.js:14:9)</failure></testcase></testsuite>`;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'gantry-results-'));
  makeSuiteFolder(
    {
      'suite.yaml': `title: Reports
steps:
  cases:
    kind: test
    run: 'cp report.xml "$GANTRY_ARTIFACTS/junit.xml"; echo "::set-env name=A::b"; exit "\${CODE:-0}"'
    export: [{ path: junit.xml, format: junit, on: always }]`,
      'report.xml': junit,
    },
    path.join(root, 'suites', 'reports'),
  );
  makeSuiteFolder(
    `steps: { count: { kind: task, run: 'n=0; until [ -e "$STOP" ]; do n=$((n+1)); echo "$n"; sleep 0.1; done' } }`,
    path.join(root, 'suites', 'counts'),
  );
  gantry = await startGantry({
    env: {
      GANTRY_SUITES: path.join(root, 'suites'),
      GANTRY_PROCESS_BACKEND: '1',
      GANTRY_BOOTSTRAP_TOKEN: token,
    },
  });
}, startLimitMs);

afterAll(async () => {
  await gantry?.stop();
  await rm(root, { recursive: true, force: true });
});

const settings = () => ({ GANTRY_URL: gantry.url, GANTRY_TOKEN: token });
const run = (words: string[], env: Record<string, string> = {}) =>
  runCommand(cli, ['run', ...words, '--backend', 'process'], { ...settings(), ...env });

describe('gantry run for a CI server', () => {
  it('marks failed cases at their lines on GitHub, groups output and writes JUnit, artifacts and a summary', {
    timeout: limitMs,
  }, async () => {
    const out = path.join(root, 'github');
    const { code, stdout } = await run(
      [
        'reports',
        '--env',
        'CODE=1',
        '--logs',
        '--junit',
        `${out}/all.xml`,
        '--artifacts',
        `${out}/files`,
      ].concat('--source-folder', 'suites/reports'),
      { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: path.join(root, 'summary.md') },
    );
    expect(code).toBe(1);
    expect(stdout).toContain(
      '\n::error file=suites/reports/tests/cart.test.js,line=14,title=cases%3A pays::expected 3, found 2\n',
    );
    // What the suite prints is between these: it commands nothing.
    expect(stdout).toMatch(
      /::group::Output of cases\n::stop-commands::(\S+)\n[\s\S]*::set-env name=A::b\n::\1::\n::endgroup::\n/,
    );
    expect(await readFile(`${out}/all.xml`, 'utf8')).toContain('<failure message="expected 3, found 2"');
    expect(await readFile(`${out}/files/cases/junit.xml`, 'utf8')).toBe(junit);
    const summary = await readFile(path.join(root, 'summary.md'), 'utf8');
    expect(summary).toContain('## Reports: failed\n');
    expect(summary).toContain(
      '| pays | cases | suites/reports/tests/cart.test.js:14 | expected 3, found 2 |',
    );
    expect(summary).toMatch(/\| cases \| ✕ failed \| [\d.]+ s \| 1 of 2 \|/);
  });

  it('folds output into sections on GitLab', { timeout: limitMs }, async () => {
    const { code, stdout } = await run(['reports', '--logs'], { GITLAB_CI: 'true' });
    expect(code).toBe(1);
    const sections = stdout.replaceAll('\u001b[0K', '<mark>').replaceAll('\r', '<cr>');
    expect(sections).toMatch(
      /<mark>section_start:\d{10}:(gantry_\w+)\[collapsed=true\]<cr><mark>Output of cases\n[\s\S]*<mark>section_end:\d{10}:\1<cr><mark>\n/,
    );
    expect(stdout).not.toContain('::error');
  });

  it('prints one document with --json and nothing else, also where it cannot', {
    timeout: limitMs,
  }, async () => {
    const [ended, unknown, detached] = await Promise.all([
      run(['reports', '--json', '--logs'], { GITHUB_ACTIONS: 'true' }),
      run(['none', '--json']),
      run(['reports', '--json', '--detach']),
    ]);
    expect(JSON.parse(ended.stdout)).toMatchObject({ status: 'failed', suite: { id: 'reports' } });
    expect(ended.stderr).toContain('cases | ::set-env');
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
    expect(detached.code).toBe(0);
    expect(JSON.parse(detached.stdout)).toMatchObject({ status: 'queued' });
  });

  it('follows across a restart of the control plane, each line once', { timeout: limitMs }, async () => {
    const stop = path.join(root, 'stop');
    const words = ['run', 'counts', '--logs', '--env', `STOP=${stop}`, '--backend', 'process'];
    // A control plane of its own, that comes back at the same address.
    const port = String(20_000 + (process.pid % 20_000));
    const data = await mkdtemp(path.join(root, 'data-'));
    const env = {
      PORT: port,
      DATABASE_URL: '',
      GANTRY_DATA: data,
      GANTRY_SUITES: path.join(root, 'suites'),
      GANTRY_PROCESS_BACKEND: '1',
      GANTRY_BOOTSTRAP_TOKEN: token,
    };
    const first = startCommand('lib/cli/serve.mjs', [], env);
    await first.untilPrinted('Gantry is ready');
    const command = startCommand(cli, words, { GANTRY_URL: `http://127.0.0.1:${port}`, GANTRY_TOKEN: token });
    await command.untilPrinted('count | 5\n');
    first.process.kill('SIGTERM');
    await first.ended;
    const second = startCommand('lib/cli/serve.mjs', [], env);
    try {
      await second.untilPrinted('Gantry is ready');
      await writeFile(stop, '');
      const { code, stdout } = await command.ended;
      const numbers = [...stdout.matchAll(/ count \| (\d+)\n/g)].map(([, number]) => Number(number));
      expect(numbers).toEqual(numbers.map((_, index) => index + 1));
      expect(code).toBe(0);
    } finally {
      second.process.kill('SIGTERM');
      await second.ended;
    }
  });
});

describe('gantry run FOLDER', () => {
  const alone = (words: string[], env: Record<string, string> = {}) =>
    startCommand(cli, ['run', ...words, '--backend', 'process'], {
      GANTRY_PROCESS_BACKEND: '1',
      GANTRY_CONTEXTS: '/dev/null/none',
      ...env,
    });

  it('runs the suite of a folder without a server, and leaves none', { timeout: limitMs }, async () => {
    const folder = path.join(root, 'suites', 'reports');
    const { code, stdout, stderr } = await alone([folder, '--junit', path.join(root, 'alone.xml')]).ended;
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'Starting a control plane for this run.\n' });
    expect(stdout).toContain('Reports, profile default, on ');
    expect(await readFile(path.join(root, 'alone.xml'), 'utf8')).toContain('name="pays"');
    await expect(fetch(/http:\/\/\S+/.exec(stdout)?.[0] ?? '')).rejects.toThrow('fetch failed');
  });

  it('cancels on SIGTERM, removes what it made, and exits with 4', { timeout: limitMs }, async () => {
    const folder = path.join(root, 'suites', 'counts');
    const command = alone([folder, '--logs', '--env', `STOP=${path.join(root, 'never')}`]);
    await command.untilPrinted('count | 1\n');
    command.process.kill('SIGTERM');
    const { code, stdout } = await command.ended;
    expect(code).toBe(4);
    expect(stdout).toMatch(/environment: created \d+, removed \d+, left 0/);
  });

  it('says what is wrong before it starts anything', { timeout: limitMs }, async () => {
    const broken = makeSuiteFolder('steps: { main: { kind: tsk } }', path.join(root, 'broken'));
    const [invalid, kept] = await Promise.all([
      alone([broken]).ended,
      alone([broken, '--keep', '30m']).ended,
    ]);
    expect(invalid.code).toBe(2);
    expect(invalid.stderr).toContain('suite.yaml:1:24: steps.main.kind: expected one of service');
    expect(kept.code).toBe(2);
    expect(kept.stderr).toContain('--keep needs a control plane that goes on');
    expect(existsSync(path.join(broken, '.gantry'))).toBe(false);
  });
});
