import type { Clock } from '../clock';
import { AppError } from '../model/errors';

const maxDays = 365;

/** The time in UTC; rejects with `bad_request` unless it is in the future and within 365 days. */
export function checkExpiry(clock: Clock, expiresAt: string): string {
  const time = Date.parse(expiresAt);
  const leftMs = time - clock.now().getTime();
  if (leftMs > 0 && leftMs <= maxDays * 86_400_000) return new Date(time).toISOString();
  const message = `expected a time in the future and within ${maxDays} days, found ${expiresAt}`;
  throw new AppError('bad_request', 'The mute has no valid end.', {
    issues: [{ path: 'expiresAt', message }],
  });
}
