import { expect, it } from 'vitest';
import { viewWith } from '@/app/_components/graph/first-view';
import { nodeHeight, nodeWidth } from '@/app/_components/graph/layout';

const frame = { width: 400, height: 300 };

it('leaves a graph where it is as long as the step is in its frame', () => {
  expect(viewWith({ x: 0, y: 0, zoom: 1 }, frame, { x: 100, y: 100 })).toBeNull();
  expect(viewWith({ x: -500, y: 20, zoom: 0.5 }, frame, { x: 1100, y: 0 })).toBeNull();
});

it('moves it by as little as brings the step into the frame, and does not zoom', () => {
  const at = (x: number, y: number) => viewWith({ x: 0, y: 0, zoom: 1 }, frame, { x, y });
  expect(at(600, 100)).toEqual({ x: 400 - 12 - nodeWidth - 600, y: 0, zoom: 1 });
  expect(at(-50, 500)).toEqual({ x: 12 + 50, y: 300 - 12 - nodeHeight - 500, zoom: 1 });
  const moved = viewWith({ x: -1000, y: 0, zoom: 0.5 }, frame, { x: 0, y: 100 });
  expect(moved).toEqual({ x: 12, y: 0, zoom: 0.5 });
});
