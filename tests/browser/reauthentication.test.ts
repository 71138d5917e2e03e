import type { Browser, Page } from 'playwright';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBrowser, visit } from '../support/browser';
import { openTestDatabase } from '../support/database';
import { startOpenIdProvider } from '../support/openid-provider';
import { describeWith } from '../support/requirements';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';

const ada = { email: 'ada@example.com', emailVerified: true, groups: ['keepers'] };
const password = 'four grey ponies';

describeWith(['chromium'], 'What needs a recent sign-in, in a browser', () => {
  let provider: Awaited<ReturnType<typeof startOpenIdProvider>>;
  let database: Awaited<ReturnType<typeof openTestDatabase>>;
  let sql: postgres.Sql;
  let gantry: RunningGantry;
  let browser: Browser;

  beforeAll(async () => {
    [provider, database] = await Promise.all([startOpenIdProvider({ ada }), openTestDatabase()]);
    sql = postgres(database.url, { max: 1 });
    const { issuer, clientId, clientSecret } = provider;
    const corporate = { id: 'corp', name: 'Corp', issuer, clientId, clientSecret };
    const providers = [{ ...corporate, roles: { keepers: 'admin' } }];
    [gantry, browser] = await Promise.all([
      startGantry({ env: { DATABASE_URL: database.url, GANTRY_OIDC: JSON.stringify(providers) } }),
      openBrowser(),
    ]);
    provider.setClient(`${gantry.url}/api/auth/callback/corp`);
  }, startLimitMs);

  afterAll(async () => {
    await browser?.close();
    await gantry?.stop();
    await sql?.end();
    await database?.drop();
    await provider?.close();
  });

  async function open(at: string): Promise<Page> {
    const page = await (await browser.newContext()).newPage();
    page.setDefaultTimeout(90_000);
    await visit(page, `${gantry.url}${at}`);
    return page;
  }

  /** Fills the form for a token in a session of an hour, and sends it. */
  async function makeToken(page: Page): Promise<void> {
    await sql`update tokens set proven_at = now() - interval '1 hour' where kind = 'session'`;
    await visit(page, `${gantry.url}/settings?tab=tokens`);
    await page.getByLabel('Name').fill('from-the-desk');
    await page.getByRole('button', { name: 'Make a token' }).click();
    await page.getByTestId('reauthentication').waitFor();
    expect(await page.getByText('gantry_api_').count()).toBe(0);
  }

  it('asks for the password, and then does what was to be done', async () => {
    const body = JSON.stringify({ email: 'grace@example.com', role: 'admin' });
    const { invitation } = await (await gantry.call('/api/v1/users', { method: 'POST', body })).json();
    const page = await open(`/sign-in#${invitation.token}`);
    await page.getByLabel('New password').fill(password);
    await page.getByRole('button', { name: 'Set the password and sign in' }).click();
    await page.waitForURL(`${gantry.url}/`);

    await makeToken(page);
    const dialog = page.getByTestId('reauthentication');
    await dialog.getByLabel('Password').fill('not this one');
    await dialog.getByRole('button', { name: 'Confirm' }).click();
    await dialog.getByText('The password is not right.').waitFor();
    await dialog.getByLabel('Password').fill(password);
    await dialog.getByRole('button', { name: 'Confirm' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('gantry_api_').waitFor();

    // Who does not want to confirm it is told that it was not done.
    await makeToken(page);
    await dialog.getByRole('button', { name: 'Do not do it' }).click();
    await page.getByText('No token was made.').waitFor();
    await page.context().close();
  });

  it('sends people of an identity provider there in another window, and goes on when they are back', async () => {
    const page = await open('/sign-in');
    await page.getByRole('button', { name: 'Sign in with Corp' }).click();
    await fillForm(page);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL(`${gantry.url}/`);

    await makeToken(page);
    const opened = page.waitForEvent('popup');
    await page.getByRole('button', { name: 'Sign in again with Corp' }).click();
    const window = await opened;
    const closed = window.waitForEvent('close');
    // The provider knows them, and asks all the same.
    await fillForm(window);
    await closed;
    await page.getByTestId('reauthentication').waitFor({ state: 'detached' });
    await page.getByText('gantry_api_').waitFor();
    await page.context().close();
  });

  async function fillForm(page: Page): Promise<void> {
    await page.locator('input[name=login]').fill('ada');
    await page.locator('input[name=password]').fill('anything');
    await page.getByRole('button', { name: 'Sign-in' }).click();
  }
});
