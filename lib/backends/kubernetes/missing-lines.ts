/** Finds lines that a log has lost: by its times, and by the marks that count its lines. */
export interface MissingLines {
  /** A line was read, in order. `isWhole`: it has its end, and is counted. */
  take(isWhole: boolean): void;
  /** By their times, lines between two that were read are not there; `fromMs` null: before the first one. */
  gap(fromMs: number | null, toMs: number): void;
  /** At this time the stream had so many lines. */
  mark(lines: number, atMs: number): void;
  /** A gap waits for its number. */
  isPending(): boolean;
  /** No mark will come, or not soon: tells of a pending gap without its number. */
  giveUp(): void;
}

/**
 * Tells of each loss once, with its number where a mark follows. `knownLines` were read by somebody else: the first mark
 * corrects their number, for not all that is read is stored, unless a gap comes before it.
 */
export function createMissingLines(
  { stream, knownLines }: { stream: string; knownLines: number },
  onMissing: (text: string) => void,
): MissingLines {
  let lines = knownLines;
  let isCertain = knownLines === 0;
  let markedMs: number | null = null;
  let pending: { fromMs: number | null; toMs: number } | null = null;

  /** What an earlier reader has told of is not known here: then the number is that of all that is not stored. */
  function report(count: number | null, fromMs: number | null, toMs: number): void {
    const what = count === null ? 'lines' : `${count} ${count === 1 ? 'line' : 'lines'}`;
    const to = new Date(toMs).toISOString();
    const when = fromMs === null ? `before ${to}` : `between ${new Date(fromMs).toISOString()} and ${to}`;
    onMissing(
      `${what} of ${stream} ${count === 1 ? 'is' : 'are'} missing${count === null || isCertain ? '' : ' in all'}: the cluster has rotated away what was printed ${when}`,
    );
  }

  return {
    take(isWhole) {
      if (isWhole) lines += 1;
    },
    gap(fromMs, toMs) {
      pending = { fromMs: pending ? pending.fromMs : fromMs, toMs };
    },
    mark(count, atMs) {
      // The log is whole, with something of the pod's own before its beginning.
      if (count === 0 && pending?.fromMs === null) {
        pending = null;
        lines = 0;
      }
      const missing = count - lines;
      // One that was read before.
      if (missing < 0 && !pending) return;
      const { fromMs, toMs } = pending ?? { fromMs: markedMs, toMs: atMs };
      if (missing < 0) report(null, fromMs, toMs);
      else if (missing > 0 && (pending || isCertain)) report(missing, fromMs, toMs);
      pending = null;
      lines = count;
      isCertain = true;
      markedMs = atMs;
    },
    isPending: () => pending !== null,
    giveUp() {
      if (pending) report(null, pending.fromMs, pending.toMs);
      pending = null;
    },
  };
}
