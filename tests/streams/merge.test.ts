import { expect, it } from 'vitest';
import { mergeBeside } from '@/lib/streams/merge';

/** Items as they are pushed. */
function pipe<T>(signal?: AbortSignal) {
  const items: T[] = [];
  let isOver = false;
  let wake = () => {};
  const left: string[] = [];
  signal?.addEventListener('abort', () => end());
  function end() {
    isOver = true;
    wake();
  }
  async function* open(): AsyncGenerator<T> {
    try {
      for (;;) {
        const next = items.shift();
        if (next !== undefined) yield next;
        else if (isOver) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      left.push('left');
    }
  }
  return {
    open,
    end,
    left,
    push(item: T) {
      items.push(item);
      wake();
    },
  };
}

const never = new AbortController().signal;

it('gives the items of both as they come, and leaves what is beside when the main one ends', async () => {
  const main = pipe<string>();
  let beside = pipe<string>();
  const merged = mergeBeside(
    main.open(),
    (signal) => {
      beside = pipe<string>(signal);
      return beside.open();
    },
    never,
  );
  const first = merged.next();
  beside.push('b1');
  expect(await first).toEqual({ done: false, value: 'b1' });
  main.push('m1');
  expect(await merged.next()).toEqual({ done: false, value: 'm1' });
  beside.push('b2');
  expect(await merged.next()).toEqual({ done: false, value: 'b2' });
  main.end();
  expect(await merged.next()).toEqual({ done: true, value: undefined });
  expect([main.left, beside.left]).toEqual([['left'], ['left']]);
});

it('goes on with the main one when what is beside ends first', async () => {
  const main = pipe<string>();
  const beside = pipe<string>();
  beside.end();
  const merged = mergeBeside(main.open(), () => beside.open(), never);
  main.push('m1');
  expect((await merged.next()).value).toBe('m1');
  main.push('m2');
  main.end();
  expect((await merged.next()).value).toBe('m2');
  expect((await merged.next()).done).toBe(true);
});

it('ends both when the reader leaves', async () => {
  const main = pipe<string>();
  let beside = pipe<string>();
  const over = new AbortController();
  over.signal.addEventListener('abort', () => main.end());
  const merged = mergeBeside(
    main.open(),
    (signal) => {
      beside = pipe<string>(signal);
      return beside.open();
    },
    over.signal,
  );
  main.push('m1');
  await merged.next();
  const leaving = merged.return(undefined);
  over.abort();
  await leaving;
  expect([main.left, beside.left]).toEqual([['left'], ['left']]);
});
