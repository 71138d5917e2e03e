import { expect, it } from 'vitest';
import { batchLoads } from '@/lib/store/postgres/batch-loader';

function held(): {
  reads: { keys: string[]; answer(): void; fail(): void }[];
  find: (key: string) => Promise<string | null>;
} {
  const reads: { keys: string[]; answer(): void; fail(): void }[] = [];
  const find = batchLoads<string>(
    (keys) =>
      new Promise((resolve, reject) => {
        const answer = () =>
          resolve(new Map(keys.filter((key) => key !== 'none').map((key) => [key, `<${key}>`])));
        reads.push({ keys, answer, fail: () => reject(new Error('no database')) });
      }),
  );
  return { reads, find };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

it('who asks while a look-up is on its way shares the next, and gets nothing older than the question', async () => {
  const { reads, find } = held();
  const first = find('a');
  await turn();
  const later = [find('a'), find('b'), find('none'), find('b')];
  await turn();
  expect(reads.map(({ keys }) => keys)).toEqual([['a']]);
  reads[0]?.answer();
  expect(await first).toBe('<a>');
  await turn();
  expect(reads.map(({ keys }) => keys)).toEqual([['a'], ['a', 'b', 'none']]);
  reads[1]?.answer();
  expect(await Promise.all(later)).toEqual(['<a>', '<b>', null, '<b>']);
});

it('a look-up that fails fails for those who shared it, and not for those after them', async () => {
  const { reads, find } = held();
  const first = [find('a'), find('b')].map((asked) => asked.catch((error: Error) => error.message));
  await turn();
  const next = find('c');
  reads[0]?.fail();
  expect(await Promise.all(first)).toEqual(['no database', 'no database']);
  await turn();
  reads[1]?.answer();
  expect(await next).toBe('<c>');
});
