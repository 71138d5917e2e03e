import { expect, it } from 'vitest';
import { createCallerShares } from '@/lib/http/caller-shares';

const open = new AbortController().signal;

it('who leaves while waiting gives the place in the line to the next one', async () => {
  const shares = createCallerShares(1, 2);
  const leave = await shares.enter('ada', open);
  const gone = new AbortController();
  const first = shares.enter('ada', gone.signal);
  const second = shares.enter('ada', open);
  await expect(shares.enter('ada', open)).rejects.toMatchObject({ code: 'too_many_requests' });
  gone.abort();
  await expect(first).rejects.toMatchObject({ code: 'bad_request' });
  await expect(shares.enter('ada', AbortSignal.abort())).rejects.toMatchObject({ code: 'bad_request' });
  leave();
  (await second)();
  (await shares.enter('ada', open))();
});

it('a caller has so many requests in work, the next ones wait in their order, and others do not notice', async () => {
  const shares = createCallerShares(2, 2);
  const begun: string[] = [];
  const enter = async (caller: string, name: string) => {
    const leave = await shares.enter(caller, open);
    begun.push(name);
    return leave;
  };
  const one = await enter('ada', 'one');
  const two = await enter('ada', 'two');
  const three = enter('ada', 'three');
  const four = enter('ada', 'four');
  await expect(shares.enter('ada', open)).rejects.toMatchObject({ code: 'too_many_requests' });
  const other = await enter('bob', 'other');
  expect(begun).toEqual(['one', 'two', 'other']);
  two();
  // Twice is once.
  two();
  const leaveThree = await three;
  expect(begun).toEqual(['one', 'two', 'other', 'three']);
  one();
  const leaveFour = await four;
  for (const leave of [leaveThree, leaveFour, other]) leave();
  const again = await Promise.all([1, 2].map(() => shares.enter('ada', open)));
  expect(again).toHaveLength(2);
});
