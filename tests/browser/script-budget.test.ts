import type { Browser, BrowserContext } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBrowser, signIn } from '../support/browser';
import { describeWith } from '../support/requirements';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';

/**
 * Kilobytes of compressed script, without headers, that a page may load before anybody has done anything with it, and
 * without the graph, which comes after the page. Whoever makes a page lighter lowers its number, and nobody raises one.
 */
const budgets: Record<string, number> = {
  '/': 170,
  '/launch': 170,
  '/executions': 172,
  '/executions/ID': 220,
  '/suites': 170,
  '/suites/hello': 170,
  '/environments': 172,
  '/agents': 170,
  '/cases': 170,
  '/schedules': 170,
  '/settings': 172,
};
/** Of the scripts with the graph, all that is in them: what shares a script with it counts here. */
const graphBudget = 90;
const pagesWithGraph = ['/launch', '/suites/hello'];
/** Classes of the library that draws the graph, and a name of the one that lays it out. */
const graphWords = ['react-flow__', 'graphlib'];

interface Script {
  url: string;
  kilobytes: number;
  isGraph: boolean;
}

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

  async function scriptsOf(place: string): Promise<Script[]> {
    const page = await context.newPage();
    page.setDefaultTimeout(90_000);
    const session = await context.newCDPSession(page);
    await session.send('Network.enable');
    await session.send('Network.setCacheDisabled', { cacheDisabled: true });
    const found = new Map<string, { url: string; headerBytes: number }>();
    const bytes = new Map<string, number>();
    session.on('Network.responseReceived', ({ requestId, response, type }) => {
      if (type === 'Script' || /\.js(\?|$)/.test(response.url))
        found.set(requestId, { url: response.url, headerBytes: response.encodedDataLength });
    });
    session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      bytes.set(requestId, encodedDataLength);
    });
    await page.goto(gantry.url + place);
    await page.getByRole('heading', { level: 1 }).waitFor();
    // What is loaded lazily at the start comes after the frame is there.
    let counted = -1;
    while (counted !== found.size || [...found.keys()].some((id) => !bytes.has(id))) {
      counted = found.size;
      await page.waitForTimeout(1_000);
    }
    const scripts = await Promise.all(
      [...found].map(async ([requestId, { url, headerBytes }]): Promise<Script> => {
        const { body } = await session.send('Network.getResponseBody', { requestId });
        return {
          url: new URL(url).pathname,
          kilobytes: ((bytes.get(requestId) ?? 0) - headerBytes) / 1_000,
          isGraph: graphWords.some((word) => body.includes(word)),
        };
      }),
    );
    await page.close();
    return scripts.sort((one, other) => other.kilobytes - one.kilobytes);
  }

  it.each(Object.entries(budgets))(
    'of %s is within its budget of %i kB',
    { timeout: 300_000 },
    async (place, limit) => {
      const all = await scriptsOf(place.replace('ID', execution));
      const graph = all.filter(({ isGraph }) => isGraph);
      if (pagesWithGraph.includes(place)) expect(sizeOf(graph)).toBeLessThanOrEqual(graphBudget);
      else expect(graph).toEqual([]);
      const scripts = all.filter(({ isGraph }) => !isGraph);
      expect(scripts.length).toBeGreaterThan(1);
      const heaviest = scripts.slice(0, 8).map(({ url, kilobytes }) => `${Math.round(kilobytes)} kB ${url}`);
      expect(sizeOf(scripts), `${place} loads\n${heaviest.join('\n')}\n`).toBeLessThanOrEqual(limit);
    },
  );

  it('of the execution page grows by the graph alone when the graph is opened', {
    timeout: 300_000,
  }, async () => {
    const closed = await scriptsOf(`/executions/${execution}`);
    expect(closed.filter(({ isGraph }) => isGraph)).toEqual([]);
    const open = await scriptsOf(`/executions/${execution}?view=graph`);
    const graph = sizeOf(open.filter(({ isGraph }) => isGraph));
    expect(graph).toBeGreaterThan(20);
    expect(graph).toBeLessThanOrEqual(graphBudget);
    expect(sizeOf(open) - graph).toBeLessThanOrEqual(sizeOf(closed) + 5);
  });
});

function sizeOf(scripts: readonly Script[]): number {
  return Math.round(scripts.reduce((sum, { kilobytes }) => sum + kilobytes, 0));
}
