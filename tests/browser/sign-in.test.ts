import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBrowser, signIn, visit } from '../support/browser';
import { startOpenIdProvider } from '../support/openid-provider';
import { describeWith } from '../support/requirements';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';

const people = {
  ada: { email: 'ada@example.com', emailVerified: true, groups: ['staff', 'keepers'] },
  eve: { email: 'eve@example.com', emailVerified: true, groups: ['visitors'] },
  zoe: { email: 'zoe@elsewhere.example', emailVerified: true, groups: ['keepers'] },
};

describeWith(['chromium'], 'Signing in with a browser', () => {
  let provider: Awaited<ReturnType<typeof startOpenIdProvider>>;
  let gantry: RunningGantry;
  let browser: Browser;

  beforeAll(async () => {
    provider = await startOpenIdProvider(people);
    const { issuer, clientId, clientSecret } = provider;
    const roles = { staff: 'member', keepers: 'admin' };
    const corporate = { id: 'corp', name: 'Corp', issuer, clientId, clientSecret, roles };
    const providers = [{ ...corporate, allowedDomains: ['example.com'] }];
    [gantry, browser] = await Promise.all([
      startGantry({ env: { GANTRY_PROCESS_BACKEND: '1', GANTRY_OIDC: JSON.stringify(providers) } }),
      openBrowser(),
    ]);
    provider.setClient(`${gantry.url}/api/auth/callback/corp`);
  }, startLimitMs);

  afterAll(async () => {
    await browser?.close();
    await gantry?.stop();
    await provider?.close();
  });

  /** A browser of its own that shows this page. */
  async function open(at: string): Promise<Page> {
    const page = await (await browser.newContext()).newPage();
    page.setDefaultTimeout(90_000);
    await visit(page, `${gantry.url}${at}`);
    return page;
  }

  const session = async (page: Page) =>
    page.evaluate(async () => (await fetch('/api/v1/session')).json() as Promise<object>);

  async function signInWithProvider(page: Page, name: string): Promise<void> {
    await page.getByRole('button', { name: 'Sign in with Corp' }).click();
    await page.locator('input[name=login]').fill(name);
    await page.locator('input[name=password]').fill('anything');
    await page.getByRole('button', { name: 'Sign-in' }).click();
    await page.getByRole('button', { name: 'Continue' }).click();
  }

  it('works with a password that an invited person has chosen, until the session is ended elsewhere', async () => {
    const admin = await signIn(browser, gantry);
    await visit(admin.page, `${gantry.url}/settings?tab=people`);
    await admin.page.getByLabel('E-mail address').fill('Grace@example.com');
    await admin.page.getByRole('button', { name: 'Add a person' }).click();
    const link = new URL((await admin.page.getByTestId('command').textContent()) ?? '');

    const invited = await open(link.pathname + link.hash);
    await invited.getByLabel('New password').fill('four grey ponies');
    expect(invited.url()).not.toContain('gantry_inv_');
    await invited.getByRole('button', { name: 'Set the password and sign in' }).click();
    await invited.waitForURL(`${gantry.url}/`);

    const page = await open('/sign-in?next=/suites');
    await page.getByLabel('E-mail address').fill('grace@example.com');
    await page.getByLabel('Password', { exact: true }).fill('not this one');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByText('The e-mail address or the password is not right.').waitFor();
    await page.getByLabel('Password', { exact: true }).fill('four grey ponies');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.waitForURL(`${gantry.url}/suites`);
    expect(await session(page)).toEqual({ name: 'grace', role: 'member' });

    await visit(page, `${gantry.url}/settings?tab=sessions`);
    await page.locator('[data-session="grace"]').getByRole('button', { name: 'Sign out grace' }).click();
    await page.locator('[data-session="grace"]').waitFor({ state: 'detached' });
    await page.locator('[data-session="current"]').waitFor();
    // The other one shows the overview, which is a stream.
    await invited.waitForURL(/\/sign-in/);

    await page.getByRole('button', { name: 'Sign out everywhere' }).click();
    await page.waitForURL(/\/sign-in/);
    await admin.close();
  });

  it('works with an identity provider, whose groups give the role, until the person is disabled', async () => {
    const page = await open('/sign-in');
    await signInWithProvider(page, 'ada');
    await page.waitForURL(`${gantry.url}/`);
    expect(await session(page)).toEqual({ name: 'ada', role: 'admin' });
    // The provider is another port of the same host. What was kept between the two requests is gone.
    const cookies = (await page.context().cookies(gantry.url)).flatMap(
      ({ name }) => /^(gantry_\w+)_\w{8}$/.exec(name)?.[1] ?? [],
    );
    expect(cookies.sort()).toEqual(['gantry_csrf', 'gantry_place', 'gantry_session']);

    const { items } = await (await gantry.call('/api/v1/users')).json();
    const ada = items.find(({ email }: { email: string }) => email === 'ada@example.com');
    expect(ada).toMatchObject({ role: 'admin', providers: ['corp'], hasPassword: false });
    const disable = { method: 'PUT', body: JSON.stringify({ disabled: true }) };
    await gantry.call(`/api/v1/users/${ada.id}`, disable);
    await page.waitForURL(/\/sign-in/);

    await signInAgain(page);
    await page.getByText('You may not sign in any more.').waitFor();
  });

  /** The provider still knows who this is. */
  async function signInAgain(page: Page): Promise<void> {
    await page.getByRole('button', { name: 'Sign in with Corp' }).click();
  }

  it('is refused to people of the provider without a role, or of another domain', async () => {
    for (const [name, why] of [
      ['eve', 'None of your groups has a role here.'],
      ['zoe', 'Addresses of your domain may not sign in here.'],
    ] as const) {
      const page = await open('/sign-in');
      await signInWithProvider(page, name);
      await page.getByText(why).waitFor();
      expect(page.url()).toMatch(/\/sign-in\?error=/);
      await page.context().close();
    }
    const { items } = await (
      await gantry.call('/api/v1/audit?action=session.sign_in&outcome=refused')
    ).json();
    expect(items.length).toBeGreaterThanOrEqual(2);
    expect(gantry.output()).not.toContain('a-secret-of-the-client');
  });

  it('takes no answer of the provider that this browser has not asked for', async () => {
    const page = await open('/sign-in');
    await visit(page, `${gantry.url}/api/auth/callback/corp?code=forged&state=forged`);
    await page.waitForURL(/\/sign-in\?.*error=OAuthCallback/);
    expect((await page.context().cookies(gantry.url)).some(({ name }) => name.includes('session'))).toBe(
      false,
    );
  });
});
