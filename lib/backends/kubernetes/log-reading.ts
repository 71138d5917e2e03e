import type { Clock } from '../../clock';
import type { OutputLine, StreamEnd } from '../../model/log-line';
import type { LineDelivery } from '../line-delivery';
import { createLineSplitter, maxLineBytes } from '../line-splitter';
import type { Cluster } from './cluster';
import { createLogCursor } from './log-cursor';
import { createEntryReader, type LogEntry } from './log-entries';
import { lineMark } from './log-marks';
import { createMissingLines } from './missing-lines';

export interface LogSource {
  namespace: string;
  pod: string;
  container: string;
  stream: 'stdout' | 'stderr';
  /** What the log ends with when it is complete; null: it is when the container has ended. */
  endMark: string | null;
  /** Of kubelets before 1.26: see `createEntryReader`. */
  hasInnerTimes: boolean;
  /** The log has marks that count its lines, from its beginning on. */
  isCounted: boolean;
  /** When the container started; null where the cluster does not tell. */
  startedMs: number | null;
}

/** How long lines after a gap wait for the number of those that are missing. */
const numberLimitMs = 1_000;
/** Kubelets look at the size of logs every ten seconds: none is rotated before. */
const firstRotationMs = 10_000;

/** Where a reader goes on. */
export interface LogStart {
  /** Lines that are known. */
  lines: number;
  /** The end of them; undefined: nobody tells, and they are counted from the beginning of the log. */
  end: StreamEnd | null | undefined;
  /** They are read all the same, for `onEveryLine`. */
  needsAll: boolean;
}

export interface LogSink {
  delivery: LineDelivery;
  /** Also lines that an earlier call has delivered, where the start asks for them. */
  onEveryLine(lines: OutputLine[]): void;
  /** Something that a person should know about the log itself. */
  emit(text: string): void;
  /** The same, of lines that are lost. */
  onGap(text: string): void;
}

/** One stream of a container's log, each line of it once, however often it is asked for. */
export interface LogReading {
  /** Reads once; `follow` until the connection ends, else what is there. */
  read(follow: boolean, stop: AbortSignal): Promise<void>;
  /** The end mark was read. */
  isComplete(): boolean;
  /** Another text whenever something was read. */
  position(): string;
  /** Delivers the last line where it has no ending. */
  flush(): void;
}

export function createLogReading(
  { clock, cluster }: { clock: Clock; cluster: Cluster },
  { namespace, pod, container, stream, endMark, hasInnerTimes, isCounted, startedMs }: LogSource,
  { lines: knownLines, end, needsAll }: LogStart,
  sink: LogSink,
): LogReading {
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/log`;
  const splitter = createLineSplitter(stream);
  let toSkip = end === undefined ? knownLines : 0;
  /** Lines that are stored, of those that this reading has come by, and of those that were shown. */
  const before = { read: 0, shown: 0 };
  let isComplete = false;
  let isNothingKnown = knownLines === 0 && !end;
  const createdMs = clock.now().getTime();
  /** What follows a gap, so that the notice of it comes before. */
  let held: OutputLine[] = [];
  const over = new AbortController();
  const missing = createMissingLines({ stream, knownLines: end === undefined ? 0 : knownLines }, (text) =>
    sink.onGap(text),
  );

  function lineCount({ content }: LogEntry): number {
    return content.length <= maxLineBytes ? 1 : createLineSplitter(stream).push(content, 0).length;
  }

  function deliver(lines: OutputLine[], known: number): void {
    if (lines.length === 0) return;
    sink.onEveryLine(lines);
    const skipped = Math.max(known, toSkip);
    toSkip = Math.max(0, toSkip - lines.length);
    const fresh = skipped > 0 ? lines.slice(skipped) : lines;
    if (missing.isPending()) held.push(...fresh);
    else sink.delivery.push(fresh);
  }

  function onGap(fromMs: number | null, toMs: number): void {
    missing.gap(fromMs, toMs);
    if (isCounted) void clock.sleep(numberLimitMs, over.signal).then(giveUpNumber);
    else giveUpNumber();
  }

  function giveUpNumber(): void {
    missing.giveUp();
    sendHeld();
  }

  function sendHeld(): void {
    sink.delivery.push(held);
    held = [];
  }

  /** The first line of a log of which nothing was known. */
  function checkBeginning(firstMs: number): void {
    isNothingKnown = false;
    if (isCounted) {
      onGap(null, firstMs);
      return;
    }
    if (
      startedMs === null ||
      createdMs - startedMs < firstRotationMs ||
      firstMs - startedMs < firstRotationMs
    )
      return;
    const seconds = Math.round((firstMs - startedMs) / 1000);
    sink.emit(
      `lines of ${stream} may be missing: its log begins ${seconds} s after the program did, and the cluster may have rotated away what was printed before`,
    );
  }

  function show(entry: LogEntry): void {
    if (!isBeforeAll()) return;
    before.read += lineCount(entry);
    if (before.read <= before.shown) return;
    before.shown = before.read;
    sink.onEveryLine(splitter.push(entry.content, entry.time?.atMs ?? 0));
  }

  function take({ time, content }: LogEntry, known: number): void {
    const hasMark = endMark !== null && endsWithMark(content, endMark);
    if (isNothingKnown && !hasMark) checkBeginning(time?.atMs ?? atMs());
    missing.take(content.at(-1) === newline && !hasMark);
    if (hasMark) isComplete = true;
    const bytes = hasMark ? content.subarray(0, content.length - Buffer.byteLength(endMark) - 1) : content;
    if (bytes.length > 0) deliver(splitter.push(bytes, time?.atMs ?? atMs()), known);
  }

  const cursor = createLogCursor(end ?? null, {
    lineCount,
    onKnown: show,
    onNew: take,
    onGap,
  });

  /** Marks before the place where this reading goes on count what was counted. */
  function readEntries(reading: ReturnType<typeof cursor.read>) {
    let early: { lines: number; atMs: number } | null = null;
    const push = (entry: LogEntry) => {
      const mark = isCounted ? lineMark(entry.content) : null;
      if (mark === null || mark.rest.length > 0) {
        early = null;
        reading.push(mark ? { ...entry, content: mark.rest } : entry);
      }
      if (mark === null) return;
      const found = { lines: mark.lines, atMs: entry.time?.atMs ?? atMs() };
      if (reading.isAligned()) count(found);
      else early = found;
    };
    return {
      push,
      finish() {
        reading.finish();
        if (early && reading.isAligned()) count(early);
      },
    };
  }

  function count({ lines, atMs: markedMs }: { lines: number; atMs: number }): void {
    if (lines === 0) isNothingKnown = false;
    missing.mark(lines, markedMs);
    sendHeld();
  }

  /** Nothing was read that was not stored before, and somebody wants to see that too. */
  function isBeforeAll(): boolean {
    return needsAll && cursor.position() === '';
  }

  function atMs(): number {
    return cursor.lastMs() ?? clock.now().getTime();
  }

  return {
    async read(follow, stop) {
      const sinceTime = isBeforeAll() ? undefined : cursor.since();
      const query = { container, timestamps: true, follow, sinceTime };
      const response = await cluster.open('read the log of a pod', path, query, stop);
      const entries = createEntryReader({ hasInnerTimes });
      const reading = readEntries(cursor.read());
      before.read = 0;
      for await (const chunk of response) {
        for (const entry of entries.push(Buffer.from(chunk))) reading.push(entry);
        if (isComplete || stop.aborted) return;
        await sink.delivery.hasRoom(Number.POSITIVE_INFINITY);
      }
      if (follow) return;
      // What has no ending yet may get one where more is to come.
      const rest = endMark === null ? entries.rest() : null;
      if (rest) reading.push(rest);
      reading.finish();
    },
    isComplete: () => isComplete,
    position: cursor.position,
    flush() {
      deliver(splitter.flush(atMs()), 0);
      giveUpNumber();
      over.abort();
    },
  };
}

const newline = 0x0a;

function endsWithMark(content: Buffer, mark: string): boolean {
  return (
    content.length > mark.length &&
    content.toString('latin1', content.length - mark.length - 1) === `${mark}\n`
  );
}
