import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createProcessBackend } from '@/lib/backends/process/process-backend';
import { processesWithEnv } from '@/lib/backends/process/process-group';
import { systemClock } from '@/lib/clock';
import { makeStepSpec } from '../../support/plan';
import { newExecutionId } from '../backend-contract';
import { watchStep } from '../contract/contract-run';
import { createPackages } from '../contract/package-content';
import { silentLogger } from '../contract/silent-logger';

const packages = createPackages();
const packageDigest = packages.add([{ path: 'a.txt', content: 'a' }]);
const executionId = newExecutionId();
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gantry-survival-'));
});
afterEach(async () => {
  await backend().closeEnvironment(executionId);
  expect(await processesWithEnv(folder)).toEqual([]);
  await rm(folder, { recursive: true });
});

function backend() {
  return createProcessBackend(
    { clock: systemClock, logger: silentLogger, openPackage: packages.openPackage },
    { id: 'process', installation: 'test', folder },
  );
}

async function openStep(source: string) {
  await backend().openEnvironment({
    executionId,
    suiteId: 'suite',
    profile: 'default',
    owner: 'owner',
    deadline: '2099-01-01T00:00:00.000Z',
    services: [],
  });
  return makeStepSpec({ executionId, node: { command: ['node', '-e', source], packageDigest } });
}

describe.runIf(process.platform === 'linux')('processes and those who started them', () => {
  test('a step lives on when Gantry is killed, and the next one gets every line and the exit code', async () => {
    const step = await openStep(
      `let i = 0; const timer = setInterval(() => { console.log('line ' + i++); if (i === 150) { clearInterval(timer); process.exitCode = 6; } }, 10);`,
    );
    const first = spawn(
      process.execPath,
      [
        '--import',
        'tsx',
        path.join(import.meta.dirname, 'watch-until-killed.ts'),
        folder,
        JSON.stringify(step),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const delivered: string[] = [];
    for await (const line of createInterface({ input: first.stdout })) {
      delivered.push(line);
      if (delivered.length === 40) first.kill('SIGKILL');
    }
    expect(delivered.length).toBeLessThan(150);
    const second = watchStep(backend(), step, { resumeAfter: { stdout: delivered.length, stderr: 0 } });
    expect(await second.outcome).toMatchObject({ ended: 'exited', exitCode: 6 });
    expect([...delivered, ...second.texts()]).toEqual(Array.from({ length: 150 }, (_, i) => `line ${i}`));
  });

  test('the exit code of a step that ended while nobody watched is known', async () => {
    const step = await openStep(`console.log(process.pid); setTimeout(() => process.exit(8), 100);`);
    const first = watchStep(backend(), step);
    await first.until(({ lines }) => lines.length > 0);
    first.stop('detached');
    await first.outcome;
    await hasEnded(Number(first.texts()[0]));
    expect(await watchStep(backend(), step).outcome).toMatchObject({ ended: 'exited', exitCode: 8 });
  });

  test('children that a step leaves behind end with it', async () => {
    const step = await openStep(
      `const child = require('child_process').spawn('sleep', ['100'], { stdio: 'inherit' }); console.log(child.pid); child.unref();`,
    );
    const watched = watchStep(backend(), step);
    expect(await watched.outcome).toMatchObject({ ended: 'exited', exitCode: 0 });
    await hasEnded(Number(watched.texts()[0]));
  });

  test('a child that left its group ends with the environment, and is counted', async () => {
    const step = await openStep(
      `const child = require('child_process').spawn('sleep', ['100'], { detached: true, stdio: 'ignore' }); console.log(child.pid); child.unref();`,
    );
    const watched = watchStep(backend(), step);
    await watched.outcome;
    expect(await backend().closeEnvironment(executionId)).toEqual({ created: 3, removed: 3, left: [] });
    await hasEnded(Number(watched.texts()[0]));
  });

  test('a step that is stopped in the moment in which it starts ends at SIGTERM', async () => {
    const step = await openStep(`setInterval(() => {}, 1000);`);
    for (let attempt = 1; attempt <= 20; attempt += 1) {
      const watched = watchStep(backend(), { ...step, attempt });
      await watched.until(({ calls }) => calls.includes('running'));
      watched.stop('cancelled', 10_000);
      expect(await watched.outcome).toMatchObject({ exitCode: 143, signal: 'SIGTERM', reason: null });
    }
  });

  test('a step whose processes were killed from outside is a failure of the backend', async () => {
    const step = await openStep(`console.log('up'); setInterval(() => {}, 1000);`);
    const watched = watchStep(backend(), step);
    await watched.until(({ lines }) => lines.length > 0);
    const [leader] = (await backend().listEnvironments())[0]?.resources.slice(1) ?? [];
    process.kill(-Number(leader?.address?.split(' ').at(-1)), 'SIGKILL');
    await expect(watched.outcome).rejects.toMatchObject({ code: 'backend_failed' });
  });
});

test.runIf(process.platform === 'linux')(
  'a process that has got the id of an old group leader is left alone',
  async () => {
    const bystander = spawn('sleep', ['100'], { detached: true });
    await once(bystander, 'spawn');
    await watchStep(backend(), await openStep(`console.log('done')`)).outcome;
    const fields = (await readFile(`/proc/${bystander.pid}/stat`, 'utf8')).split(' ');
    fields[21] = String(Number(fields[21]) - 1);
    await writeFile(path.join(folder, executionId, 'steps', 'step.1', 'leader'), fields.join(' '));
    await backend().closeEnvironment(executionId);
    bystander.kill('SIGTERM');
    expect((await once(bystander, 'exit'))[1]).toBe('SIGTERM');
  },
);

/** Gone, or a zombie where nobody reaps. The kernel takes a moment after the signal. */
async function hasEnded(pid: number): Promise<void> {
  for (;;) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
    if (stat === null || /\) [ZX] /.test(stat)) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
