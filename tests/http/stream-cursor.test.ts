import { describe, expect, it } from 'vitest';
import { isPastEnd, readCursor } from '@/lib/http/stream-cursor';

function asked(lastEventId: string | null, after?: number) {
  const headers: Record<string, string> = lastEventId === null ? {} : { 'last-event-id': lastEventId };
  return readCursor(new Request('http://gantry.test/events', { headers }), after);
}

describe('the place at which a stream goes on', () => {
  it('is what EventSource says when it comes back, else ?after=, else the beginning', () => {
    expect(asked('7', 3)).toEqual({ after: 7, isResumed: true });
    expect(asked(null, 3)).toEqual({ after: 3, isResumed: true });
    expect(asked('', 3)).toEqual({ after: 3, isResumed: true });
    expect(asked(null)).toEqual({ after: 0, isResumed: false });
  });

  it.each(['x', '-1', '1e9', '7.5', '9'.repeat(16), "1' or 1=1", '0x10'])(
    'is refused when it is no number: %j',
    (given) => {
      expect(() => asked(given)).toThrow(expect.objectContaining({ code: 'bad_request' }));
    },
  );

  it('is refused when it is in the future: it belongs to another execution or another database', () => {
    const place = { after: 12, isResumed: true };
    expect(() => isPastEnd(place, 11, false)).toThrow(expect.objectContaining({ code: 'bad_request' }));
    expect(isPastEnd(place, 12, false)).toBe(false);
  });

  it('is past the end only of what has ended, for a client that was there before', () => {
    expect(isPastEnd({ after: 12, isResumed: true }, 12, true)).toBe(true);
    expect(isPastEnd({ after: 11, isResumed: true }, 12, true)).toBe(false);
    expect(isPastEnd({ after: 0, isResumed: false }, 0, true)).toBe(false);
  });
});
