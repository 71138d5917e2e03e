/** What the name of the session's cookie depends on. */
export interface CookieSettings {
  store: { installation: { id: string } };
  config: { secureCookies: boolean };
}

/**
 * Returns the name of the cookie that holds the session. Browsers send a cookie to every port of a host, so each
 * installation has a name of its own. With `GANTRY_SECURE_COOKIES` the prefix `__Host-` makes browsers refuse such a
 * cookie from another host or over plain HTTP.
 */
export function sessionCookieName({ store, config }: CookieSettings): string {
  return `${config.secureCookies ? '__Host-' : ''}gantry_session_${store.installation.id.slice(0, 8)}`;
}

/** Returns the `Set-Cookie` that signs a browser in. `expiresAt`: ISO 8601. */
export function startCookie(settings: CookieSettings, text: string, expiresAt: string): string {
  return setCookie(settings, text, `Expires=${new Date(expiresAt).toUTCString()}`);
}

/** Returns the `Set-Cookie` that signs a browser out. */
export function endCookie(settings: CookieSettings): string {
  return setCookie(settings, '', 'Max-Age=0');
}

function setCookie(settings: CookieSettings, value: string, end: string): string {
  const secure = settings.config.secureCookies ? ['Secure'] : [];
  return [
    `${sessionCookieName(settings)}=${value}`,
    'Path=/',
    'HttpOnly',
    'SameSite=Lax',
    end,
    ...secure,
  ].join('; ');
}
