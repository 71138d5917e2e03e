import { expect, test } from 'vitest';
import { createLineDelivery } from '@/lib/backends/line-delivery';
import type { OutputLine } from '@/lib/model/log-line';
import { createFakeClock } from '@/tests/support/fake-clock';

const line = (text: string): OutputLine => ({ stream: 'stdout', atMs: 0, text });

function deliver() {
  const clock = createFakeClock();
  const batches: string[][] = [];
  const delivery = createLineDelivery({ clock }, async (lines) => {
    batches.push(lines.map(({ text }) => text));
  });
  return { clock, batches, delivery };
}

test('the first lines after a silence go at once, those close behind are gathered', async () => {
  const { clock, batches, delivery } = deliver();
  delivery.push([line('a'), line('b')]);
  expect(batches).toEqual([['a', 'b']]);
  delivery.push([line('c')]);
  await clock.advance(10);
  delivery.push([line('d')]);
  await clock.advance(9);
  expect(batches).toHaveLength(1);
  await clock.advance(1);
  expect(batches.slice(1)).toEqual([['c', 'd']]);
  await clock.advance(20);
  delivery.push([line('e')]);
  expect(batches.slice(2)).toEqual([['e']]);
  await delivery.flush();
});

test('what is being gathered goes at once when the end has come', async () => {
  const { batches, delivery } = deliver();
  delivery.push([line('a')]);
  delivery.push([line('b')]);
  await delivery.flush();
  expect(batches).toEqual([['a'], ['b']]);
});
