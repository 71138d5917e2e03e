import { expect } from 'vitest';
import { continuationMark } from '@/lib/backends/line-splitter';
import type { ContractContext } from '../backend-contract';

const count = 10_000;

/** How a step's output comes out. */
export function outputContract({ test, openStep, run }: ContractContext): void {
  test('every line comes once, in the order of its stream, one delivery after the other', async () => {
    const step = await openStep({
      source: `
        const fs = require('fs');
        for (let i = 0; i < ${count}; i += 1) fs.writeSync(i % 3 ? 1 : 2, i + ' of a line of output\\n');`,
      fake: { lines: numbered(() => true).map((text, i) => ({ text, stream: i % 3 ? 'stdout' : 'stderr' })) },
    });
    const watched = run(step, { takeLines: () => new Promise((resolve) => setImmediate(resolve)) });
    expect(await watched.outcome).toMatchObject({ ended: 'exited', exitCode: 0 });
    expect(watched.texts('stdout')).toEqual(numbered((i) => i % 3 !== 0));
    expect(watched.texts('stderr')).toEqual(numbered((i) => i % 3 === 0));
    expect(watched.concurrentDeliveries).toBe(1);
    expect(watched.calls[0]).toBe('running');
  });

  test('lines come while the step runs, with the time at which they came', async () => {
    const step = await openStep(
      {
        source: `console.log('here'); process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000);`,
        fake: { lines: ['here'], onSigterm: {} },
      },
      { node: { kind: 'service' } },
    );
    const before = Date.now();
    const watched = run(step);
    await watched.until(({ lines }) => lines.length > 0);
    watched.stop('not_needed');
    await watched.outcome;
    expect(watched.lines[0]?.atMs).toBeGreaterThanOrEqual(before - 1_000);
    expect(watched.lines[0]?.atMs).toBeLessThanOrEqual(Date.now());
  });

  test('a last line without an ending is a line; \\r\\n ends one, and the last state of one that \\r rewrites counts', async () => {
    const watched = run(
      await openStep({
        source: `process.stdout.write('a\\r\\n10 %\\r20 %\\n\\nlast');`,
        fake: { lines: ['a', '20 %', '', 'last'] },
      }),
    );
    await watched.outcome;
    expect(watched.texts()).toEqual(['a', '20 %', '', 'last']);
  });

  test('NUL and invalid UTF-8 are shown as what they are', async () => {
    const watched = run(
      await openStep({
        source: `require('fs').writeSync(1, Buffer.from([0x61, 0x00, 0x62, 0xff, 0x63, 0x0a, 0xe2, 0x82, 0xac]));`,
        fake: { lines: ['a␀b�c', '€'] },
      }),
    );
    await watched.outcome;
    expect(watched.texts()).toEqual(['a␀b�c', '€']);
  });

  test('a line of 2 MB comes whole, in marked pieces of 1 MiB', async () => {
    const pieces = [`${'x'.repeat(1_048_576)}${continuationMark}`, 'x'.repeat(2_000_000 - 1_048_576), 'next'];
    const watched = run(
      await openStep({
        source: `console.log('x'.repeat(2_000_000)); console.log('next');`,
        fake: { lines: pieces },
      }),
    );
    await watched.outcome;
    expect(watched.texts().map(({ length }) => length)).toEqual(pieces.map(({ length }) => length));
    expect(watched.texts()).toEqual(pieces);
  });
}

function numbered(wanted: (i: number) => boolean): string[] {
  return Array.from({ length: count }, (_, i) => i)
    .filter(wanted)
    .map((i) => `${i} of a line of output`);
}
