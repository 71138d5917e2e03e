import { type NextRequest, NextResponse } from 'next/server';

/**
 * Next calls this before every page: whoever shows no session at all is sent to the sign-in page. It is a second lock
 * only. Whether the session is a real one is for `app/page-data.ts` to say, which every page reads through.
 */
export function proxy(request: NextRequest): NextResponse {
  const { pathname, searchParams } = request.nextUrl.clone();
  if (request.cookies.getAll().some(({ name }) => isSessionCookie(name))) return NextResponse.next();
  const place = request.nextUrl.clone();
  place.pathname = '/sign-in';
  // No token belongs in a page's address, and none is to be passed on in one.
  searchParams.delete('token');
  const query = searchParams.size > 0 ? `?${searchParams}` : '';
  place.search = pathname === '/' ? '' : `?next=${encodeURIComponent(pathname + query)}`;
  return NextResponse.redirect(place);
}

/** Everything but the API, whose routes answer 401 themselves, the sign-in page and what it is made of. */
export const config = {
  matcher: [
    '/((?!api/|agent-control/|healthz$|readyz$|readyz/|metrics$|sign-in$|_next/static/|schemas/|mark\\.svg$|gantry-agent\\.mjs$).*)',
  ],
};

function isSessionCookie(name: string): boolean {
  return /^(__Host-)?gantry_session/.test(name);
}
