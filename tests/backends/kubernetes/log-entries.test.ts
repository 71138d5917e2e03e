import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEntryReader } from '@/lib/backends/kubernetes/log-entries';

const time = '2026-01-02T03:04:05.678901234Z';

describe('the entries of a log with times', () => {
  it('are the same however the chunks are cut', () => {
    const contents = ['first\n', '\n', `${'x'.repeat(40_000)}\n`, 'a b  c\n', '€ ✓\n', 'last'];
    const log = Buffer.from(contents.map((content) => `${time} ${content}`).join(''));
    fc.assert(
      fc.property(fc.array(fc.nat(log.length)), (cuts) => {
        expect(read(chunks(log, cuts))).toEqual(contents);
      }),
      { numRuns: 50 },
    );
  });

  it('leave the times away that a kubelet puts between the pieces of a long line', () => {
    const piece = 'x'.repeat(16_384);
    const log = Buffer.from(`${time} ${piece}${time} ${piece}${time} tail\n${time} next\n`);
    expect(read([log], true)).toEqual([`${piece}${piece}tail\n`, 'next\n']);
  });

  it('keep a time that a program prints itself', () => {
    const log = Buffer.from(`${time} ${'x'.repeat(20_000)}${time} y\n`);
    expect(read([log], true)).toEqual([`${'x'.repeat(20_000)}${time} y\n`]);
  });

  it('keep one that stands where a piece begins, where kubelets write none', () => {
    const line = `${'x'.repeat(16_384)}${time} y\n`;
    expect(read([Buffer.from(`${time} ${line}`)])).toEqual([line]);
  });

  it('keep one that stands there in a line of which another piece has none', () => {
    const line = `${'x'.repeat(16_384)}${time} ${'y'.repeat(40_000)}\n`;
    expect(read([Buffer.from(`${time} ${line}`)], true)).toEqual([line]);
  });

  it('have no time where the log begins within a line', () => {
    const [first, second] = createEntryReader({ hasInnerTimes: false }).push(
      Buffer.from(`rest of a line\n${time} next\n`),
    );
    expect(first).toEqual({ time: null, content: Buffer.from('rest of a line\n') });
    expect(second?.time?.atMs).toBe(Date.parse('2026-01-02T03:04:05.678Z'));
  });

  it('are compared by the nanosecond, whatever their zone and their number of digits', () => {
    const times = [
      '2026-01-02T03:04:05.1Z',
      '2026-01-02T04:04:05.100000001+01:00',
      '2026-01-02T03:04:05.15Z',
    ];
    const entries = createEntryReader({ hasInnerTimes: false }).push(
      Buffer.from(times.map((each) => `${each} x\n`).join('')),
    );
    const keys = entries.map(({ time: parsed }) => parsed?.key ?? '');
    expect([...keys].sort()).toEqual(keys);
    expect(new Set(keys).size).toBe(3);
  });
});

function read(parts: Buffer[], hasInnerTimes = false): string[] {
  const reader = createEntryReader({ hasInnerTimes });
  const entries = parts.flatMap((part) => reader.push(part));
  const rest = reader.rest();
  return [...entries, ...(rest ? [rest] : [])].map(({ content }) => content.toString());
}

function chunks(log: Buffer, cuts: number[]): Buffer[] {
  const ends = [...cuts, log.length].sort((a, b) => a - b);
  return ends.map((end, at) => log.subarray(ends[at - 1] ?? 0, end));
}
