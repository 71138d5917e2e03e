import type { Browser, BrowserContext } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBrowser, signIn } from '../support/browser';
import { describeWith } from '../support/requirements';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';

/**
 * Kilobytes of compressed script that a page may load before anybody has done anything with it. The aim is 220 for the
 * page of an execution and 170 for others: whoever makes a page lighter lowers its number, and nobody raises one.
 */
const budgets: Record<string, number> = {
  '/': 200,
  '/launch': 275,
  '/executions': 195,
  '/executions/ID': 232,
  '/suites': 202,
  '/suites/hello': 293,
  '/environments': 208,
  '/agents': 204,
  '/cases': 195,
  '/schedules': 197,
  '/settings': 248,
};

describeWith(['chromium'], 'The script of a page', () => {
  let gantry: RunningGantry;
  let browser: Browser;
  let context: BrowserContext;
  let execution: string;

  beforeAll(async () => {
    [gantry, browser] = await Promise.all([
      startGantry({ env: { GANTRY_PROCESS_BACKEND: '1' } }),
      openBrowser(),
    ]);
    const body = JSON.stringify({ suiteId: 'hello', backend: 'process' });
    ({ id: execution } = await (await gantry.call('/api/v1/executions', { method: 'POST', body })).json());
    const signedIn = await signIn(browser, gantry);
    await signedIn.page.close();
    context = signedIn.context;
  }, startLimitMs);
  afterAll(async () => {
    await browser?.close();
    await gantry?.stop();
  });

  async function scriptOf(place: string): Promise<{ kilobytes: number; files: [string, number][] }> {
    const page = await context.newPage();
    page.setDefaultTimeout(90_000);
    const session = await context.newCDPSession(page);
    await session.send('Network.enable');
    await session.send('Network.setCacheDisabled', { cacheDisabled: true });
    const scripts = new Map<string, string>();
    const sizes = new Map<string, number>();
    session.on('Network.responseReceived', ({ requestId, response, type }) => {
      if (type === 'Script' || /\.js(\?|$)/.test(response.url)) scripts.set(requestId, response.url);
    });
    session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      sizes.set(requestId, encodedDataLength);
    });
    await page.goto(gantry.url + place);
    await page.getByRole('heading', { level: 1 }).waitFor();
    // What is loaded lazily at the start comes after the frame is there.
    let counted = -1;
    while (counted !== scripts.size || sizes.size < counted) {
      counted = scripts.size;
      await page.waitForTimeout(1_000);
    }
    await page.close();
    const byUrl = new Map([...scripts].map(([id, url]) => [url, sizes.get(id) ?? 0]));
    const files = [...byUrl].map(([url, bytes]): [string, number] => [new URL(url).pathname, bytes]);
    const bytes = files.reduce((sum, [, size]) => sum + size, 0);
    return { kilobytes: Math.round(bytes / 1_000), files: files.sort(([, a], [, b]) => b - a) };
  }

  it.each(Object.entries(budgets))(
    'of %s is within its budget of %i kB',
    { timeout: 300_000 },
    async (place, limit) => {
      const { kilobytes, files } = await scriptOf(place.replace('ID', execution));
      expect(files.length).toBeGreaterThan(1);
      const heaviest = files.slice(0, 8).map(([file, size]) => `${Math.round(size / 1_000)} kB ${file}`);
      expect(kilobytes, `${place} loads\n${heaviest.join('\n')}\n`).toBeLessThanOrEqual(limit);
    },
  );

  it('of the execution page grows by the graph alone when the graph is opened', {
    timeout: 300_000,
  }, async () => {
    const closed = await scriptOf(`/executions/${execution}`);
    const open = await scriptOf(`/executions/${execution}?view=graph`);
    expect(open.kilobytes).toBeGreaterThan(closed.kilobytes + 20);
  });
});
