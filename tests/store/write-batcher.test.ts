import { expect, test } from 'vitest';
import { batchWrites } from '@/lib/store/postgres/write-batcher';

function controlled() {
  const writes: { items: string[]; end(error?: Error): void }[] = [];
  const write = batchWrites(
    (items: string[]) =>
      new Promise<void>((resolve, reject) => {
        writes.push({ items, end: (error) => (error ? reject(error) : resolve()) });
      }),
  );
  return { write, writes, turn: () => new Promise((resolve) => setImmediate(resolve)) };
}

test('what comes in one tick, or while a write is on its way, goes together', async () => {
  const { write, writes, turn } = controlled();
  const first = [write(['a']), write(['b', 'c'])];
  await turn();
  const second = [write(['d']), write(['e'])];
  await turn();
  expect(writes.map(({ items }) => items)).toEqual([['a', 'b', 'c']]);
  writes[0]?.end();
  await Promise.all(first);
  await turn();
  expect(writes.map(({ items }) => items)).toEqual([
    ['a', 'b', 'c'],
    ['d', 'e'],
  ]);
  writes[1]?.end();
  await Promise.all(second);
});

test('a failure is told to all who went together, and the next ones are written all the same', async () => {
  const { write, writes, turn } = controlled();
  const first = [write(['a']), write(['b'])].map((each) => expect(each).rejects.toThrow('away'));
  await turn();
  const second = write(['c']);
  writes[0]?.end(new Error('away'));
  await Promise.all(first);
  await turn();
  expect(writes[1]?.items).toEqual(['c']);
  writes[1]?.end();
  await second;
});
