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
    const log = Buffer.from(`${time} ${piece}${time} ${piece}2026-01-02T03:04:06Z tail\n${time} next\n`);
    expect(read([log])).toEqual([`${piece}${piece}tail\n`, 'next\n']);
  });

  it('keep a time that a program prints itself', () => {
    const log = Buffer.from(`${time} ${'x'.repeat(20_000)}${time} y\n`);
    expect(read([log])).toEqual([`${'x'.repeat(20_000)}${time} y\n`]);
  });
});

function read(parts: Buffer[]): string[] {
  const reader = createEntryReader();
  const entries = parts.flatMap((part) => reader.push(part));
  const rest = reader.rest();
  return [...entries, ...(rest ? [rest] : [])].map(({ content }) => content.toString());
}

function chunks(log: Buffer, cuts: number[]): Buffer[] {
  const ends = [...cuts, log.length].sort((a, b) => a - b);
  return ends.map((end, at) => log.subarray(ends[at - 1] ?? 0, end));
}
