/**
 * The items of both as they come, until `main` ends: then `beside` is left. A failure of either ends both. `signal` is for
 * what makes `beside`: it is ended with the merged stream.
 */
export async function* mergeBeside<T>(
  main: AsyncIterable<T>,
  openBeside: (signal: AbortSignal) => AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const over = new AbortController();
  const first = main[Symbol.asyncIterator]();
  const second = openBeside(AbortSignal.any([signal, over.signal]))[Symbol.asyncIterator]();
  const take = async (from: AsyncIterator<T>) => ({ from, next: await from.next() });
  try {
    let ofMain = take(first);
    let ofBeside: ReturnType<typeof take> | null = take(second);
    for (;;) {
      const { from, next } = await Promise.race(ofBeside ? [ofMain, ofBeside] : [ofMain]);
      if (from === first) {
        if (next.done) return;
        yield next.value;
        ofMain = take(first);
      } else if (next.done) {
        ofBeside = null;
      } else {
        yield next.value;
        ofBeside = take(second);
      }
    }
  } finally {
    over.abort();
    await Promise.allSettled([first.return?.(), second.return?.()]);
  }
}

/** What one of several sources has given: an item, or its end, with the error if it failed. */
export type Arrival<K, T> = { key: K; item: T } | { key: K; error: unknown } | { key: K; hasEnded: true };

/**
 * The items of all sources as they come, and the end of each. A source is asked for its next item once the last one
 * has been taken, and those that are ready take turns: none holds the others up. Sources that fail end alone. All are
 * left when the merged stream is; `open` gets a signal for that.
 */
export async function* mergeAll<K, T>(
  sources: ReadonlyMap<K, (signal: AbortSignal) => AsyncIterable<T>>,
  signal: AbortSignal,
): AsyncGenerator<Arrival<K, T>> {
  const over = new AbortController();
  const leaving = AbortSignal.any([signal, over.signal]);
  const open = new Map([...sources].map(([key, begin]) => [key, begin(leaving)[Symbol.asyncIterator]()]));
  const ready: Arrival<K, T>[] = [];
  let wake = () => {};
  const arrive = (arrival: Arrival<K, T>) => {
    ready.push(arrival);
    wake();
  };
  const take = (key: K, from: AsyncIterator<T>) => {
    from.next().then(
      (next) => arrive(next.done ? { key, hasEnded: true } : { key, item: next.value }),
      (error: unknown) => arrive({ key, error }),
    );
  };
  try {
    for (const [key, from] of open) take(key, from);
    while (open.size > 0) {
      const arrival = ready.shift();
      if (!arrival) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      yield arrival;
      const from = open.get(arrival.key);
      if (from && 'item' in arrival) take(arrival.key, from);
      else open.delete(arrival.key);
    }
  } finally {
    over.abort();
    await Promise.allSettled([...open.values()].map((from) => from.return?.()));
  }
}
