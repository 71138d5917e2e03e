import { createHash } from 'node:crypto';
import type { RouteRequest } from './route-request';

/** Answers JSON, or 304 to one who has the same already: for what pages ask for again and again. */
export function jsonOrUnchanged(request: Pick<RouteRequest, 'headers'>, value: unknown): Response {
  const body = JSON.stringify(value);
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
  const known = request.headers.get('if-none-match')?.split(',') ?? [];
  const headers = { etag, 'cache-control': 'private, no-cache' };
  // Whoever compresses an answer on its way makes its tag a weak one.
  if (known.some((tag) => tag.trim().replace(/^W\//, '') === etag))
    return new Response(null, { status: 304, headers });
  return new Response(body, { headers: { ...headers, 'content-type': 'application/json' } });
}
