/** An item with a number, from 1. */
export interface Numbered {
  readonly seq: number;
}

export interface StreamPage<T extends Numbered> {
  /** In order, the first being the first one after the cursor. */
  items: readonly T[];
  /** Where to go on: the last item's seq, or further when a filter has looked further. */
  readTo: number;
  /** There was nothing behind `readTo` when the page was read. */
  isAll: boolean;
  /**
   * Nothing will ever come behind what there was when the page was read. Whoever cannot tell from the same
   * snapshot asks whether the source has ended BEFORE reading the items, never after: an item written between
   * the two would be lost.
   */
  isEnded: boolean;
}

/** Where a stream comes from: rows, and a notifier that is rung after every commit that adds some. */
export interface StreamSource<T extends Numbered> {
  read(afterSeq: number): Promise<StreamPage<T>>;
  /** Latched: a ring between two calls of `next` is not lost. `next` resolves when the signal ends. */
  subscribe(signal: AbortSignal): { next(): Promise<void> };
}

/**
 * Everything after the cursor, history first and then live, each item exactly once and in order, page by page
 * as the reader takes them. Ends after the last item of an ended source, or when the signal does. The listener
 * is taken before the first read, so nothing falls between the two; the cursor alone decides what comes next,
 * so a ring too many or too early does no harm.
 */
export async function* follow<T extends Numbered>(
  source: StreamSource<T>,
  cursor: number,
  signal: AbortSignal,
): AsyncGenerator<readonly T[]> {
  const left = new AbortController();
  const subscription = source.subscribe(AbortSignal.any([signal, left.signal]));
  let seq = cursor;
  try {
    while (!signal.aborted) {
      const page = await source.read(seq);
      if (page.items.length > 0 && !signal.aborted) yield page.items;
      seq = page.readTo;
      if (page.isAll && page.isEnded) return;
      if (page.isAll) await subscription.next();
    }
  } finally {
    left.abort();
  }
}
