import fc from 'fast-check';
import { expect, test } from 'vitest';
import { continuationMark, createLineSplitter } from '@/lib/backends/line-splitter';

function split(chunks: (string | Uint8Array)[], limit?: number): string[] {
  const splitter = createLineSplitter('stdout', limit);
  const lines = chunks.flatMap((chunk) => splitter.push(Buffer.from(chunk), 1));
  return [...lines, ...splitter.flush(2)].map(({ text }) => text);
}

test('ends lines at \\n and \\r\\n and keeps empty ones', () => {
  expect(split(['one\ntwo\r\n\n\r\nfive\n'])).toEqual(['one', 'two', '', '', 'five']);
});

test('keeps the last state of a line that \\r rewrites', () => {
  expect(split(['\r10 %\r20 %\r\n30 %\r'])).toEqual(['20 %', '30 %']);
  expect(split(['ab\rcd\ref'], 3)).toEqual([`ab${continuationMark}`, `cd${continuationMark}`, 'ef']);
});

test('flushes an unterminated last line with the time of the flush', () => {
  const splitter = createLineSplitter('stderr');
  expect(splitter.push(Buffer.from('a\nb'), 1)).toEqual([{ stream: 'stderr', atMs: 1, text: 'a' }]);
  expect(splitter.flush(2)).toEqual([{ stream: 'stderr', atMs: 2, text: 'b' }]);
  expect(splitter.flush(3)).toEqual([]);
});

test('shows NUL as U+2400 and invalid UTF-8 as U+FFFD', () => {
  const bytes = [0x61, 0x00, 0x62, 0xff, 0x63, 0xe2, 0x82, 0x0a, 0xe2, 0x82, 0xac, 0x0a];
  expect(split([Uint8Array.from(bytes)])).toEqual(['a␀b�c�', '€']);
});

test('cuts a line over the limit into marked pieces', () => {
  expect(split(['abcdefgh\nij\n'], 3)).toEqual([
    `abc${continuationMark}`,
    `def${continuationMark}`,
    'gh',
    'ij',
  ]);
});

test('does not cut a line of exactly the limit, whatever ends it', () => {
  expect(split(['abc\nabc\r\nabc'], 3)).toEqual(['abc', 'abc', 'abc']);
});

test('does not cut a character in two', () => {
  expect(split(['a€€\n'], 3)).toEqual([`a${continuationMark}`, `€${continuationMark}`, '€']);
});

test('does not depend on the place of the cuts between chunks', () => {
  const piece = fc.oneof(
    fc.constantFrom('\n', '\r\n', '\r', '€', '😀', '\0', 'abc'),
    fc.string({ maxLength: 5 }),
  );
  const bytes = fc.oneof(
    fc.array(piece, { maxLength: 40 }).map((pieces) => Buffer.from(pieces.join(''))),
    fc.uint8Array({ maxLength: 80 }).map((array) => Buffer.from(array)),
  );
  fc.assert(
    fc.property(
      bytes,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 4, max: 12 }),
      (all, size, limit) => {
        const chunks: Buffer[] = [];
        for (let at = 0; at < all.length; at += size) chunks.push(all.subarray(at, at + size));
        expect(split(chunks, limit)).toEqual(split([all], limit));
      },
    ),
    { numRuns: 2_000 },
  );
});

test('is not disturbed by a caller who uses the chunk again', () => {
  const splitter = createLineSplitter('stdout');
  const chunk = Buffer.from('abc');
  splitter.push(chunk, 1);
  chunk.fill('x');
  expect(splitter.push(Buffer.from('\n'), 1)[0]?.text).toBe('abc');
});
