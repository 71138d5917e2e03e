import { expect, it } from 'vitest';
import { type Arrival, mergeAll, mergeBeside } from '@/lib/streams/merge';

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

async function* numbers(upTo: number): AsyncGenerator<number> {
  for (let each = 1; each <= upTo; each += 1) yield each;
}

it('merges any number of sources, each in its own order and none held up by one that never waits', async () => {
  const quiet = pipe<number>();
  quiet.push(1);
  const sources = new Map([
    ['flood', () => numbers(1_000)],
    ['quiet', () => quiet.open()],
  ]);
  const given: Arrival<string, number>[] = [];
  for await (const arrival of mergeAll(sources, never)) {
    given.push(arrival);
    if (given.length === 20) quiet.push(2);
    if (given.length === 40) quiet.end();
  }
  const of = (key: string) => given.filter((each) => each.key === key);
  const items = (key: string) => of(key).flatMap((each) => ('item' in each ? [each.item] : []));
  expect(items('flood')).toEqual(Array.from({ length: 1_000 }, (_, at) => at + 1));
  expect(items('quiet')).toEqual([1, 2]);
  expect(given.findIndex((each) => each.key === 'quiet' && 'hasEnded' in each)).toBeLessThan(60);
  expect(of('flood').at(-1)).toEqual({ key: 'flood', hasEnded: true });
});

it('a source that fails ends alone, and all are left when the reader leaves', async () => {
  const failure = new Error('the row cannot be read');
  const opened = new Map<string, ReturnType<typeof pipe<number>>>();
  const begin = (name: string) => (signal: AbortSignal) => {
    const made = pipe<number>(signal);
    opened.set(name, made);
    return made.open();
  };
  const sources = new Map<string, (signal: AbortSignal) => AsyncIterable<number>>([
    [
      'broken',
      async function* () {
        yield 1;
        throw failure;
      },
    ],
    ['a', begin('a')],
    ['b', begin('b')],
  ]);
  const merged = mergeAll(sources, never);
  expect((await merged.next()).value).toEqual({ key: 'broken', item: 1 });
  expect((await merged.next()).value).toEqual({ key: 'broken', error: failure });
  opened.get('a')?.push(7);
  expect((await merged.next()).value).toEqual({ key: 'a', item: 7 });
  await merged.return(undefined);
  expect([opened.get('a')?.left, opened.get('b')?.left]).toEqual([['left'], ['left']]);
});
