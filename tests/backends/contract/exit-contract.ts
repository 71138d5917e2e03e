import { expect } from 'vitest';
import { AppError } from '@/lib/model/errors';
import { stepEnv } from '@/lib/model/step-spec';
import type { ContractContext, ContractProgram } from '../backend-contract';

/** Machines, and a cluster that tells whole seconds, differ by a little. */
function expectJustNow(atMs: number | undefined): void {
  const agoMs = Date.now() - (atMs ?? 0);
  expect(agoMs).toBeGreaterThan(-5_000);
  expect(agoMs).toBeLessThan(5 * 60_000);
}

/** What becomes of a step's end, its files and its surroundings. */
export function exitContract({ test, openStep, sibling, run, harness }: ContractContext): void {
  for (const exitCode of [0, 3, 255]) {
    test(`an exit code of ${exitCode} is an outcome`, async () => {
      const watched = run(await openStep(exitsWith(exitCode)));
      // Which image it was is told by backends that run images, and tested there.
      const { image: _, endedAtMs, endClock: _clock, ...outcome } = await watched.outcome;
      expectJustNow(endedAtMs);
      expect(outcome).toEqual({
        ended: 'exited',
        exitCode,
        signal: null,
        oomKilled: false,
        reason: null,
        warnings: [],
      });
      expect(watched.calls.filter((call) => call === 'running')).toHaveLength(1);
      expect(watched.calls).not.toContain('ready');
    });
  }

  for (const { what, command, exitCode, reason } of unrunnable) {
    test(`${what} ends with ${exitCode} and the reason`, async () => {
      const step = await openStep({ source: '', fake: { exitCode, reason } });
      const isFake = harness().backend.id === 'fake';
      const watched = run({ ...step, node: { ...step.node, command: isFake ? step.node.command : command } });
      // Which image it was is told by backends that run images, and tested there.
      const { image: _, endedAtMs: _at, endClock: _clock, ...outcome } = await watched.outcome;
      expect(outcome).toEqual({
        ended: 'exited',
        exitCode,
        signal: null,
        oomKilled: false,
        reason,
        warnings: [],
      });
      expect(watched.calls.filter((call) => call === 'running')).toHaveLength(1);
    });
  }

  test('a working folder that does not exist rejects with an AppError', async () => {
    const missing = { source: '', fake: { rejects: new AppError('backend_failed', '/not/there') } };
    const watched = run(await openStep(missing, { node: { cwd: '/not/there' } }));
    await expect(watched.outcome).rejects.toMatchObject({
      code: 'backend_failed',
      message: expect.stringContaining('/not/there'),
    });
  });

  test('a command that is found and ends with 127 gives no reason', async () => {
    const watched = run(await openStep(exitsWith(127)));
    expect(await watched.outcome).toMatchObject({ ended: 'exited', exitCode: 127, reason: null });
  });

  test('an image that does not exist rejects with an AppError', async () => {
    const missing = { source: '', fake: { rejects: new AppError('image_missing', 'no such image') } };
    const step = await openStep(missing, { node: { image: 'gantry/no-such-image:none', pull: 'never' } });
    const watched = run(step);
    await expect(watched.outcome).rejects.toThrow(AppError);
    await expect(watched.outcome).rejects.toMatchObject({ code: 'image_missing' });
    expect(watched.calls).not.toContain('running');
  });

  test('a step has its env, word for word, and nothing of the control plane', async () => {
    process.env.GANTRY_CONTRACT_SECRET = 'leaked';
    const env = {
      GREETING: 'hello "you" $HOME `x`\nsecond line \\',
      EMPTY: '',
      CI: 'true',
      'discovery.type': 'single-node',
      'with-dash': '1',
    };
    const watched = run(await openStep(printsEnv, { env }));
    await watched.outcome;
    delete process.env.GANTRY_CONTRACT_SECRET;
    expect(JSON.parse(watched.texts()[0] ?? '')).toEqual({ ...env, hasArtifacts: true });
  });

  test('secrets stand above the env and below the variables of Gantry itself', async () => {
    const step = await openStep(printsSecrets, { env: { GREETING: 'from the env', GANTRY_STEP: 'step' } });
    const secrets = { GREETING: 'from a secret', TOKEN: 'a "b" $c\nd', GANTRY_STEP: 'from a secret' };
    const watched = run({ ...step, secrets });
    await watched.outcome;
    expect(JSON.parse(watched.texts()[0] ?? '')).toEqual({
      GREETING: 'from a secret',
      TOKEN: 'a "b" $c\nd',
      GANTRY_STEP: 'step',
    });
  });

  test('a step runs in the folder of its package, with the modes of the files', async () => {
    const watched = run(
      await openStep({
        source: `
          console.log(require('fs').readFileSync('hello.txt', 'utf8'));
          console.log(require('child_process').execFileSync('./bin/tool.sh', ['it'], { encoding: 'utf8' }).trim());`,
        fake: { lines: ['from the package', 'tool got it'] },
      }),
    );
    await watched.outcome;
    expect(watched.texts()).toEqual(['from the package', 'tool got it']);
  });

  test('the package is read-only', async () => {
    const watched = run(
      await openStep({
        source: `
          for (const path of ['hello.txt', 'new.txt', 'bin/new.txt']) {
            try { require('fs').writeFileSync(path, 'x'); console.log('written'); } catch { console.log('refused'); }
          }`,
        fake: { lines: ['refused', 'refused', 'refused'] },
      }),
    );
    await watched.outcome;
    expect(watched.texts()).toEqual(['refused', 'refused', 'refused']);
  });

  test('files are exported by glob, also of a step that failed, and links lead nowhere', async () => {
    const step = await openStep(writesFiles, {
      node: {
        exports: [
          { path: 'reports/**/*.xml', format: 'junit', on: 'always', required: true },
          { path: '*.txt', format: 'file', on: 'success', required: false },
        ],
      },
    });
    const watched = run(step);
    expect(await watched.outcome).toMatchObject({ ended: 'exited', exitCode: 2 });
    expect(watched.artifacts).toEqual([
      { path: 'a.txt', format: 'file', text: 'text' },
      { path: 'reports/deep/b.xml', format: 'junit', text: '<b/>' },
      { path: 'reports/junit.xml', format: 'junit', text: '<a/>' },
    ]);
    expect(watched.calls.lastIndexOf('lines')).toBeLessThan(watched.calls.indexOf('artifact'));
    // The scripted backend has no links.
    if (harness().backend.id === 'fake') return;
    expect((await watched.outcome).notExported).toEqual(
      expect.arrayContaining([
        { path: 'passwd.txt', type: 'link', target: '/etc/passwd' },
        { path: 'reports/deep/link.xml', type: 'link', target: '../../a.txt' },
      ]),
    );
    expect((await watched.outcome).notExported).toHaveLength(2);
  });

  test('a process that a step leaves behind has a moment to finish a file, and ends then', async () => {
    const exports = [{ path: '*.txt', format: 'file' as const, on: 'always' as const, required: false }];
    const watched = run(await openStep(leavesWriter, { node: { exports } }));
    expect(await watched.outcome).toMatchObject({ ended: 'exited', exitCode: 3 });
    expect(watched.artifacts).toEqual([{ path: 'late.txt', format: 'file', text: 'whole\n' }]);
  });

  test('an attempt begins with no files of the one before', async () => {
    const exports = [{ path: '**', format: 'file' as const, on: 'always' as const, required: false }];
    const step = await openStep(writesFiles, { node: { exports } });
    await run(step).outcome;
    const second = run({ ...sibling(step, exitsWith(0)), attempt: 2 });
    await second.outcome;
    expect(second.artifacts).toEqual([]);
  });
}

/** In the words of every backend; the files are those of the contract's package. */
const unrunnable = [
  {
    what: 'a command that is nowhere',
    command: ['gantry-no-such-command'],
    exitCode: 127,
    reason: 'the command "gantry-no-such-command" was not found',
  },
  {
    what: 'a program that is not in the package',
    command: ['./bin/missing.sh'],
    exitCode: 127,
    reason: 'the command "./bin/missing.sh" was not found',
  },
  {
    what: 'a script whose interpreter is missing',
    command: ['./bin/other-interpreter.sh'],
    exitCode: 127,
    reason: '"./bin/other-interpreter.sh" needs /opt/no/such/shell, which was not found',
  },
  {
    what: 'a script with Windows line endings',
    command: ['./bin/windows.sh'],
    exitCode: 127,
    reason:
      '"./bin/windows.sh" has Windows line endings (CRLF): its first line asks for the interpreter "/bin/sh\\r"',
  },
  {
    what: 'a shell script that runs one with Windows line endings',
    command: ['sh', '-c', 'cd . && ./bin/windows.sh'],
    exitCode: 127,
    reason:
      '"./bin/windows.sh" has Windows line endings (CRLF): its first line asks for the interpreter "/bin/sh\\r"',
  },
  {
    what: 'a file without the permission to execute it',
    command: ['./hello.txt'],
    exitCode: 126,
    reason: '"./hello.txt" may not be executed: give the file the permission x (chmod +x)',
  },
  {
    what: 'a folder',
    command: ['./bin'],
    exitCode: 126,
    reason: '"./bin" is a folder and not a program',
  },
];

const writesFiles: ContractProgram = {
  source: `
    const fs = require('fs');
    process.chdir(process.env.GANTRY_ARTIFACTS);
    fs.mkdirSync('reports/deep', { recursive: true });
    fs.writeFileSync('a.txt', 'text');
    fs.writeFileSync('a.log', 'not asked for');
    fs.writeFileSync('reports/junit.xml', '<a/>');
    fs.writeFileSync('reports/deep/b.xml', '<b/>');
    fs.symlinkSync('/etc/passwd', 'passwd.txt');
    fs.symlinkSync('../../a.txt', 'reports/deep/link.xml');
    fs.symlinkSync('/etc', 'reports/etc');
    console.log('written');
    process.exitCode = 2;`,
  fake: {
    lines: ['written'],
    exitCode: 2,
    artifacts: {
      'a.txt': 'text',
      'a.log': 'not asked for',
      'reports/junit.xml': '<a/>',
      'reports/deep/b.xml': '<b/>',
    },
  },
};

/** As bats ends before its formatter; and a daemon goes on after that. */
const leavesWriter: ContractProgram = {
  source: `
    const script = 'sleep 0.7; echo whole > "$GANTRY_ARTIFACTS/late.txt"; exec sleep 100';
    require('child_process').spawn('sh', ['-c', script], { stdio: 'ignore' }).unref();
    process.exitCode = 3;`,
  fake: { exitCode: 3, artifacts: { 'late.txt': 'whole\n' } },
};

const printsEnv: ContractProgram = {
  source: `
    const { GREETING, EMPTY, CI, GANTRY_CONTRACT_SECRET, GANTRY_ARTIFACTS } = process.env;
    const { 'discovery.type': type, 'with-dash': dash } = process.env;
    const hasArtifacts = require('fs').statSync(GANTRY_ARTIFACTS).isDirectory();
    const odd = { 'discovery.type': type, 'with-dash': dash };
    console.log(JSON.stringify({ GREETING, EMPTY, CI, GANTRY_CONTRACT_SECRET, ...odd, hasArtifacts }));`,
  fake: (step) => ({ lines: [JSON.stringify({ ...step.env, hasArtifacts: true })] }),
};

const printsSecrets: ContractProgram = {
  source: `
    const { GREETING, TOKEN, GANTRY_STEP } = process.env;
    console.log(JSON.stringify({ GREETING, TOKEN, GANTRY_STEP }));`,
  fake: (step) => ({ lines: [JSON.stringify(stepEnv(step))] }),
};

function exitsWith(exitCode: number): ContractProgram {
  return { source: `process.exitCode = ${exitCode};`, fake: { exitCode } };
}
