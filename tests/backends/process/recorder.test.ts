import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createProcessBackend } from '@/lib/backends/process/process-backend';
import { createFrameReader, type Piece } from '@/lib/backends/process/recorder/frame-reader';
import { installRecorder } from '@/lib/backends/process/recorder/install-recorder';
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
  folder = await mkdtemp(path.join(tmpdir(), 'gantry-recorder-'));
});
afterEach(async () => {
  await backend().closeEnvironment(executionId);
  await rm(folder, { recursive: true });
});

function backend() {
  return createProcessBackend(
    { clock: systemClock, logger: silentLogger, openPackage: packages.openPackage },
    { id: 'process', installation: 'test', folder },
  );
}

async function watch(command: string[]) {
  const labels = { suiteId: 'suite', profile: 'default', owner: 'owner' };
  const deadline = '2099-01-01T00:00:00.000Z';
  await backend().openEnvironment({ executionId, ...labels, deadline, services: [] });
  return watchStep(backend(), makeStepSpec({ executionId, node: { command, packageDigest } }));
}

describe.runIf(process.platform === 'linux')('the recorder of output', () => {
  test('lines of both streams of a step that runs as a process keep the order of the writes', async () => {
    const source =
      'for (let i = 0; i < 3000; i++) require("fs").writeSync(i % 3 === 1 ? 2 : 1, "n" + i + "\\n")';
    const step = await watch(['node', '-e', source]);
    expect(await step.outcome).toMatchObject({ exitCode: 0 });
    expect(step.texts()).toEqual(Array.from({ length: 3_000 }, (_, i) => `n${i}`));
  });

  test('a shell that traces a step as a process prints each command before what the command prints', async () => {
    const step = await watch(['sh', '-c', 'set -x; echo one; echo two >&2; echo three']);
    await step.outcome;
    expect(step.texts()).toEqual(['+ echo one', 'one', '+ echo two', 'two', '+ echo three', 'three']);
  });

  test('a burst leaves nearly all lines in their places, and none far away', async () => {
    const source =
      'for (let i = 0; i < 20000; i++) require("fs").writeSync(i % 50 === 49 ? 2 : 1, i + "\\n")';
    const step = await watch(['node', '-e', source]);
    await step.outcome;
    const numbers = step.texts().map(Number);
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20_000 }, (_, i) => i));
    const moves = numbers.map((number, at) => Math.abs(number - at)).filter((move) => move > 0);
    expect(moves.length).toBeLessThan(2_000);
    expect(Math.max(0, ...moves)).toBeLessThanOrEqual(512);
  });

  test('writes of many sizes are recorded whole, and those of a stream in their order', async () => {
    const source = `
      const sizes = [1, 100, 4095, 4096, 4097, 10000, 70000, 300000];
      for (let i = 0; i < 400; i++) {
        const text = String(i).padEnd(sizes[i % sizes.length], "x").slice(0, 16000) + "\\n";
        const bytes = Buffer.from(text.repeat(Math.ceil(sizes[i % sizes.length] / 16000)));
        for (let at = 0; at < bytes.length; ) at += require("fs").writeSync(i % 3 === 0 ? 2 : 1, bytes, at);
      }`;
    const step = await watch(['node', '-e', source]);
    expect(await step.outcome).toMatchObject({ exitCode: 0 });
    const numbers = step.texts().map((text) => Number.parseInt(text, 10));
    const expected = Array.from({ length: 400 }, (_, i) =>
      Array(i % 8 === 6 ? 5 : i % 8 === 7 ? 19 : 1).fill(i),
    );
    for (const isOf of [(i: number) => i % 3 === 0, (i: number) => i % 3 !== 0])
      expect(numbers.filter(isOf)).toEqual(expected.flat().filter(isOf));
  });

  test('what Node printed just before an exception ended it is there', async () => {
    const source =
      'for (let i = 0; i < 100; i++) console.log("line " + i); console.error("bad"); throw new Error("the end")';
    const step = await watch(['node', '-e', source]);
    expect(await step.outcome).toMatchObject({ exitCode: 1 });
    expect(step.texts().filter((text) => /^(line \d+|bad)$/.test(text))).toEqual([
      ...Array.from({ length: 100 }, (_, i) => `line ${i}`),
      'bad',
    ]);
    expect(step.texts()).toContain('Error: the end');
  });

  test.each(['', 'process.exit()'])(
    'many short lines in one write are there, whatever follows: %s',
    async (then) => {
      const source = `console.log('first'); setTimeout(() => {
      process.stdout.write('x\\n'.repeat(500000)); ${then}
    }, 300)`;
      const step = await watch(['node', '-e', source]);
      expect(await step.outcome).toMatchObject({ exitCode: 0 });
      expect(step.texts()).toHaveLength(500_001);
    },
  );

  test('lines that nobody follows up are there at once', async () => {
    const source = `console.log('first'); setTimeout(() => process.stdout.write('x\\n'.repeat(400000)), 300);
      setTimeout(() => {}, 60000)`;
    const step = await watch(['node', '-e', source]);
    await expect.poll(() => step.texts().length, { timeout: 60_000 }).toBe(400_001);
    expect(await Promise.race([step.outcome, 'running'])).toBe('running');
    step.stop('cancelled', 0);
    await step.outcome;
  });

  test('a process that left its group with the output does not hold up the end of a step', async () => {
    const step = await watch(['sh', '-c', 'setsid sleep 100 & echo here']);
    expect(await step.outcome).toMatchObject({ exitCode: 0 });
    expect(step.texts()).toEqual(['here']);
    expect((await backend().closeEnvironment(executionId)).left).toEqual([]);
  });

  test('nor does it when the step had ended before anybody came back', async () => {
    const first = await watch(['sh', '-c', 'setsid sleep 100 & echo here; sleep 0.2']);
    await first.until(({ lines }) => lines.length > 0);
    first.stop('detached');
    await first.outcome;
    const attempt = path.join(folder, executionId, 'steps', 'step.1');
    while (!(await readdir(attempt)).includes('exit')) await new Promise((resolve) => setImmediate(resolve));
    const second = await watch(['sh', '-c', 'setsid sleep 100 & echo here; sleep 0.2']);
    expect(await second.outcome).toMatchObject({ ended: 'exited', exitCode: 0 });
    expect(second.texts()).toEqual(['here']);
  });

  test('a step whose recorder was killed is a failure of the backend, with a sentence', async () => {
    const step = await watch(['sh', '-c', 'echo here; sleep 100; echo there']);
    await step.until(({ lines }) => lines.length > 0);
    const attempt = path.join(folder, executionId, 'steps', 'step.1');
    const [file = ''] = (await readdir(attempt)).filter((name) => name.startsWith('recorder.'));
    process.kill(Number.parseInt(await readFile(path.join(attempt, file), 'utf8'), 10), 'SIGKILL');
    step.stop('cancelled', 0);
    await expect(step.outcome).rejects.toMatchObject({
      code: 'backend_failed',
      message:
        "The process that records the step's output was killed from outside: what the step printed last is lost.",
    });
  });

  test('the recorder stops a step that has printed the most it may, and ends its file when asked to', async () => {
    const program = (await installRecorder({ logger: silentLogger }, folder)) ?? '';
    const printing = ['/bin/sh', '-c', 'while :; do echo 12345; done'];
    const recorder = spawn(program, [folder, '60', ...printing], { stdio: 'ignore' });
    const file = await outputOf(folder, 10 * 6);
    const step = Number(file.split('.').at(-1));
    await untilBlocked(step);
    expect(recordedBytes(await readFile(file))).toBeLessThanOrEqual(12 * 6);
    recorder.kill('SIGTERM');
    process.kill(-step, 'SIGKILL');
    expect(await once(recorder, 'exit')).toEqual([0, null]);
    const frames = createFrameReader();
    const text = frames
      .push(await readFile(file))
      .map(({ bytes }) => bytes)
      .join('');
    expect(frames.isWhole()).toBe(true);
    // What the step prints between the request and its end is recorded too.
    expect(text).toMatch(/^(12345\n){10,}$/);
  });
});

test.each([1, 3, 17, 1_000])('recorded frames are read whole in chunks of %i bytes', (size) => {
  const file = Buffer.concat([
    frame(1, 5, 'one'),
    frame(1, 5, ' and two'),
    frame(2, 5, 'three'),
    frame(1, 6, ''),
    frame(1, 2 ** 40, 'four'),
    frame(0, 7, ''),
  ]);
  const frames = createFrameReader();
  const pieces: Piece[] = [];
  for (let at = 0; at < file.length; at += size) {
    expect(frames.isWhole()).toBe(false);
    pieces.push(...frames.push(file.subarray(at, at + size)));
  }
  expect(frames.isWhole()).toBe(true);
  const written = pieces.map(({ stream, atMs, bytes }) => `${stream} ${atMs} ${bytes}`);
  if (size === 1_000) {
    expect(written).toEqual(['stdout 5 one and two', 'stderr 5 three', 'stdout 1099511627776 four']);
  }
  expect(pieces.map(({ bytes }) => bytes).join('')).toBe('one and twothreefour');
});

function frame(stream: number, atMs: number, text: string): Buffer {
  const header = Buffer.alloc(16);
  header.writeBigUInt64LE(BigInt(atMs), 0);
  header.writeUInt32LE(text.length, 8);
  header[12] = stream;
  return Buffer.concat([header, Buffer.from(text)]);
}

/** The file of the recorded output, once it has so many bytes of payload in one frame or more. */
async function outputOf(parent: string, bytes: number): Promise<string> {
  for (;;) {
    const [name] = (await readdir(parent)).filter((each) => each.startsWith('output.'));
    const file = path.join(parent, name ?? '');
    if (name !== undefined && recordedBytes(await readFile(file)) >= bytes) return file;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Counts what the step has printed, without the heads of the frames. */
function recordedBytes(file: Buffer): number {
  return createFrameReader()
    .push(file)
    .reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/** Waits until a process that only prints sleeps, because nobody takes what it prints. */
async function untilBlocked(pid: number): Promise<void> {
  while (!/\) S /.test(await readFile(`/proc/${pid}/stat`, 'utf8')))
    await new Promise((resolve) => setImmediate(resolve));
}
