import { describe, expect, it } from 'vitest';
import { timesOf } from '@/lib/engine/schedules/next-times';

const timing = { id: 'nightly', cron: '30 2 * * *', timeZone: 'Europe/Berlin', jitterSeconds: 0 };

describe('the planned times of a schedule', () => {
  it.each([
    // To summer time: 02:30 does not exist, so the time of the change.
    [
      '30 2 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00:00Z',
      ['2026-03-29T01:00:00.000Z', '2026-03-30T00:30:00.000Z'],
    ],
    [
      '30 2 * * *',
      'America/New_York',
      '2026-03-07T12:00:00Z',
      ['2026-03-08T07:00:00.000Z', '2026-03-09T06:30:00.000Z'],
    ],
    // Half an hour of change.
    [
      '15 2 * * *',
      'Australia/Lord_Howe',
      '2026-10-03T00:00:00Z',
      ['2026-10-03T15:30:00.000Z', '2026-10-04T15:15:00.000Z'],
    ],
    // From summer time: 02:30 comes twice, and fires the first time.
    [
      '30 2 * * *',
      'Europe/Berlin',
      '2026-10-24T12:00:00Z',
      ['2026-10-25T00:30:00.000Z', '2026-10-26T01:30:00.000Z'],
    ],
    [
      '30 1 * * *',
      'America/New_York',
      '2026-10-31T12:00:00Z',
      ['2026-11-01T05:30:00.000Z', '2026-11-02T06:30:00.000Z'],
    ],
    // An hour between is an hour, whatever the clocks on the wall show.
    [
      '0 * * * *',
      'Europe/Berlin',
      '2026-10-24T23:30:00Z',
      ['2026-10-25T00:00:00.000Z', '2026-10-25T01:00:00.000Z'],
    ],
    [
      '0 * * * *',
      'Europe/Berlin',
      '2026-03-29T00:30:00Z',
      ['2026-03-29T01:00:00.000Z', '2026-03-29T02:00:00.000Z'],
    ],
    // No summer time.
    [
      '30 2 * * *',
      'Asia/Kolkata',
      '2026-03-28T22:00:00Z',
      ['2026-03-29T21:00:00.000Z', '2026-03-30T21:00:00.000Z'],
    ],
  ])('come once a day over a change of the clocks: %s in %s after %s', (cron, timeZone, after, expected) => {
    expect(timesOf({ ...timing, cron, timeZone }).nextTimes(new Date(after), 2)).toEqual(expected);
  });

  it('come once on each day of a year with two changes', () => {
    const times = timesOf(timing).nextTimes(new Date('2025-12-31T12:00:00Z'), 365);
    const days = times.map((time) =>
      new Date(time).toLocaleDateString('en-CA', { timeZone: 'Europe/Berlin' }),
    );
    expect(new Set(days).size).toBe(365);
    expect(days.at(-1)).toBe('2026-12-31');
  });

  it('are due when they have come, to the millisecond', () => {
    const times = timesOf({ ...timing, cron: '0 * * * *' });
    expect(times.lastDue(new Date('2026-01-01T05:00:00.000Z'))?.toISOString()).toBe(
      '2026-01-01T05:00:00.000Z',
    );
    expect(times.lastDue(new Date('2026-01-01T04:59:59.999Z'))?.toISOString()).toBe(
      '2026-01-01T04:00:00.000Z',
    );
  });

  it('are all delayed by the same part of the jitter, which differs between schedules', () => {
    const after = new Date('2026-01-01T12:00:00Z');
    const jittered = ['a', 'b', 'c', 'd'].map((id) => timesOf({ ...timing, id, jitterSeconds: 600 }));
    const delays = jittered.map(({ jitterMs }) => jitterMs);
    expect(new Set(delays).size).toBe(4);
    expect(delays.every((each) => each >= 0 && each < 600_000)).toBe(true);
    const [first] = jittered;
    const next = first?.next(after);
    expect(Date.parse(next?.dueAt ?? '') - Date.parse(next?.nextAt ?? '')).toBe(first?.jitterMs);
    expect(first?.lastDue(new Date(next?.dueAt ?? ''))?.toISOString()).toBe(next?.nextAt);
  });

  it.each([
    ['x', 'UTC', 'cron: expected five fields such as `30 2 * * 1-5`, found `x`'],
    ['* * * * * *', 'UTC', 'cron: expected five fields'],
    ['61 0 * * *', 'UTC', 'cron: expected five fields'],
    ['0 0 30 2 *', 'UTC', 'cron: expected a pattern with a time to come, found `0 0 30 2 *`'],
    [
      '0 0 * * *',
      'Mars/Base',
      'timeZone: expected an IANA time zone such as Europe/Berlin, found `Mars/Base`',
    ],
  ])('are refused with the reason when they cannot be: %s in %s', (cron, timeZone, message) => {
    expect(() => timesOf({ ...timing, cron, timeZone })).toThrow(message);
  });
});
