import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createFrameBuffer } from '@/app/_components/streams/frame-buffer';

const page = { hidden: false };
let frames: (() => void)[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  page.hidden = false;
  frames = [];
  vi.stubGlobal('document', page);
  vi.stubGlobal('requestAnimationFrame', (act: () => void) => frames.push(act));
  vi.stubGlobal('cancelAnimationFrame', () => undefined);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it('items that wait for a frame are handed over once the page is hidden, and so are those after them', async () => {
  const taken: number[][] = [];
  const buffer = createFrameBuffer<number>(100, (items) => taken.push(items));
  buffer.push([1]);
  page.hidden = true;
  buffer.push([2]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(taken).toEqual([[1, 2]]);
  buffer.push([3]);
  await vi.advanceTimersByTimeAsync(250);
  expect(taken).toEqual([[1, 2], [3]]);
});

it('items wait for the pause of a flood and then for a frame, also when the page is hidden in the pause', async () => {
  const taken: number[][] = [];
  const buffer = createFrameBuffer<number>(500, (items) => taken.push(items));
  buffer.push([1]);
  frames.shift()?.();
  buffer.push([2]);
  await vi.advanceTimersByTimeAsync(400);
  expect([taken, frames.length]).toEqual([[[1]], 0]);
  page.hidden = true;
  await vi.advanceTimersByTimeAsync(1_100);
  expect(taken).toEqual([[1], [2]]);
});
