import { expect } from 'vitest';
import { StopRequest } from '@/lib/backends/backend';
import type { ContractContext, ContractProgram } from '../backend-contract';
import { watchStep } from './contract-run';

/** Stopping, handing over, adopting. */
export function stopContract({ test, openStep, run, harness }: ContractContext): void {
  test('a stopped step may end well after SIGTERM', async () => {
    const watched = run(await openStep(handlesSigterm, { node: { kind: 'service' } }));
    await watched.until(({ lines }) => lines.length > 0);
    watched.stop('timed_out');
    expect(await watched.outcome).toMatchObject({ ended: 'stopped', exitCode: 7, signal: null });
    expect(watched.texts()).toEqual(['up', 'got SIGTERM', 'bye']);
  });

  test('a step that SIGTERM ends has the signal and 128 + its number', async () => {
    const plain = {
      source: `console.log('up'); setInterval(() => {}, 1000);`,
      fake: { lines: ['up'], runsMs: 'forever' as const },
    };
    const watched = run(await openStep(plain));
    await watched.until(({ lines }) => lines.length > 0);
    watched.stop('cancelled');
    expect(await watched.outcome).toMatchObject({ ended: 'stopped', exitCode: 143, signal: 'SIGTERM' });
  });

  test('a step that ignores SIGTERM is killed after its grace time', async () => {
    const watched = run(await openStep(ignoresSigterm));
    await watched.until(({ lines }) => lines.length > 0);
    const before = performance.now();
    watched.stop('cancelled', 700);
    const outcome = await watched.outcome;
    const tookMs = performance.now() - before;
    expect(outcome).toMatchObject({ ended: 'stopped', exitCode: 137, signal: 'SIGKILL', oomKilled: false });
    expect(outcome.reason).toContain('SIGKILL');
    expect(tookMs).toBeGreaterThan(650);
    expect(tookMs).toBeLessThan(700 + harness().killSlackMs);
  });

  for (const { what, script, lines } of stoppedScripts) {
    test(`the grace lasts until the last process has ended: ${what}`, async () => {
      const step = await openStep(
        { source: '', fake: { lines: ['up'], onSigterm: { lines: lines.slice(1), exitCode: 143 } } },
        { node: { kind: 'service' } },
      );
      const isFake = harness().backend.id === 'fake';
      const watched = run({
        ...step,
        node: { ...step.node, command: isFake ? step.node.command : ['sh', '-c', script] },
      });
      await watched.until(({ lines }) => lines.some(({ text }) => text === 'up'));
      watched.stop('not_needed', 15_000);
      expect((await watched.outcome).reason).toBeNull();
      expect(watched.texts()).toEqual(lines);
    });
  }

  test('what the end of the grace time cut off is named', async () => {
    const watched = run(await openStep(ignoresSigterm));
    await watched.until(({ lines }) => lines.length > 0);
    watched.stop('cancelled', 500);
    expect((await watched.outcome).reason).toMatch(
      /^killed by SIGKILL after 0.5 s of grace: still running: ./,
    );
  });

  test('a step whose signal has ended before it began runs nothing that lasts', async () => {
    const signal = new AbortController();
    signal.abort(new StopRequest('cancelled', 300));
    const watched = run(await openStep(ignoresSigterm), { signal });
    expect((await watched.outcome).ended).toBe('stopped');
  });

  test('a step that was handed over runs on, and the next call gives the remaining lines once', async () => {
    const step = await openStep(countsTo400(harness().paceMs ?? 10));
    const first = run(step);
    await first.until(({ lines }) => lines.length >= 30);
    first.stop('detached');
    expect((await first.outcome).exitCode).toBeNull();
    const delivered = first.texts();
    const second = watchStep(harness().another(), step, {
      resumeAfter: { stdout: delivered.length, stderr: 0 },
    });
    expect(await second.outcome).toMatchObject({ ended: 'exited', exitCode: 4 });
    expect(delivered.length).toBeLessThan(400);
    expect([...delivered, ...second.texts()]).toEqual(Array.from({ length: 400 }, (_, i) => `line ${i}`));
  });

  test('a service that was handed over is ready again, and can be stopped', async () => {
    const step = await openStep(handlesSigterm, { node: { kind: 'service' } });
    const first = run(step);
    await first.until(({ calls, lines }) => calls.includes('ready') && lines.length > 0);
    first.stop('detached');
    await first.outcome;
    const second = watchStep(harness().another(), step, { resumeAfter: { stdout: 1, stderr: 0 } });
    await second.until(({ calls }) => calls.includes('ready'));
    second.stop('not_needed');
    expect(await second.outcome).toMatchObject({ ended: 'stopped', exitCode: 7 });
    expect(second.texts()).toEqual(['got SIGTERM', 'bye']);
  });

  test('a second call after the end gives the same outcome and the lines that are asked for', async () => {
    const step = await openStep(
      {
        source: `
          require('fs').writeFileSync(process.env.GANTRY_ARTIFACTS + '/a.txt', 'a');
          console.log('one'); console.log('two'); process.exitCode = 5;`,
        fake: { lines: ['one', 'two'], exitCode: 5, artifacts: { 'a.txt': 'a' } },
      },
      { node: { exports: [{ path: 'a.txt', format: 'file', on: 'always', required: true }] } },
    );
    const first = await run(step).outcome;
    const second = watchStep(harness().another(), step, { resumeAfter: { stdout: 1, stderr: 0 } });
    expect(await second.outcome).toEqual(first);
    expect(second.texts()).toEqual(['two']);
    expect(second.artifacts).toEqual([{ path: 'a.txt', format: 'file', text: 'a' }]);
  });

  test('a step that has ended was not ended by who asks for its end afterwards', async () => {
    const step = await openStep({
      source: `console.log('one'); process.exitCode = 5;`,
      fake: { lines: ['one'], exitCode: 5 },
    });
    const first = await run(step).outcome;
    const signal = new AbortController();
    signal.abort(new StopRequest('timed_out', 300));
    const late = watchStep(harness().another(), step, { resumeAfter: { stdout: 1, stderr: 0 }, signal });
    expect(await late.outcome).toEqual(first);
    expect(first).toMatchObject({ ended: 'exited', exitCode: 5 });
  });
}

/** Drains for a while after SIGTERM. Without quotes of the shell's kind. */
const drains = `node -e "
  process.on('SIGTERM', () => {
    console.log('draining');
    setTimeout(() => { console.log('drained'); process.exit(0); }, 600);
  });
  setInterval(() => {}, 1000);
  console.log('up');"`;

const stoppedScripts = [
  { what: 'a command before others', script: `${drains}; echo never`, lines: ['up', 'draining', 'drained'] },
  { what: 'the beginning of a pipeline', script: `${drains} | cat`, lines: ['up', 'draining', 'drained'] },
  {
    what: 'a command in the background',
    script: `${drains} & sleep 1000`,
    lines: ['up', 'draining', 'drained'],
  },
];

const handlesSigterm: ContractProgram = {
  source: `
    process.on('SIGTERM', () => {
      console.log('got SIGTERM');
      setTimeout(() => { console.log('bye'); process.exitCode = 7; clearInterval(timer); }, 100);
    });
    const timer = setInterval(() => {}, 1000);
    console.log('up');`,
  fake: {
    lines: ['up'],
    onSigterm: { lines: ['got SIGTERM', { text: 'bye', afterMs: 20 }], exitCode: 7 },
  },
};

const ignoresSigterm: ContractProgram = {
  source: `process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000);`,
  fake: { lines: ['up'], runsMs: 'forever', ignoresSigterm: true },
};

/** With a pause between lines that lets a test catch it while it runs. */
const countsTo400 = (paceMs: number): ContractProgram => ({
  source: `
    let i = 0;
    const timer = setInterval(() => {
      console.log('line ' + i++);
      if (i === 400) { clearInterval(timer); process.exitCode = 4; }
    }, ${paceMs});`,
  fake: { lines: Array.from({ length: 400 }, (_, i) => ({ text: `line ${i}`, afterMs: 1 })), exitCode: 4 },
});
