import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { OutputLine, StreamEnd } from '@/lib/model/log-line';
import type { StepSpec } from '@/lib/model/step-spec';
import { describeWith } from '../support/requirements';
import { watchStep } from './contract/contract-run';
import { openKubernetesSteps } from './kubernetes-steps';

const installation = 'rotation-test';
const total = 400_000;
const program = `
  const text = ' of a program that prints very much of it, in lines of some eighty bytes';
  let line = 0;
  const start = Date.now();
  const timer = setInterval(() => {
    const due = Math.min(${total}, (Date.now() - start) * 8);
    let batch = '';
    while (line < due) batch += 'line ' + ++line + text + '\\n';
    process.stdout.write(batch);
    if (line === ${total}) clearInterval(timer);
  }, 10);`;

describeWith(['docker', 'kubernetes'], 'a log that grows by many files while nobody reads it', () => {
  test('400,000 lines over kill -9 are all there, or missing with their number', {
    timeout: 300_000,
  }, async () => {
    const steps = await openKubernetesSteps(installation);
    const { step, watched } = await steps.start(program);
    await watched.until(({ calls }) => calls.includes('running'));
    watched.stop('detached');
    await watched.outcome;
    const stored = await readUntilKilled(step, 12_000);
    // For as long as a file of 10 MiB comes and goes where the cluster keeps them so small.
    await sleep(25_000);
    const position = { stdout: count(stored), stderr: 0, ends: { stdout: endOf(stored), stderr: null } };
    const later = watchStep(steps.harness.another(), step, { resumeAfter: position });
    const outcome = await later.outcome;
    expect(outcome).toMatchObject({ ended: 'exited', exitCode: 0 });
    const all = [...stored, ...later.lines].filter(({ stream }) => stream === 'stdout');
    const numbers = all.map(({ text }) => Number(/^line (\d+) of/.exec(text)?.[1]));
    expect(numbers.every((number, at) => at === 0 || number > (numbers[at - 1] ?? 0))).toBe(true);
    const [before, after] = [stored, later.lines].map(missingIn);
    console.info(`${numbers.length} lines; missing before kill -9: ${before}, after it: ${after}`);
    // On a machine that cannot keep up the first reader lost some; the second one counts all that is not stored.
    const missing = after?.at(-1) ?? before?.reduce((sum, each) => sum + each, 0) ?? 0;
    expect(numbers.length + missing).toBe(total);
    expect(after?.length).toBeLessThanOrEqual(1);
    expect((await steps.harness.backend.closeEnvironment(step.executionId)).left).toEqual([]);
  });
});

/** What a control plane has stored that is killed after this time. */
async function readUntilKilled(step: StepSpec, ms: number): Promise<OutputLine[]> {
  const file = fileURLToPath(new URL('./kubernetes-reader.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', file, installation, JSON.stringify(step)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const lines: OutputLine[] = [];
  createInterface({ input: child.stdout }).on('line', (text) => {
    if (text.endsWith('}')) lines.push(JSON.parse(text));
  });
  await expect.poll(() => lines.length, { timeout: 60_000 }).toBeGreaterThan(0);
  await sleep(ms);
  child.kill('SIGKILL');
  await ended;
  return lines;
}

/** How many lines each notice says are missing. */
function missingIn(lines: readonly OutputLine[]): number[] {
  return lines
    .filter(({ stream }) => stream === 'system')
    .map(({ text }) => Number(/^(\d+) lines of stdout are missing/.exec(text)?.[1]));
}

function count(lines: readonly OutputLine[]): number {
  return lines.filter(({ stream }) => stream === 'stdout').length;
}

function endOf(lines: readonly OutputLine[]): StreamEnd | null {
  const stdout = lines.filter(({ stream }) => stream === 'stdout');
  const atMs = stdout.at(-1)?.atMs;
  return atMs === undefined ? null : { atMs, lines: stdout.filter((line) => line.atMs === atMs).length };
}
