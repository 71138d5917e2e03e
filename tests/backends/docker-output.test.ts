import { afterEach, beforeAll, expect, test } from 'vitest';
import { readFrames } from '@/lib/backends/docker/frames';
import { attemptName } from '@/lib/backends/labels';
import { toolboxImage } from '@/lib/cli/toolbox';
import { makeStepSpec } from '../support/plan';
import { describeWith } from '../support/requirements';
import { newExecutionId, packageFiles } from './backend-contract';
import { watchStep } from './contract/contract-run';
import { createPackages } from './contract/package-content';
import { openDockerHarness } from './docker-harness';

const count = 1_000_000;
const text = 'x'.repeat(92);
/** Numbered lines of 100 bytes, in large writes. */
const program = (lines: number, then = '') => `
  let i = 0;
  const write = () => {
    while (i < ${lines}) {
      let chunk = '';
      for (let n = 0; n < 600 && i < ${lines}; n += 1, i += 1) chunk += String(i).padStart(7, '0') + '${text}\\n';
      if (!process.stdout.write(chunk)) return process.stdout.once('drain', write);
    }
    ${then}
  };
  write();`;

describeWith(['docker'], 'The output of a container', () => {
  const packages = createPackages();
  const packageDigest = packages.add(packageFiles);
  let harness: Awaited<ReturnType<typeof openDockerHarness>>;
  let opened: string[] = [];

  beforeAll(async () => {
    harness = await openDockerHarness(packages, 'docker-output-test');
  });
  afterEach(async () => {
    for (const id of opened) expect((await harness.backend.closeEnvironment(id)).left).toEqual([]);
    opened = [];
  });

  async function open(command: string[]) {
    const executionId = newExecutionId();
    opened.push(executionId);
    await harness.backend.openEnvironment({
      executionId,
      suiteId: 'suite',
      profile: 'default',
      owner: 'owner',
      deadline: '2099-01-01T00:00:00.000Z',
      services: [],
    });
    return makeStepSpec({ executionId, node: { image: toolboxImage, packageDigest, command } });
  }

  test('a million lines of 100 bytes come whole and in order, live and again from the log', async () => {
    const step = await open(['node', '-e', program(count)]);
    for (const resumeAfter of [undefined, { stdout: 10, stderr: 0 }]) {
      const first = resumeAfter?.stdout ?? 0;
      let next = first;
      let wrong = 0;
      const before = performance.now();
      const outcome = await harness.backend.runStep(step, {
        signal: new AbortController().signal,
        ...(resumeAfter ? { resumeAfter } : {}),
        onPhase: () => {},
        onRunning: () => {},
        onReady: () => {},
        onArtifact: async () => {},
        onLines: async (lines) => {
          for (const line of lines) {
            if (Number(line.text.slice(0, 7)) !== next || line.text.length !== 99) wrong += 1;
            next += 1;
          }
        },
      });
      const seconds = (performance.now() - before) / 1000;
      console.info(`${first ? 'log' : 'live'}: ${Math.round((count - first) / seconds)} lines a second`);
      expect(outcome).toMatchObject({ ended: 'exited', exitCode: 0 });
      expect({ next, wrong }).toEqual({ next: count, wrong: 0 });
    }
  });

  test('both streams come in the order in which the engine has them', async () => {
    const source = `
      const { writeSync } = require('fs');
      for (let i = 0; i < 2000; i += 1) writeSync(i % 2 ? 2 : 1, i + '\\n');`;
    const step = await open(['node', '-e', source]);
    const watched = watchStep(harness.backend, step);
    await watched.outcome;
    const came = watched.lines.filter(({ stream }) => stream !== 'system');
    const log = await harness.docker
      .getContainer(attemptName(step))
      .logs({ follow: false, stdout: true, stderr: true });
    const logged: { stream: string; text: string }[] = [];
    readFrames((stream, payload) => {
      for (const text of payload.toString().trimEnd().split('\n')) logged.push({ stream, text });
    })(log);
    expect(came.map(({ stream, text }) => ({ stream, text }))).toEqual(logged);
    expect(logged).toHaveLength(2_000);
  });

  test('a shell that traces its commands shows each beside what it prints', async () => {
    const step = await open(['sh', '-c', 'set -x; echo one; sleep 0.1; echo two; sleep 0.1; ls /nowhere']);
    const watched = watchStep(harness.backend, step);
    await watched.outcome;
    const at = (text: string) => watched.texts().indexOf(text);
    expect(at('one')).toBeLessThan(at('+ echo two'));
    expect(at('two')).toBeLessThan(at('+ ls /nowhere'));
    // Engines themselves swap neighbours at times: each stream has a reader of its own.
    expect(Math.abs(at('one') - at('+ echo one'))).toBeLessThanOrEqual(2);
    expect(Math.abs(at('two') - at('+ echo two'))).toBeLessThanOrEqual(2);
  });

  test('a receiver that stalls neither stops the program nor loses a line of it', async () => {
    const lines = 200_000;
    const step = await open(['node', '-e', program(lines)]);
    let goOn: () => void = () => {};
    const stalled = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const watched = watchStep(harness.backend, step, { takeLines: () => stalled });
    const ended = await harness.docker
      .getContainer(attemptName(step))
      .wait()
      .catch(() => null);
    if (!ended) {
      await watched.until(({ calls }) => calls.includes('running'));
      await harness.docker.getContainer(attemptName(step)).wait();
    }
    goOn();
    await watched.outcome;
    expect(watched.texts().length).toBe(lines);
    expect(watched.texts().every((line, i) => Number(line.slice(0, 7)) === i)).toBe(true);
  });

  test('a program that closes its output and runs on is waited for', async () => {
    const step = await open(['sh', '-c', 'echo before; exec >&- 2>&-; sleep 2; exit 5']);
    const watched = watchStep(harness.backend, step);
    expect(await watched.outcome).toMatchObject({ ended: 'exited', exitCode: 5 });
    expect(watched.texts()).toEqual(['before']);
  });

  test('a step whose lines cannot be taken any more is let go', async () => {
    const step = await open(['sh', '-c', 'echo up; sleep 60']);
    const watched = watchStep(harness.backend, step, {
      takeLines: () => Promise.reject(new Error('fenced')),
    });
    await expect(watched.outcome).rejects.toThrow('fenced');
    const { State } = await harness.docker.getContainer(attemptName(step)).inspect();
    expect(State.Running).toBe(true);
  });

  test('a restart in the middle of a flood loses and doubles nothing', async () => {
    const lines = 300_000;
    const step = await open(['node', '-e', program(lines)]);
    const first = watchStep(harness.backend, step);
    await first.until((watched) => watched.lines.length > 20_000);
    first.stop('detached');
    await first.outcome;
    const delivered = first.texts();
    expect(delivered.length).toBeLessThan(lines);
    const second = watchStep(harness.another(), step, {
      resumeAfter: { stdout: delivered.length, stderr: 0 },
    });
    expect(await second.outcome).toMatchObject({ ended: 'exited', exitCode: 0 });
    const all = [...delivered, ...second.texts()];
    expect(all.length).toBe(lines);
    expect(all.every((line, i) => Number(line.slice(0, 7)) === i)).toBe(true);
  });
});
