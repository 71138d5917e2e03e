/** A browser as far as signing in goes: it keeps cookies and sends the form of the sign-in page. */
export interface PasswordBrowser {
  /** `name=value; …` */
  cookie(): string;
  request(path: string, init?: RequestInit): Promise<Response>;
  /** The status and what `?error=` says; null: signed in. */
  signIn(email: string, password: string): Promise<{ status: number; error: string | null }>;
}

export function openPasswordBrowser(url: string): PasswordBrowser {
  const jar = new Map<string, string>();
  const cookie = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');

  async function request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { cookie: cookie(), 'sec-fetch-site': 'same-origin', ...init.headers };
    const answer = await fetch(new URL(path, url), { redirect: 'manual', ...init, headers });
    for (const each of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = each.split(';', 1)[0]?.split('=') ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    return answer;
  }

  return {
    cookie,
    request,
    async signIn(email, password) {
      const { csrfToken } = await (await request('/api/auth/csrf')).json();
      const answer = await request('/api/auth/callback/credentials', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ email, password, csrfToken, json: 'true' }).toString(),
      });
      const { url: place } = await answer.json();
      return { status: answer.status, error: new URL(place, url).searchParams.get('error') };
    },
  };
}
