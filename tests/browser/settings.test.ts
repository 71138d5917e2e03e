import { createHmac } from 'node:crypto';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { goByKeys, openBrowser, signIn, visit } from '../support/browser';
import { describeWith } from '../support/requirements';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';

const triggerSecret = 'a secret of the trigger';

describeWith(['chromium'], 'The settings in a browser', () => {
  let gantry: RunningGantry;
  let browser: Browser;

  beforeAll(async () => {
    [gantry, browser] = await Promise.all([
      startGantry({
        env: {
          GANTRY_PROCESS_BACKEND: '1',
          CHAT_SECRET: 'a secret of the chat',
          TRIGGER_SECRET: triggerSecret,
        },
      }),
      openBrowser(),
    ]);
  }, startLimitMs);

  afterAll(async () => {
    await browser?.close();
    await gantry?.stop();
  });

  it('give rights to suites to a group and a person, and take them back', async () => {
    const { page, close } = await signIn(browser, gantry);
    await visit(page, `${gantry.url}/settings?tab=people`);
    await page.getByLabel('E-mail address').fill('grace@example.com');
    await page.getByRole('button', { name: 'Add a person' }).click();
    const grace = page.locator('[data-person="grace"]');
    await grace.getByRole('button', { name: /Groups/ }).click();
    await page.getByLabel('Groups, with commas between').fill('payments, checkout');
    await page.getByRole('alertdialog').getByRole('button', { name: 'Save' }).click();
    await grace.getByText('in payments, checkout').waitFor();

    await page.getByRole('tab', { name: 'rights' }).click();
    await page.getByText('No suite is owned').waitFor();
    await page.getByLabel('Suites', { exact: true }).fill('pay-*');
    await page.getByLabel('Group', { exact: true }).fill('payments');
    await page.getByLabel('exec').check();
    await page.getByRole('button', { name: 'Give rights' }).click();
    await page.getByRole('row', { name: /pay-\* payments, group see, launch, exec/ }).waitFor();
    await page.getByLabel('Suites', { exact: true }).fill('checkout');
    await page.getByRole('combobox', { name: /^To\b/ }).selectOption('person');
    await page.getByRole('combobox', { name: /^Person/ }).selectOption('grace');
    await page.getByRole('button', { name: 'Give rights' }).click();
    await page.getByRole('row', { name: /checkout grace, person/ }).waitFor();
    const { items } = (await (await gantry.call('/api/v1/grants')).json()) as { items: unknown[] };
    expect(items).toHaveLength(2);

    for (const suites of ['pay-*', 'checkout']) {
      await page.locator(`[data-grant="${suites}"]`).getByRole('button').click();
      await page.getByRole('alertdialog').getByText('everybody sees them again').waitFor();
      await page.getByRole('button', { name: 'Take back', exact: true }).click();
      await page.locator(`[data-grant="${suites}"]`).waitFor({ state: 'detached' });
    }
    await page.getByText('No suite is owned').waitFor();
    await close();
  });

  it('change backends, make and revoke a token, and show who did so', async () => {
    const { page, close } = await signIn(browser, gantry);
    await goByKeys(page, 's', '/settings');
    await page.getByRole('heading', { name: 'Settings' }).waitFor();

    const local = page.locator('[data-backend="local"]');
    await local.getByLabel('Label').fill('The build machine');
    await page.getByRole('button', { name: 'Add a variable' }).click();
    await page.getByLabel('Name').fill('REGION');
    await page.getByLabel('Value of REGION').fill('north');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Nothing is set').waitFor({ state: 'detached' });
    expect(await (await gantry.call('/api/v1/platform-settings')).json()).toMatchObject({
      backends: [{ id: 'local', label: 'The build machine', enabled: true }],
      env: { REGION: 'north' },
    });

    await page.getByRole('button', { name: 'Add a registry' }).click();
    await page.getByLabel('Host').fill('127.0.0.1:9');
    await page.getByLabel('User').fill('ada');
    await page.getByLabel('Password or token').fill('a password');
    await page.getByRole('button', { name: 'Test 127.0.0.1:9' }).click();
    await page.getByText('✕ 127.0.0.1:9 cannot be reached: 127.0.0.1 belongs to this machine').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Not saved yet.').waitFor({ state: 'detached' });
    expect(await page.getByLabel('Password or token').inputValue()).toBe('***');

    await page.getByRole('tab', { name: 'tokens' }).click();
    await page.getByLabel('Name').fill('ci');
    await page.getByRole('button', { name: 'Make a token' }).click();
    const token = (await page.getByTestId('command').textContent()) ?? '';
    const asCi = () =>
      fetch(`${gantry.url}/api/v1/session`, { headers: { authorization: `Bearer ${token}` } });
    expect(await (await asCi()).json()).toEqual({ name: 'ci', role: 'member' });
    await page
      .locator('[data-token="ci"]')
      .getByRole('button', { name: /Revoke/ })
      .click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke', exact: true }).click();
    await page.locator('[data-token="ci"]').waitFor({ state: 'detached' });
    expect((await asCi()).status).toBe(401);

    await page.getByRole('tab', { name: 'audit' }).click();
    for (const action of ['settings.change', 'token.make', 'token.revoke', 'session.sign_in']) {
      await page.locator(`[data-action="${action}"]`).first().waitFor();
    }
    expect(await page.locator('[data-action="token.make"]').textContent()).toContain('127.0.0.1');
    await page.getByLabel('Action').selectOption('settings.change');
    await page.locator('[data-action="token.make"]').waitFor({ state: 'detached' });
    await expect.poll(() => page.url()).toContain('action=settings.change');
    await page.reload();
    await page.locator('[data-action="settings.change"]').first().waitFor();
    expect(await page.locator('[data-action="token.make"]').count()).toBe(0);

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(/sign-in/);
    await close();
  });

  it('make a webhook, and show what became of its message', async () => {
    const { page, close } = await signIn(browser, gantry);
    await visit(page, `${gantry.url}/settings?tab=webhooks`);
    await page.getByLabel('Name', { exact: true }).fill('chat');
    await page.getByLabel('URL', { exact: true }).fill('http://127.0.0.1:9/hook');
    await page.getByLabel('Secret from').fill('env:CHAT_SECRET');
    await page.getByLabel('passed', { exact: true }).check();
    await page.getByRole('button', { name: 'Make a webhook' }).click();
    const row = page.locator('[data-webhook="chat"]');
    await row.getByText('http://127.0.0.1:9/hook').waitFor();
    await row.getByRole('button', { name: /Messages/ }).click();
    await page.getByText('Nothing was sent to chat yet').waitFor();
    const body = JSON.stringify({ suiteId: 'hello', backend: 'process' });
    await gantry.call('/api/v1/executions', { method: 'POST', body });
    await page.getByText('127.0.0.1 is not an address of the public internet.').waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Send again' }).first().waitFor();
    await row.getByRole('button', { name: /Remove/ }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await row.waitFor({ state: 'detached' });
    await close();
  });

  it('make a trigger, and show what became of a message to it', async () => {
    const { page, close } = await signIn(browser, gantry);
    await visit(page, `${gantry.url}/settings?tab=triggers`);
    await page.getByLabel('Name', { exact: true }).fill('pushes');
    await page.getByLabel('Secret from').fill('env:TRIGGER_SECRET');
    await page.getByLabel('Suite', { exact: true }).fill('hello');
    await page.getByLabel('Only when').fill('ref=refs/heads/*');
    await page.getByLabel('Env from fields').fill('COMMIT=after');
    await page.getByRole('button', { name: 'Make a trigger' }).click();
    const row = page.locator('[data-trigger="pushes"]');
    const url = (await row.locator('code').textContent()) ?? '';
    await page.getByText('No signed message came to pushes yet').waitFor();
    const send = (ref: string, secret: string) => {
      const body = JSON.stringify({ ref, after: 'abc' });
      const signature = createHmac('sha256', secret).update(body).digest('hex');
      const headers = { 'x-hub-signature-256': `sha256=${signature}`, 'x-github-event': 'push' };
      return fetch(url, { method: 'POST', body, headers });
    };
    expect((await send('refs/heads/main', 'wrong')).status).toBe(401);
    expect((await send('refs/tags/1', triggerSecret)).status).toBe(200);
    await page.getByText('ref is refs/tags/1; expected refs/heads/*.').waitFor();
    const launched = await send('refs/heads/main', triggerSecret);
    expect(launched.status).toBe(201);
    const { executionId } = await launched.json();
    await page.getByRole('link', { name: executionId }).waitFor();
    expect((await send('refs/heads/main', triggerSecret)).status).toBe(409);
    await row.getByRole('button', { name: /Turn off/ }).click();
    await row.getByRole('button', { name: /Turn on/ }).waitFor();
    expect((await send('refs/heads/other', triggerSecret)).status).toBe(404);
    await row.getByRole('button', { name: /Remove/ }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await row.waitFor({ state: 'detached' });
    await close();
  });

  it('make, turn off and remove a schedule on its page', async () => {
    const { page, close } = await signIn(browser, gantry);
    await goByKeys(page, 'h', '/schedules');
    await page.getByRole('heading', { name: 'Schedules' }).waitFor();
    await page.getByRole('button', { name: 'New schedule' }).click();
    await page.getByLabel(/^Suite/).selectOption('hello');
    await page.getByLabel('Name', { exact: true }).fill('nightly');
    await page.getByLabel(/^Cron/).fill('30 2 * * *');
    await page.getByLabel('Time zone').fill('Europe/Berlin');
    await page.getByText(/^Next: .*2:30/).waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    const row = page.locator('[data-schedule="nightly"]');
    await row.getByText('Europe/Berlin').waitFor();
    await row.getByRole('button', { name: /Turn off/ }).click();
    await row.getByText('off', { exact: true }).waitFor();
    await row.getByRole('button', { name: /Remove/ }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await row.waitFor({ state: 'detached' });
    await close();
  });

  it('show a viewer how the backends are, and why the rest is not shown', async () => {
    const body = JSON.stringify({ name: 'eve', role: 'viewer' });
    const { token } = await (await gantry.call('/api/v1/tokens', { method: 'POST', body })).json();
    const { page, close } = await signIn(
      browser,
      { url: gantry.url, token },
      { viewport: { width: 390, height: 844 } },
    );
    await page.goto(`${gantry.url}/settings`);
    await page.locator('[data-backend="process"]').getByText('available', { exact: true }).waitFor();
    expect(await page.getByRole('button', { name: 'Save' }).count()).toBe(0);
    await page.getByRole('tab', { name: 'audit' }).click();
    await page.getByText('The audit log: for admins').waitFor();
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect(widths[0]).toBeLessThanOrEqual(widths[1] ?? 0);
    await close();
  });
});
