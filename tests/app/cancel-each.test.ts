import { expect, it } from 'vitest';
import { ApiError } from '@/app/_components/api';
import { cancelEach } from '@/app/(console)/executions/cancel-each';

it('one after the other is cancelled; one that has ended counts as done, a refused one is answered', async () => {
  const seen: string[] = [];
  const refused = await cancelEach(['a', 'ended', 'refused', 'b'], {
    async cancel(id) {
      seen.push(id);
      if (id === 'ended') throw new ApiError(409, 'conflict', 'it has ended', []);
      if (id === 'refused') throw new ApiError(403, 'forbidden', 'you may not', []);
    },
    isStopped: () => false,
    onNext: (at) => seen.push(String(at)),
  });
  expect(seen).toEqual(['0', 'a', '1', 'ended', '2', 'refused', '3', 'b']);
  expect(refused.map(({ item, error }) => [item, error instanceof Error && error.message])).toEqual([
    ['refused', 'you may not'],
  ]);
});

it('once it is stopped no further one is asked for, also while one is under way', async () => {
  const asked: string[] = [];
  let isStopped = false;
  const refused = await cancelEach(['a', 'b', 'c'], {
    async cancel(id) {
      asked.push(id);
      if (id !== 'b') return;
      isStopped = true;
      throw new Error('the server is away');
    },
    isStopped: () => isStopped,
    onNext: () => undefined,
  });
  expect(asked).toEqual(['a', 'b']);
  expect(refused.map(({ item }) => item)).toEqual(['b']);
});
