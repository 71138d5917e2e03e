import type { Clock } from '../clock';
import type { SignInRequest } from '../identity/next-auth';
import type { SessionOrigin } from '../identity/session';
import { AppError } from '../model/errors';
import { publicOrigin } from './public-origin';
import { readBody } from './read-body';
import type { RouteRequest } from './route-request';

/** A form of a name and a password is far smaller. */
const maxFormBytes = 16 * 1024;

/** Where a session is begun from, as its list shows it. */
export function sessionOrigin({ headers }: Pick<RouteRequest, 'headers'>): SessionOrigin {
  const address = headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() ?? '';
  return { address: address.slice(0, 100) || null, userAgent: headers.get('user-agent') };
}

/**
 * A request below `/api/auth/` as next-auth takes it. `publicUrl`: where browsers reach Gantry, where it is set.
 * Rejects as `readBody` does.
 */
export async function readSignInRequest(
  deps: { clock: Clock },
  request: RouteRequest,
  path: string,
  publicUrl: string | null,
): Promise<SignInRequest> {
  const origin = publicUrl ?? publicOrigin(request.headers);
  if (origin === null)
    throw new AppError('bad_request', 'The request does not say at which host it was sent: expected `Host`.');
  return {
    method: request.method,
    path,
    query: Object.fromEntries(new URL(request.url).searchParams),
    cookies: readCookies(request.headers.get('cookie')),
    body: request.method === 'POST' ? await readForm(deps, request) : {},
    origin: new URL(origin),
    from: sessionOrigin(request),
  };
}

function readCookies(header: string | null): Record<string, string> {
  return Object.fromEntries(
    (header ?? '').split(';').flatMap((part) => {
      const at = part.indexOf('=');
      return at < 0 ? [] : [[part.slice(0, at).trim(), decode(part.slice(at + 1).trim())]];
    }),
  );
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    // As it was sent: whatever it is, next-auth has not written it.
    return value;
  }
}

async function readForm(deps: { clock: Clock }, request: RouteRequest): Promise<Record<string, string>> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') {
    throw new AppError(
      'unsupported_media_type',
      `Expected content-type application/x-www-form-urlencoded, found ${type ?? 'none'}.`,
    );
  }
  const form = await readBody(deps, request, maxFormBytes);
  return Object.fromEntries(new URLSearchParams(form.toString('utf8')));
}
