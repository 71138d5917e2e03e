import { AppError } from '../model/errors';
import type { Asked } from './asked';

export function idempotencyKey(request: Asked): string | null {
  const key = request.headers.get('idempotency-key');
  if (key !== null && (key.length < 1 || key.length > 200)) {
    throw new AppError('bad_request', 'The Idempotency-Key is not valid: expected 1 to 200 characters.');
  }
  return key;
}
