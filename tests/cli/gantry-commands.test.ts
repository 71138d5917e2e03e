import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSuiteFolder } from '../suites/suite-folder';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';
import { runCommand } from './run-command';

const limitMs = 300_000;
const cli = 'lib/cli/gantry.mjs';
const root = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;
let gantry: RunningGantry;
let id: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gantry-commands-'));
  makeSuiteFolder(
    `title: Two steps
steps:
  first: { kind: task, run: "echo one; echo two >&2" }
  second: { kind: task, run: "echo three; exit 3", after: first }`,
    path.join(folder, 'suites', 'two'),
  );
  makeSuiteFolder(
    'steps: { up: { kind: service, run: "sleep 600", ready: { exec: "true" } }, use: { kind: task, run: "true", after: up } }',
    path.join(folder, 'suites', 'kept'),
  );
  gantry = await startGantry({
    env: { GANTRY_SUITES: path.join(folder, 'suites'), GANTRY_PROCESS_BACKEND: '1' },
  });
  id = await runAndFindId('two', 1);
}, startLimitMs + limitMs);

afterAll(async () => {
  await gantry?.stop();
  await rm(folder, { recursive: true, force: true });
});

const settings = () => ({ GANTRY_URL: gantry.url, GANTRY_TOKEN: gantry.token });
const run = (...words: string[]) => runCommand(cli, words, settings());

async function runAndFindId(suite: string, expected: number, ...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(
    'run',
    suite,
    '--backend',
    'process',
    '--label',
    'a=b',
    ...words,
  );
  expect({ code, stderr }).toEqual({ code: expected, stderr: '' });
  return /executions\/(\S+)/.exec(stdout)?.[1] ?? '';
}

describe('what looks at executions', () => {
  it('lists and shows them', { timeout: limitMs }, async () => {
    const [listed, none, json, shown] = await Promise.all([
      run('ls', '--suite', 'two', '--label', 'a=b', '--status', 'failed,errored'),
      run('ls', '--suite', 'two', '--label', 'a=c'),
      run('ls', '--suite', 'two', '--json'),
      run('show', id),
    ]);
    expect(listed.stdout).toMatch(new RegExp(`^ID .*\\n${id} +two +default +process +failed +[\\d.]+ s`));
    expect(none.stdout.split('\n')).toHaveLength(2);
    expect(JSON.parse(json.stdout)).toMatchObject({ items: [{ id, labels: { a: 'b' } }], nextCursor: null });
    expect(shown.stdout).toContain('`second` failed: exit code 3, expected 0.\n');
    expect(shown.stdout).toMatch(/✕ second +task +failed +[\d.]+ s +exit code 3, expected 0\n/);
  });

  it('prints logs of one step as they are, of several with time and step, filtered as asked', {
    timeout: limitMs,
  }, async () => {
    const [all, one, stderr, found, followed, old, json, wrong] = await Promise.all([
      run('logs', id),
      run('logs', id, '--step', 'second', '--stream', 'stdout'),
      run('logs', id, '--stream', 'stderr', '--step', 'first'),
      run('logs', id, '--grep', 'THREE'),
      run('logs', id, '-f', '--step', 'first', '--stream', 'stdout'),
      run('logs', id, '--since', '2199-01-01T00:00:00Z'),
      run('logs', id, '--grep', 'three', '--json'),
      run('logs', id, '--since', 'soon'),
    ]);
    expect(all.stdout).toMatch(/^\d\d:\d\d:\d\d\.\d{3} first \| one\n/m);
    expect(one.stdout).toBe('three\n');
    expect(stderr.stdout).toBe('two\n');
    expect(found.stdout).toMatch(/^\S+ second \| three\n$/);
    expect(followed.stdout).toBe('one\n');
    expect(old.stdout).toBe('');
    expect(JSON.parse(json.stdout)).toMatchObject({ stepId: 'second', text: 'three', stream: 'stdout' });
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('--since: expected a duration such as 10m or a time');
  });

  it('prints the history as lines of JSON, the same followed and not', { timeout: limitMs }, async () => {
    const [page, followed, lines] = await Promise.all([
      run('events', id, '--json'),
      run('events', id, '-f', '--json'),
      run('events', id),
    ]);
    const events = page.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.at(-1)).toMatchObject({ type: 'execution.finished', status: 'failed' });
    expect(followed.stdout).toBe(page.stdout);
    expect(lines.stdout).toContain('✕ second failed: exit code 3, expected 0\n');
  });

  it('runs again what failed, and refuses to cancel what has ended', { timeout: limitMs }, async () => {
    const [again, cancelled] = await Promise.all([run('rerun', id, '--only', 'failed'), run('cancel', id)]);
    expect(again.code).toBe(1);
    expect(again.stdout).toContain('first: ');
    expect(cancelled).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('environments', () => {
  it('keeps one, looks in, runs a command there, extends and reaps it', { timeout: limitMs }, async () => {
    const kept = await runAndFindId('kept', 0, '--keep', '30m');
    expect((await run('env', 'ls')).stdout).toMatch(new RegExp(`${kept} +kept +process +kept`));
    expect((await run('env', 'show', kept)).stdout).toMatch(/process +\S+ +up /);
    const unknown = await run('env', 'exec', kept, 'none', '--', 'true');
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('has no running container of none. It has: up');
    expect((await run('env', 'extend', kept, '2h')).stdout).toMatch(/is kept until 2\d{3}-/);
    const reaped = await run('env', 'reap', kept);
    expect(reaped.code).toBe(0);
    expect(reaped.stdout).toMatch(new RegExp(`^${kept} removed: removed \\d+, left 0`));
    expect((await run('env', 'reap')).stderr).toContain('Expected one of: the id of an environment');
  });
});

describe('the platform', () => {
  it('lists suites, backends, agents; makes, uses and revokes a token', { timeout: limitMs }, async () => {
    const [suites, backends, agents, test, unknown, made] = await Promise.all([
      run('suites'),
      run('backends'),
      run('agents', '--json'),
      run('backends', 'test', 'process'),
      run('backends', 'test', 'moon'),
      run('token', 'make', 'ci', '--role', 'viewer', '--expires', '1h'),
    ]);
    expect(suites.stdout).toMatch(/\ntwo +Two steps +2 +default\n/);
    expect(backends.stdout).toMatch(
      /\nprocess +Processes on this machine, without isolation +process +yes\n/,
    );
    expect(JSON.parse(agents.stdout)).toEqual({ items: [] });
    expect([test.code, unknown.code]).toEqual([0, 2]);
    const viewer = { ...settings(), GANTRY_TOKEN: made.stdout.trim() };
    const refused = await runCommand(cli, ['run', 'two'], viewer);
    expect(refused.code).toBe(5);
    expect((await runCommand(cli, ['ls'], viewer)).code).toBe(0);
    const { items } = JSON.parse((await run('token', '--json')).stdout);
    const ci = items.find(({ name }: { name: string }) => name === 'ci');
    expect((await run('token', 'revoke', ci.id)).code).toBe(0);
    expect((await runCommand(cli, ['ls'], viewer)).code).toBe(5);
  });

  it('makes, lists, switches and removes a schedule', { timeout: limitMs }, async () => {
    const made = await run('schedules', 'make', 'two', '--cron', '30 2 1 1 *', '--time-zone', 'Asia/Kolkata');
    expect(made.code).toBe(0);
    expect(made.stderr).toMatch(/^Next at 2\d{3}-12-31T21:00:00\.000Z, /);
    const schedule = made.stdout.trim();
    expect((await run('schedules')).stdout).toMatch(
      new RegExp(`\n${schedule} +two +two +30 2 1 1 \\* +Asia/Kolkata +2\\d{3}-12-31T21:00:00\\.000Z +never`),
    );
    expect((await run('schedules', 'off', schedule)).stderr).toBe('two is off.\n');
    const { items } = JSON.parse((await run('schedules', '--json')).stdout);
    expect(items).toMatchObject([{ id: schedule, enabled: false, nextTimes: [], lastFiring: null }]);
    expect((await run('schedules', 'history', schedule)).code).toBe(0);
    const refused = await run('schedules', 'make', 'two', '--cron', '61 * * * *');
    expect(refused.stderr).toContain('cron: expected five fields such as `30 2 * * 1-5`, found `61 * * * *`');
    expect((await run('schedules', 'rm', schedule)).code).toBe(0);
    expect((await run('schedules', 'rm', schedule)).stderr).toContain(`There is no schedule ${schedule}.`);
  });

  it('doctor says what is right and what to do about what is not', { timeout: limitMs }, async () => {
    const [well, unreachable, refused] = await Promise.all([
      runCommand(cli, ['doctor', '--json'], { ...settings(), NO_PROXY: '', HTTPS_PROXY: 'http://proxy:1' }),
      runCommand(cli, ['doctor'], { GANTRY_URL: 'http://127.0.0.1:1', GANTRY_TOKEN: 'x' }),
      runCommand(cli, ['doctor'], { ...settings(), GANTRY_TOKEN: 'wrong-token-wrong' }),
    ]);
    expect(well.code).toBe(0);
    const { items } = JSON.parse(well.stdout);
    expect(items).toContainEqual({
      check: 'datastore',
      status: 'ok',
      found: 'PostgreSQL answers',
      todo: null,
    });
    expect(items).toContainEqual(expect.objectContaining({ check: 'proxy', status: 'warning' }));
    expect(unreachable.code).toBe(3);
    expect(unreachable.stdout).toContain('✕ control plane: Gantry at http://127.0.0.1:1 does not answer.');
    expect(refused.code).toBe(3);
    expect(refused.stdout).toContain('    Set GANTRY_TOKEN to a token of this control plane.\n');
  });
});

describe('gantry itself', () => {
  it('says its version, with --json as JSON', { timeout: limitMs }, async () => {
    const ended = await Promise.all([run('--version'), run('version'), run('version', '--json')]);
    expect(ended.map(({ stdout }) => stdout)).toEqual(['0.1.0\n', 'gantry 0.1.0\n', '{"version":"0.1.0"}\n']);
  });

  it('completes commands, options, suites and executions in bash', { timeout: limitMs }, async () => {
    await symlink(path.join(root, cli), path.join(folder, 'gantry'));
    const complete = async (...words: string[]) => {
      const typed = ['gantry', ...words].map((word) => `'${word}'`).join(' ');
      const script = `source <(gantry completion bash)
COMP_WORDS=(${typed}); COMP_CWORD=${words.length}; _gantry; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const env = { ...process.env, ...settings(), PATH: `${folder}:${process.env.PATH}` };
      const { stdout } = await promisify(execFile)('bash', ['-c', script], { env });
      return stdout.trim().split('\n');
    };
    expect(await complete('ru')).toEqual(['run']);
    expect(await complete('env', 'e')).toEqual(['exec', 'extend']);
    expect(await complete('run', '--prof')).toEqual(['--profile']);
    expect(await complete('run', '')).toEqual(['kept', 'two']);
    expect(await complete('run', '--profile', 'x', 't')).toEqual(['two']);
    expect(await complete('show', id.slice(0, 8))).toEqual([id]);
    expect(await complete('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });
});
