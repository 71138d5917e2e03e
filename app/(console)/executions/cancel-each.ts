export interface Refused<T> {
  item: T;
  error: unknown;
}

/**
 * Cancels one after another until it is stopped; what has been asked for by then is not taken back. Answers those that
 * were refused. One that has ended meanwhile needs no cancelling.
 */
export async function cancelEach<T>(
  items: readonly T[],
  {
    cancel,
    isStopped,
    onNext,
  }: { cancel: (item: T) => Promise<unknown>; isStopped: () => boolean; onNext: (at: number) => void },
): Promise<Refused<T>[]> {
  const refused: Refused<T>[] = [];
  for (const [at, item] of items.entries()) {
    if (isStopped()) break;
    onNext(at);
    try {
      await cancel(item);
    } catch (error) {
      const isOver = error instanceof Error && 'code' in error && error.code === 'conflict';
      if (!isOver) refused.push({ item, error });
    }
  }
  return refused;
}
