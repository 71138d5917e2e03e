import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeSuiteFolder } from '../suites/suite-folder';
import { openBreakableProxy } from '../support/breakable-proxy';
import { goByKeys, openBrowser, signIn, visit } from '../support/browser';
import { describeWith } from '../support/requirements';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';

const limitMs = 300_000;
const root = mkdtempSync(path.join(tmpdir(), 'gantry-suites-page-'));
const broken = 'title: Bills\nsteps:\n  a: { kind: task, rum: a }\n  b: { kind: servise, image: c }\n';
const mended = 'title: Bills\nsteps:\n  a: { kind: task, run: "true" }\n';
const suites: Record<string, Record<string, string>> = {
  bills: { 'suite.yaml': broken },
  twin: { 'suite.yaml': 'id: shop\nsteps: { a: { kind: task, run: "true" } }' },
  part: { 'suite.yaml': 'version: 1.0.0\nsteps: { a: { kind: task, run: "true" } }' },
  shop: {
    'suite.yaml':
      'title: The shop\nrepository: https://git.example/shop\nsteps:\n  fill: { kind: task, run: "true" }\n  buy: { kind: test, run: "true", after: [fill] }\n',
    'profiles/day.yaml': 'description: By day\ndefault: true\nenv: { LIGHT: sun }',
  },
};

describeWith(['chromium'], 'The suites in a browser', () => {
  let gantry: RunningGantry;
  let browser: Browser;

  beforeAll(async () => {
    for (const [id, files] of Object.entries(suites)) makeSuiteFolder(files, path.join(root, id));
    [gantry, browser] = await Promise.all([
      startGantry({ env: { GANTRY_SUITES: root, GANTRY_PROCESS_BACKEND: '1' } }),
      openBrowser(),
    ]);
  }, startLimitMs);

  afterAll(async () => {
    await browser?.close();
    await gantry?.stop();
    rmSync(root, { recursive: true, force: true });
  });

  const row = (page: Page, id: string) => page.locator(`[data-suite="${id}"]`);

  it('are listed with what is wrong in them, follow their files and runs, and are found', {
    timeout: limitMs,
  }, async () => {
    const { page, close } = await signIn(browser, gantry);
    await goByKeys(page, 'u', '/suites');
    await page.getByText('4 suites, 2 launchable, 2 with errors').waitFor();
    expect(await page.title()).toBe('Suites · Gantry');
    expect(await row(page, 'shop').textContent()).toContain('1 task, 1 test');
    const bills = row(page, 'bills');
    await bills.getByText('suite.yaml:3:20').waitFor();
    await bills.getByText('steps.a: unknown key "rum"; did you mean "run"?').waitFor();
    expect(await bills.getByRole('link', { name: 'Launch' }).count()).toBe(0);
    const twin = row(page, path.join(root, 'twin'));
    await twin.getByText(`which the suite in ${path.join(root, 'shop')} has`).waitFor();
    expect(await twin.getByRole('link').count()).toBe(0);

    // A run appears while one looks.
    await page.locator('[data-connection="live"]').waitFor();
    const body = JSON.stringify({ suiteId: 'shop', backend: 'process' });
    const launched = await (await gantry.call('/api/v1/executions', { method: 'POST', body })).json();
    await row(page, 'shop').getByText('1 of 1').waitFor();
    await row(page, 'shop')
      .getByRole('link', { name: /^passed in/ })
      .waitFor();
    expect(await row(page, 'shop').locator(`a[href="/executions/${launched.id}"]`).count()).toBe(2);

    // By state and by words, with the keyboard.
    await page.getByText('With errors', { exact: true }).click();
    await row(page, 'shop').waitFor({ state: 'detached' });
    await expect.poll(() => page.url()).toContain('state=invalid');
    writeFileSync(path.join(root, 'bills', 'suite.yaml'), mended);
    await bills.waitFor({ state: 'detached' });
    await page.keyboard.press('/');
    await page.keyboard.type('bills');
    await page.getByText('No suite is like that').waitFor();
    await page.getByRole('button', { name: 'Show all' }).click();
    await bills.locator('[data-suite-state="launchable"]').last().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('git.example');
    await row(page, 'bills').waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'The shop' }).waitFor();
    await expect.poll(() => new URL(page.url()).pathname).toBe('/suites/shop');
    await page.getByRole('link', { name: 'Launch', exact: true }).last().click();
    await page.waitForURL(/launch\?suite=shop/);
    await page.getByRole('radio', { name: /^The shop/, checked: true }).waitFor();
    await close();
  });

  it('show one with its steps, files and errors, and keep the place in the URL', {
    timeout: limitMs,
  }, async () => {
    const { page, close } = await signIn(browser, gantry);
    await visit(page, `${gantry.url}/suites/shop`);
    expect(await page.title()).toBe('Suite The shop · Gantry');
    await page.locator('[data-step="fill"]').waitFor();
    await page.locator('[data-connection="live"]').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    const facts = page.getByRole('complementary', { name: 'Step buy' });
    await facts.getByText('LIGHT').waitFor();
    await expect.poll(() => page.url()).toContain('step=buy');
    await facts.getByRole('button', { name: 'fill' }).click();
    await page.getByRole('complementary', { name: 'Step fill' }).waitFor();
    await page.getByRole('tab', { name: /^files/ }).click();
    await page.getByText('profiles/day.yaml').waitFor();
    await page.reload();
    await page.getByText('profiles/day.yaml').waitFor();

    // What is wrong comes first, as long as it is.
    writeFileSync(path.join(root, 'bills', 'suite.yaml'), broken);
    await visit(page, `${gantry.url}/suites/bills`);
    await page.getByRole('tab', { name: /^errors/, selected: true }).waitFor();
    await page.getByText('suite.yaml:4:14').waitFor();
    expect(await page.getByRole('button', { name: 'Launch' }).isDisabled()).toBe(true);
    writeFileSync(path.join(root, 'bills', 'suite.yaml'), mended);
    await page.locator('[data-step="a"]').waitFor();
    await close();

    const stranger = await signIn(browser, gantry);
    await visit(stranger.page, `${gantry.url}/suites/nobody`);
    await stranger.page.getByText('There is no such suite').waitFor();
    await stranger.context.close();
  });

  it('get a profile, which is refused field by field, changed, and deleted by name', {
    timeout: limitMs,
  }, async () => {
    // Without its complaints: a refusal is one in the console.
    const { page, context } = await signIn(browser, gantry);
    await visit(page, `${gantry.url}/suites/shop?tab=profiles`);
    await page.locator('[data-connection="live"]').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.locator('[data-profile="day"]').getByText('sun').waitFor();
    await expect.poll(() => page.url()).toContain('profile=day');

    await page.getByRole('button', { name: 'Extend… day' }).click();
    const made = page.getByRole('form', { name: 'New profile' });
    await made.getByRole('button', { name: 'Make the profile' }).click();
    await made.getByText('expected a name, found none').waitFor();
    await page.keyboard.type('night');
    const env = made.getByRole('group', { name: 'Env of every step' });
    await env.getByRole('button', { name: 'Add a variable' }).click();
    await env.getByLabel('Name').fill('GANTRY_X');
    await made.getByRole('button', { name: 'Add a secret' }).click();
    await made.getByLabel('Variable').fill('KEY');
    await made.getByLabel('Where KEY is found').fill('the drawer');
    await made.getByRole('button', { name: 'Make the profile' }).click();
    await env.getByText('names that begin with GANTRY_ are kept for Gantry itself').waitFor();
    await made.getByText('expected where the secret is').waitFor();
    await expect.poll(() => env.getByLabel('Name').evaluate((field) => field.matches(':focus'))).toBe(true);
    await env.getByLabel('Name').fill('LIGHT');
    await env.getByLabel('Value of LIGHT').fill('moon');
    await made.getByLabel('Where KEY is found').fill('env:DRAWER');
    await made.getByLabel('Add a step').selectOption('buy');
    const own = made.getByRole('group', { name: 'Env of buy' });
    await own.getByRole('button', { name: 'Add a variable' }).click();
    await own.getByLabel('Name').fill('BASKET');
    await own.getByLabel('Value of BASKET').fill('full');
    await made.getByRole('button', { name: 'Make the profile' }).click();
    const night = page.locator('[data-profile="night"]');
    await night.getByText('moon').waitFor();
    await night.getByText('env:DRAWER').waitFor();
    await expect.poll(() => page.url()).toContain('profile=night');
    const at = '/api/v1/suites/shop/profiles/night';
    expect(await (await gantry.call(at)).json()).toMatchObject({
      extends: 'day',
      env: { LIGHT: 'moon' },
      secrets: [{ key: 'KEY', from: 'env:DRAWER' }],
      steps: { buy: { env: { BASKET: 'full' } } },
    });

    await night.getByRole('button', { name: 'Edit… night' }).last().click();
    const changed = page.getByRole('form', { name: 'Profile night' });
    await changed.getByLabel('Value of LIGHT').fill('stars');
    await changed.getByLabel('Launched when none is chosen').check();
    await changed.getByRole('button', { name: 'Save' }).click();
    await night.getByText('stars').waitFor();
    await night.getByText('the default').waitFor();
    expect(await (await gantry.call(at)).json()).toMatchObject({
      default: true,
      env: { LIGHT: 'stars' },
      secrets: [{ key: 'KEY' }],
      steps: { buy: { env: { BASKET: 'full' } } },
    });

    await night.getByRole('button', { name: 'Delete… night' }).last().click();
    const dialog = page.getByRole('alertdialog');
    await dialog.getByText(/2 variables \(LIGHT, BASKET\), 1 reference to a secret \(KEY\)/).waitFor();
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await night.waitFor({ state: 'detached' });
    expect((await (await gantry.call('/api/v1/suites/shop/profiles')).json()).managed).toEqual([]);
    await context.close();
  });

  it('let a viewer look, say that the connection is away, and fit on a phone', {
    timeout: limitMs,
  }, async () => {
    const body = JSON.stringify({ name: 'eve', role: 'viewer' });
    const { token } = await (await gantry.call('/api/v1/tokens', { method: 'POST', body })).json();
    const proxy = await openBreakableProxy(gantry.url);
    const url = new URL(proxy.url).origin;
    const phone = { viewport: { width: 390, height: 844 } };
    const { page, context } = await signIn(browser, { url, token }, phone);
    await visit(page, `${url}/suites/shop?tab=profiles`);
    await page.getByText('To make one takes the role member, or the right to launch this suite.').waitFor();
    expect(await page.getByRole('button', { name: /^(New profile|Extend|Edit|Delete)/ }).count()).toBe(0);
    await visit(page, `${url}/suites`);
    await row(page, 'shop').waitFor();
    expect(await page.getByRole('link', { name: /^Launch ./ }).count()).toBe(0);
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect(widths[0]).toBeLessThanOrEqual(widths[1] ?? 0);
    await page.locator('[data-connection="live"]').waitFor();
    await proxy.breakOff();
    await page
      .locator('[data-connection="offline"]')
      .getByText(/^offline since/)
      .waitFor();
    mkdirSync(path.join(root, 'late'));
    writeFileSync(path.join(root, 'late', 'suite.yaml'), mended);
    await proxy.mend();
    await row(page, 'late').waitFor();
    await context.close();
    await proxy.close();
  });
});
