import type { Principal } from '../identity/principal';
import { AppError } from '../model/errors';
import type { RouteRequest } from './route-request';

/** The key of a request, which belongs to the token that sent it: others of the same name have keys of their own. */
export function idempotencyKey(request: RouteRequest, { tokenId = '' }: Principal): string | null {
  const key = request.headers.get('idempotency-key');
  if (key !== null && (key.length < 1 || key.length > 200)) {
    throw new AppError('bad_request', 'The Idempotency-Key is not valid: expected 1 to 200 characters.');
  }
  return key === null ? null : `${tokenId} ${key}`;
}
