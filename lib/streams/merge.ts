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
