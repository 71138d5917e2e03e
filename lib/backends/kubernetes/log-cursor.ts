import type { StreamEnd } from '../../model/log-line';
import { type LogEntry, pieceBytes } from './log-entries';
import { secondOf } from './log-time';

/** The last line that is known. */
type Known =
  /** Read by us: with how many entries of its very time, and its content where it is one that runtimes cut. */
  | { from: 'log'; key: string; atMs: number; lines: number; content: Buffer | null }
  /** Stored by whoever read before us: its time to the millisecond, and how many lines have that one. */
  | { from: 'store'; atMs: number; lines: number };

export interface CursorWatch {
  /** How many lines an entry is stored as. */
  lineCount(entry: LogEntry): number;
  /** An entry of which everything is known. */
  onKnown(entry: LogEntry): void;
  /** In order, none of them twice. `known` of the entry's lines are known already. */
  onNew(entry: LogEntry, known: number): void;
  /** The last known line is not in the log any more: what was printed between these times is missing. */
  onGap(fromMs: number, toMs: number): void;
}

/**
 * Where a log is read on after a cut, by whom ever: the log API begins at a second, may cut the line that it begins with,
 * and has the newest file of a rotated log alone. What comes is compared with the last line that is known.
 */
export function createLogCursor(start: StreamEnd | null, { lineCount, onKnown, onNew, onGap }: CursorWatch) {
  let last: Known | null = start && { from: 'store', ...start };

  function take(entry: LogEntry, known: number): void {
    onNew(entry, known);
    if (!entry.time) return;
    const { key, atMs } = entry.time;
    const lines = last?.from === 'log' && last.key === key ? last.lines + 1 : 1;
    const content = entry.content.length > pieceBytes ? entry.content : null;
    last = { from: 'log', key, atMs, lines, content };
  }

  /** For the entries of one reading. */
  function read() {
    const target = last;
    let isAligned = target === null;
    let hasSeenKnown = false;
    let sameLines = 0;
    /** The first entry may be the rest of a line, and its text may begin as a time does. */
    let held: LogEntry | null = null;
    let isFirst = true;

    function push(entry: LogEntry): void {
      if (isAligned || target === null) {
        take(entry, 0);
        return;
      }
      const order = compare(entry, target);
      const wasFirst = isFirst;
      isFirst = false;
      if (order === null) return;
      if (order > 0 && wasFirst) held = entry;
      else if (order > 0) goOn(target, entry);
      else {
        hasSeenKnown = true;
        held = null;
        if (order === 0) pushSame(entry, target);
        else onKnown(entry);
      }
    }

    /** Of the lines with the known line's time, so many are known. */
    function pushSame(entry: LogEntry, known: Known): void {
      const lines = known.from === 'log' ? 1 : lineCount(entry);
      const knownHere = Math.min(lines, Math.max(0, known.lines - sameLines));
      sameLines += lines;
      isAligned = sameLines >= known.lines;
      if (knownHere < lines) take(entry, knownHere);
      else onKnown(entry);
    }

    /** The first entry after what is known, or null at the end of the log. */
    function goOn(known: Known, next: LogEntry | null): void {
      isAligned = true;
      const first = held;
      held = null;
      // A file that begins within the known line.
      const isRest = first !== null && isRestOf(first, known);
      const start = first ?? next;
      if (!hasSeenKnown && !isRest && start?.time) onGap(known.atMs, start.time.atMs);
      if (first && !isRest) take(first, 0);
      if (next) take(next, 0);
    }

    return {
      push,
      /** What comes now is new. */
      isAligned: () => isAligned,
      /** Nothing comes after what is held. */
      finish(): void {
        if (held && target) goOn(target, null);
      },
    };
  }

  return {
    read,
    /** For the log API; undefined: from the beginning. */
    since: () => (last === null ? undefined : secondOf(last.atMs)),
    lastMs: () => last?.atMs ?? null,
    /** Something that changes with every entry that is taken. */
    position: () => (last?.from === 'log' ? `${last.key} ${last.lines}` : ''),
  };
}

/** Negative before the known line, 0 for one with its time; null where it cannot be told. */
function compare({ time }: LogEntry, known: Known): number | null {
  if (!time) return null;
  if (known.from === 'store') return time.atMs - known.atMs;
  return time.key < known.key ? -1 : time.key > known.key ? 1 : 0;
}

function isRestOf({ content }: LogEntry, known: Known): boolean {
  if (known.from !== 'log' || known.content === null || content.length >= known.content.length) return false;
  return known.content.subarray(-content.length).equals(content);
}
