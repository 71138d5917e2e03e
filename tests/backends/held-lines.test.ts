import { expect, test } from 'vitest';
import { createHeldLines } from '@/lib/backends/docker/held-lines';
import type { OutputLine } from '@/lib/model/log-line';
import { createFakeClock } from '../support/fake-clock';

const line = (stream: OutputLine['stream'], text: string): OutputLine => ({ stream, atMs: 0, text });

function open() {
  const clock = createFakeClock();
  const released: string[] = [];
  const held = createHeldLines({ clock }, (lines) => released.push(...lines.map(({ text }) => text)));
  return { clock, released, held };
}

test('releases lines of one stream after a moment, each with its own', async () => {
  const { clock, released, held } = open();
  expect(held.add('stdout', [line('stdout', 'a')])).toBe(true);
  await clock.advance(30);
  expect(held.add('stdout', [line('stdout', 'b')])).toBe(true);
  expect(released).toEqual([]);
  await clock.advance(20);
  expect(released).toEqual(['a']);
  await clock.advance(30);
  expect(released).toEqual(['a', 'b']);
});

test('takes a line of the other stream once nothing is held', async () => {
  const { clock, released, held } = open();
  held.add('stdout', [line('stdout', 'a')]);
  await clock.advance(50);
  expect(held.add('stderr', [line('stderr', 'b')])).toBe(true);
  await clock.advance(50);
  expect(released).toEqual(['a', 'b']);
});

test('says that it does not know the order of lines of both streams', async () => {
  const { clock, released, held } = open();
  held.add('stdout', [line('stdout', 'a')]);
  expect(held.add('stderr', [line('stderr', 'b')])).toBe(false);
  expect(held.takeAll().map(({ text }) => text)).toEqual(['a']);
  await clock.advance(100);
  expect(released).toEqual([]);
});

test('holds no more than some thousand lines of a flood', () => {
  const { released, held } = open();
  const many = Array.from({ length: 3_000 }, (_, at) => line('stdout', String(at)));
  held.add('stdout', many);
  expect(released).toHaveLength(0);
  held.add('stdout', many);
  expect(released).toHaveLength(6_000);
});
