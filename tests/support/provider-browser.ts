import { openPasswordBrowser, type PasswordBrowser } from './password-browser';

/** A browser that signs in at an identity provider, which keeps its own cookies for it. */
export interface ProviderBrowser extends PasswordBrowser {
  /**
   * `query`: of the request with which it begins. `edit`: what is done to the address of the provider, as one may by hand.
   * Resolves with whether the provider has shown its form.
   */
  signInWith(
    provider: string,
    name: string,
    query?: Record<string, string>,
    edit?: (address: URLSearchParams) => void,
  ): Promise<boolean>;
  /** Drops the cookies of the provider. */
  leaveProvider(): void;
}

const form = { 'content-type': 'application/x-www-form-urlencoded' };

export function openProviderBrowser(url: string): ProviderBrowser {
  const own = openPasswordBrowser(url);
  let theirs: PasswordBrowser | undefined;
  return {
    ...own,
    leaveProvider() {
      theirs = undefined;
    },
    async signInWith(provider, name, query = {}, edit = () => undefined) {
      const { csrfToken } = await (await own.request('/api/auth/csrf')).json();
      const sent = new URLSearchParams({ csrfToken, callbackUrl: url, json: 'true' });
      const begun = await own.request(`/api/auth/signin/${provider}?${new URLSearchParams(query)}`, {
        method: 'POST',
        headers: form,
        body: sent.toString(),
      });
      const address = new URL((await begun.json()).url);
      edit(address.searchParams);
      const { origin } = address;
      let place = address.href;
      theirs ??= openPasswordBrowser(origin);
      let hasSeenForm = false;
      while (!place.startsWith(url)) {
        const answer = await theirs.request(place);
        const next = answer.headers.get('location');
        if (next !== null) place = new URL(next, origin).href;
        else {
          const html = await answer.text();
          const [, action] = /<form[^>]* action="([^"]+)"/.exec(html) ?? [];
          const [, prompt = ''] = /name="prompt" value="(\w+)"/.exec(html) ?? [];
          if (action === undefined) throw new Error(`${place} shows no form: ${answer.status} ${html}`);
          hasSeenForm ||= prompt === 'login';
          const body = new URLSearchParams({ prompt, login: name, password: 'anything' }).toString();
          const submitted = await theirs.request(action, { method: 'POST', headers: form, body });
          place = new URL(submitted.headers.get('location') ?? '', origin).href;
        }
      }
      const back = await own.request(place);
      const end = back.headers.get('location') ?? '';
      if (end.includes('error')) throw new Error(`the sign-in was refused: ${end}`);
      return hasSeenForm;
    },
  };
}
