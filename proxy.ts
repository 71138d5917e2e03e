import { type NextRequest, NextResponse } from 'next/server';

/**
 * Next calls this before every page: whoever shows no session at all is sent to the sign-in page. It is a second lock
 * only. Whether the session is a real one is for `app/page-data.ts` to say, which every page reads through.
 */
export function proxy(request: NextRequest): NextResponse {
  const { pathname, searchParams } = request.nextUrl.clone();
  const isSignIn = pathname === '/sign-in';
  if (isSignIn || request.cookies.getAll().some(({ name }) => isSessionCookie(name))) {
    return withSecurityPolicy(request);
  }
  const place = request.nextUrl.clone();
  place.pathname = '/sign-in';
  // No token belongs in a page's address, and none is to be passed on in one.
  searchParams.delete('token');
  const query = searchParams.size > 0 ? `?${searchParams}` : '';
  place.search = pathname === '/' ? '' : `?next=${encodeURIComponent(pathname + query)}`;
  return NextResponse.redirect(place);
}

/** Everything but the API, whose routes answer 401 themselves, and what the sign-in page is made of. */
export const config = {
  matcher: [
    '/((?!api/|agent-control/|healthz$|readyz$|readyz/|metrics$|_next/static/|schemas/|mark\\.svg$|gantry-agent\\.mjs$).*)',
  ],
};

function isSessionCookie(name: string): boolean {
  return /^(__Host-)?gantry_session/.test(name);
}

/**
 * A page runs the scripts that carry the nonce of its answer, and what those load; nothing that somebody's title, log
 * or report may have put into it. Next reads the nonce out of the request's policy.
 */
function withSecurityPolicy(request: NextRequest): NextResponse {
  const nonce = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
  const policy = [
    "default-src 'self'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'${isDevelopment ? " 'unsafe-eval'" : ''}`,
    // Bars, graphs and dialogs have sizes in `style`, which no nonce can allow.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "worker-src 'self'",
    `connect-src 'self'${isDevelopment ? ' ws:' : ''}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
  const headers = new Headers(request.headers);
  headers.set('content-security-policy', policy);
  headers.set('x-nonce', nonce);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set('content-security-policy', policy);
  return response;
}

const isDevelopment = process.env.NODE_ENV === 'development';
