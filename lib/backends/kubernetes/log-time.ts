/** A time of a log, to the nanosecond. */
export interface LogTime {
  /** Of equal length for all: later times are greater texts. */
  key: string;
  /** Whole milliseconds since the epoch. */
  atMs: number;
}

/** RFC 3339 with up to nine digits of a second, in the zone of whoever wrote it. */
const pattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

/** Null for what is no time. Most lines come in the same second as the one before, whose parsing is kept. */
export function createTimeParser(): (text: string) => LogTime | null {
  let known = '';
  let seconds = 0;
  return (text) => {
    const [, second, fraction = '', zone] = pattern.exec(text) ?? [];
    if (second === undefined || zone === undefined) return null;
    if (second + zone !== known) {
      const parsed = Date.parse(second + zone);
      if (Number.isNaN(parsed)) return null;
      known = second + zone;
      seconds = parsed / 1000;
    }
    const nanoseconds = fraction.padEnd(9, '0');
    return {
      key: `${String(seconds).padStart(12, '0')}.${nanoseconds}`,
      atMs: seconds * 1000 + Number(nanoseconds.slice(0, 3)),
    };
  };
}

/** The second that a time is in, as the log API takes it. */
export function secondOf(atMs: number): string {
  return new Date(Math.floor(atMs / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}
