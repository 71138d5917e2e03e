import type { Clock } from '../clock';
import { AppError } from '../model/errors';
import { type Batch, makeBatch } from './batch';
import type { Numbered, StreamPage, StreamSource } from './follow';
import { createOwnPages, type Turn } from './own-pages';
import { createRecentBatches } from './recent-batches';

export interface Feed<T extends Numbered> {
  /** Follows the source for any number of subscribers, each with its own cursor. */
  follow(cursor: number, signal: AbortSignal, turn?: Turn): AsyncGenerator<Batch<T>>;
}

export interface FeedOptions<T> {
  /** How much of memory an item takes, in characters; what is kept of recent batches is bounded by it. */
  weigh(item: T): number;
  /** Ends the feed and all its subscriptions. */
  signal: AbortSignal;
}

const retryMs = 500;

/**
 * One source for many subscribers, whose items are numbered without gaps. Those who have seen everything share each read: a ring costs one, whatever
 * their number. Recent batches are kept in memory; a subscriber who is further behind reads pages of its own
 * (those who are behind at the same place share them), and never holds another up. Nothing is read that nobody
 * asks for. While the store cannot be reached, subscriptions wait; any other failure ends those that wait.
 */
export function createFeed<T extends Numbered>(
  { clock }: { clock: Clock },
  source: StreamSource<T>,
  options: FeedOptions<T>,
): Feed<T> {
  const subscription = source.subscribe(options.signal);
  const recent = createRecentBatches(options.weigh);
  const own = createOwnPages(readPage);
  const waiting = new Set<(failure: { error: unknown } | null) => void>();
  /** Everything up to here was read for all; `recent` ends here. */
  let head = 0;
  /** There was nothing behind the head: the next read waits for the bell. */
  let isAtEnd = false;
  let isFinished = false;
  let isDriving = false;
  /** The next page, read while those before it are on their way. */
  let ahead: { afterSeq: number; page: Promise<StreamPage<T>> } | null = null;

  async function readPage(afterSeq: number): Promise<StreamPage<T>> {
    for (;;) {
      try {
        return await source.read(afterSeq);
      } catch (error) {
        if (options.signal.aborted) throw error;
        if (!(error instanceof AppError && error.code === 'store_unavailable')) throw error;
        await clock.sleep(retryMs, options.signal);
      }
    }
  }

  /** The head moves on by one page, for everyone who waits. */
  async function drive(): Promise<void> {
    let failure: { error: unknown } | null = null;
    try {
      if (isAtEnd) await subscription.next();
      if (!options.signal.aborted) moveHead(await takeAhead(), head);
      if (!isAtEnd) readAhead();
    } catch (error) {
      failure = { error };
    }
    isDriving = false;
    const woken = [...waiting];
    waiting.clear();
    for (const wake of woken) wake(failure);
  }

  function readAhead(): void {
    const page = readPage(head);
    // Whoever takes it is told of a failure.
    page.catch(() => undefined);
    ahead = { afterSeq: head, page };
  }

  function takeAhead(): Promise<StreamPage<T>> {
    const known = ahead?.afterSeq === head ? ahead.page : readPage(head);
    ahead = null;
    return known;
  }

  function moveHead(page: StreamPage<T>, from: number): void {
    const batch = makeBatch(page.items);
    if (batch) recent.add(batch);
    head = batch?.lastSeq ?? from;
    isAtEnd = page.isAll;
    isFinished = page.isAll && page.isEnded;
  }

  /** Waits until the head has moved, and moves it when nobody else does. */
  async function headMoved(signal: AbortSignal): Promise<void> {
    const failure = await new Promise<{ error: unknown } | null>((resolve) => {
      const leave = () => wake(null);
      const wake = (outcome: { error: unknown } | null) => {
        waiting.delete(wake);
        signal.removeEventListener('abort', leave);
        resolve(outcome);
      };
      waiting.add(wake);
      signal.addEventListener('abort', leave, { once: true });
      if (isDriving) return;
      isDriving = true;
      void drive();
    });
    if (failure) throw failure.error;
  }

  /**
   * Someone comes with a cursor past the head, most often the first one, who reconnects. If there is an item
   * at the cursor, the head can jump there. Answers false when there is none: the cursor is from the future, and
   * history has to be walked for all to learn when it comes.
   */
  async function jumpTo(cursor: number): Promise<boolean> {
    const { page } = await own.after(cursor - 1);
    if (page.items[0]?.seq !== cursor) return false;
    if (isDriving || cursor <= head) return true;
    recent.clear();
    moveHead({ ...page, items: page.items.slice(1) }, cursor);
    return true;
  }

  async function* follow(
    cursor: number,
    given: AbortSignal,
    turn: Turn = async () => () => {},
  ): AsyncGenerator<Batch<T>> {
    const signal = AbortSignal.any([given, options.signal]);
    let seq = cursor;
    let mayJump = true;
    while (!signal.aborted) {
      if (seq < head) {
        const batch = recent.after(seq) ?? (await own.batchInTurn(seq, turn));
        if (!batch || signal.aborted) return;
        yield batch;
        seq = batch.lastSeq;
      } else if (isFinished) {
        return;
      } else if (seq > head && mayJump && !isAtEnd && !isDriving) {
        mayJump = await jumpTo(seq);
      } else {
        await headMoved(signal);
      }
    }
  }

  return { follow };
}
