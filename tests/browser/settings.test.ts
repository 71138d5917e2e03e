import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBrowser, signIn } from '../support/browser';
import { describeWith } from '../support/requirements';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';

describeWith(['chromium'], 'The settings in a browser', () => {
  let gantry: RunningGantry;
  let browser: Browser;

  beforeAll(async () => {
    [gantry, browser] = await Promise.all([
      startGantry({ env: { GANTRY_PROCESS_BACKEND: '1' } }),
      openBrowser(),
    ]);
  }, startLimitMs);

  afterAll(async () => {
    await browser?.close();
    await gantry?.stop();
  });

  it('change backends, make and revoke a token, and show who did so', async () => {
    const { page, close } = await signIn(browser, gantry);
    await page.keyboard.press('g');
    await page.keyboard.press('s');
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
    expect(page.url()).toContain('action=settings.change');
    await page.reload();
    await page.locator('[data-action="settings.change"]').waitFor();
    expect(await page.locator('[data-action="token.make"]').count()).toBe(0);

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(/sign-in/);
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
