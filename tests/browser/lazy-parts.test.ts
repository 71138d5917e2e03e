import type { Browser, Page, Route } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBrowser, signIn, visit } from '../support/browser';
import { describeWith } from '../support/requirements';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';

const limitMs = 300_000;
const scripts = '**/_next/static/**/*.js';

describeWith(['chromium'], 'A part of a page that is loaded when it is opened', () => {
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

  async function open(): Promise<Page> {
    const { page } = await signIn(browser, gantry);
    await visit(page, `${gantry.url}/executions`);
    await page.getByRole('heading', { level: 1, name: 'Executions' }).waitFor();
    return page;
  }

  /** Keeps scripts on their way until they are let through; `asked`: the first one was requested. */
  async function holdScripts(page: Page) {
    const held: Route[] = [];
    let isHeld = true;
    await page.route(scripts, async (route) => {
      if (isHeld) held.push(route);
      else await route.continue();
    });
    return {
      asked: page.waitForRequest(scripts),
      async release() {
        isHeld = false;
        await Promise.all(held.map((route) => route.continue()));
      },
    };
  }

  it('holds the keys that are pressed meanwhile, and is given them', { timeout: limitMs }, async () => {
    const page = await open();
    const { asked, release } = await holdScripts(page);
    await page.keyboard.press('Control+k');
    await asked;
    // To the page these are shortcuts: to go to the settings, and to show the keys.
    await page.keyboard.type('gs?x');
    await page.keyboard.press('Backspace');
    await release();
    const field = page.getByRole('combobox', { name: 'Go to' });
    await field.waitFor();
    expect(await field.inputValue()).toBe('gs?');
    await expect.poll(() => new URL(page.url()).pathname).toBe('/executions');
    await field.fill('agents');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${gantry.url}/agents`);
    await page.context().close();
  });

  it('is given Enter, too', { timeout: limitMs }, async () => {
    const page = await open();
    const { asked, release } = await holdScripts(page);
    await page.keyboard.press('Control+k');
    await asked;
    await page.keyboard.type('agents');
    await page.keyboard.press('Enter');
    await page.getByRole('status').getByText('Loading').waitFor();
    await release();
    await page.waitForURL(`${gantry.url}/agents`);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.context().close();
  });

  it.each(['?', 'Control+k'])(
    'gives the focus back when it is closed (%s)',
    { timeout: limitMs },
    async (key) => {
      const page = await open();
      const button = page.getByRole('button', { name: 'Keyboard shortcuts' });
      await button.focus();
      // The first time it is loaded, the second time it is there.
      for (const _ of [1, 2]) {
        await page.keyboard.press(key);
        await page.getByRole('dialog').waitFor();
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'detached' });
        await expect.poll(() => button.evaluate((element) => element === document.activeElement)).toBe(true);
      }
      await page.context().close();
    },
  );

  it('does not come once it was closed', { timeout: limitMs }, async () => {
    const page = await open();
    const { asked, release } = await holdScripts(page);
    await page.keyboard.press('?');
    await asked;
    await page.keyboard.press('Escape');
    await release();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Go to' }).waitFor();
    expect(await page.getByRole('dialog').count()).toBe(1);
    await page.context().close();
  });

  it('says that it could not be loaded, and comes once it can be', { timeout: limitMs }, async () => {
    const page = await open();
    await page.route(scripts, (route) => route.abort());
    await page.keyboard.press('?');
    const notice = page.getByRole('alert').getByText('This part of the page could not be loaded.');
    await notice.waitFor();
    // It can be left by keyboard, as it has the focus and holds no keys.
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await notice.waitFor({ state: 'detached' });
    await page.keyboard.press('?');
    await notice.waitFor();
    await page.unroute(scripts);
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.context().close();
  });
});
