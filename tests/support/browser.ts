import { type Browser, type BrowserContext, chromium, type Page } from 'playwright';
import { expect } from 'vitest';
import { chromiumPath } from './requirements';
import type { RunningGantry } from './server';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath, args: flags });
}

export interface SignedInPage {
  page: Page;
  context: BrowserContext;
  /** Closes the page, and fails when it has complained in its console or thrown. */
  close(): Promise<void>;
}

/** A page of a browser that the sign-in link has signed in. */
export async function signIn(
  browser: Browser,
  gantry: Pick<RunningGantry, 'url' | 'token'>,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<SignedInPage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(90_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    // Docker's networks come and go on this machine: Chromium then drops what it was loading, and the page asks again.
    const isOfTheMachine = message.text().includes('ERR_NETWORK_CHANGED');
    if (message.type() === 'error' && !isOfTheMachine) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await visit(page, `${gantry.url}/sign-in#${gantry.token}`);
  await page.waitForURL(`${gantry.url}/`);
  await untilInteractive(page);
  return {
    page,
    context,
    async close() {
      await context.close();
      expect(complaints).toEqual([]);
    },
  };
}

/** Waits until React has taken over the bar of places: before, keys that are pressed are heard by nobody. */
async function untilInteractive(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const link = document.querySelector('nav a');
    return link !== null && Object.keys(link).some((key) => key.startsWith('__reactProps'));
  });
  await page.evaluate(
    () =>
      new Promise((resolve) =>
        // Effects, which listen for keys, have run by the time that the page is idle.
        requestAnimationFrame(() => requestIdleCallback(resolve, { timeout: 10_000 })),
      ),
  );
}

/** Goes to a place by its keys, `g` and a letter: again where a busy page did not hear both in time. */
export async function goByKeys(page: Page, letter: string, path: string): Promise<void> {
  const placeAfterKeys = async () => {
    await page.keyboard.press('g');
    await page.keyboard.press(letter);
    await page.waitForURL((url) => url.pathname === path, { timeout: 5_000 }).catch(() => undefined);
    return new URL(page.url()).pathname;
  };
  await expect.poll(placeAfterKeys, { timeout: 90_000 }).toBe(path);
}

/** Goes there, until keys are heard; once more where Chromium gave up because a network of Docker came or went. */
export async function visit(page: Page, url: string): Promise<void> {
  try {
    await page.goto(url);
  } catch (error) {
    if (!String(error).includes('ERR_NETWORK_CHANGED')) throw error;
    await page.goto(url);
  }
  if ((await page.locator('nav a').count()) > 0) await untilInteractive(page);
}
