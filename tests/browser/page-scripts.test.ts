import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { goByKeys, openBrowser } from '../support/browser';
import { describeWith } from '../support/requirements';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';

describeWith(['chromium'], 'The scripts of a page in a browser', () => {
  let gantry: RunningGantry;
  let browser: Browser;

  beforeAll(async () => {
    [gantry, browser] = await Promise.all([startGantry(), openBrowser()]);
  }, startLimitMs);

  afterAll(async () => {
    await browser?.close();
    await gantry?.stop();
  });

  it('are loaded again where the browser dropped them, styles too, and the page hears keys and looks as it should', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(90_000);
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource:'))
        complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    const dropped = new Set<string>();
    await context.route(/\/_next\/static\/.*\.(js|css)/, (route) => {
      const url = route.request().url();
      if (dropped.has(url)) return route.continue();
      dropped.add(url);
      return route.abort('failed');
    });
    await page.goto(`${gantry.url}/sign-in#${gantry.token}`);
    await page.waitForURL(`${gantry.url}/`);
    await goByKeys(page, 'u', '/suites');
    await page.getByRole('heading', { name: 'Suites' }).waitFor();
    expect(await page.evaluate(() => getComputedStyle(document.body).fontFamily)).toContain('Inter');
    const kinds = [...dropped].map((url) => new URL(url).pathname.split('.').at(-1));
    expect(kinds).toContain('css');
    expect(kinds.filter((kind) => kind === 'js').length).toBeGreaterThan(5);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('are those that the page was sent with: no other one runs', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${gantry.url}/sign-in`);
    const blocked = page.waitForEvent('console', (message) =>
      message.text().includes('Content Security Policy'),
    );
    await page.evaluate(() => {
      const box = document.createElement('div');
      box.innerHTML = '<img src="/mark.svg" onload="document.title = `taken over`">';
      document.body.append(box);
    });
    await blocked;
    expect(await page.title()).toBe('Sign in · Gantry');
    await context.close();
  });
});
