import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BreakableProxy, openBreakableProxy } from '../support/breakable-proxy';
import { openBrowser, signIn, visit } from '../support/browser';
import { describeWith } from '../support/requirements';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';

const limitMs = 300_000;
const suite = 'steps: { waits: { kind: task, run: [node, -e, "setInterval(() => {}, 1000)"] } }';

describeWith(['chromium'], 'While the server is away', () => {
  let gantry: RunningGantry;
  let browser: Browser;
  let folder: string;
  let proxy: BreakableProxy;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'gantry-test-suites-'));
    await mkdir(path.join(folder, 'waiting'));
    await writeFile(path.join(folder, 'waiting', 'suite.yaml'), suite);
    [gantry, browser] = await Promise.all([
      startGantry({ env: { GANTRY_SUITES: folder, GANTRY_PROCESS_BACKEND: '1' } }),
      openBrowser(),
    ]);
    proxy = await openBreakableProxy(gantry.url);
  }, startLimitMs);
  afterAll(async () => {
    await browser?.close();
    await proxy?.close();
    await gantry?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it.each([
    ['in light', { colorScheme: 'light' }],
    ['in the dark on a phone', { colorScheme: 'dark', viewport: { width: 390, height: 844 } }],
  ] as const)(
    'a page that is opened waits for it and then comes, %s',
    { timeout: limitMs },
    async (_, look) => {
      const url = new URL(proxy.url).origin;
      const { page, context } = await signIn(browser, { ...gantry, url }, look);
      await visit(page, `${url}/executions`);
      await page.getByRole('heading', { level: 1, name: 'Executions' }).waitFor();
      await proxy.breakOff();
      try {
        await page.getByRole('navigation', { name: 'Main' }).getByTitle('Agents').click();
        await page.locator('[data-offline]').getByText('Gantry does not answer.').waitFor();
        await expect.poll(() => new URL(page.url()).pathname).toBe('/executions');
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(overflow).toBeLessThanOrEqual(0);
      } finally {
        await proxy.mend();
      }
      await page.waitForURL(`${url}/agents`);
      await page.getByRole('heading', { level: 1, name: 'Agents' }).waitFor();
      await expect.poll(() => page.locator('[data-offline]').count()).toBe(0);
      // Not through `close`: a browser complains about requests that cannot be sent, and these could not.
      await context.close();
    },
  );

  it('a page that a proxy keeps from fetching gets on by loading it whole', {
    timeout: limitMs,
  }, async () => {
    const { page, context } = await signIn(browser, gantry);
    await visit(page, `${gantry.url}/executions?status=failed`);
    await page.getByRole('heading', { level: 1, name: 'Executions' }).waitFor();
    // A redirect to another site, as to sign in there, looks the same to a page.
    await page.route('**/*', (route) =>
      route.request().resourceType() === 'fetch' ? route.abort() : route.continue(),
    );
    await page.getByRole('navigation', { name: 'Main' }).getByTitle('Agents').click();
    const banner = page.locator('[data-offline]');
    await banner.waitFor();
    await page.evaluate(() => {
      document.documentElement.dataset.loaded = 'before';
    });
    await banner.getByRole('button', { name: 'Reload' }).click();
    await page.locator('html:not([data-loaded])').waitFor();
    await page.unroute('**/*');
    await page.getByRole('heading', { level: 1 }).waitFor();
    await expect.poll(() => banner.count(), { timeout: 60_000 }).toBe(0);
    await context.close();
  });

  it('the page of a run that has ended, which follows nothing, says that it is offline', {
    timeout: limitMs,
  }, async () => {
    const url = new URL(proxy.url).origin;
    const body = JSON.stringify({ suiteId: 'waiting', backend: 'process' });
    const { id } = await (await gantry.call('/api/v1/executions', { method: 'POST', body })).json();
    await gantry.call(`/api/v1/executions/${id}/cancel`, { method: 'POST', body: '{}' });
    const { page, context } = await signIn(browser, { ...gantry, url });
    await visit(page, `${url}/executions/${id}`);
    const shown = page.locator('[data-connection]');
    await shown.getByText('up to date').waitFor();
    await proxy.breakOff();
    try {
      await shown.getByText(/^offline since .*, trying again$/).waitFor();
    } finally {
      await proxy.mend();
    }
    await shown.getByText('up to date').waitFor();
    await context.close();
  });

  it('an action says that it may not have been carried out, and can be tried again', {
    timeout: limitMs,
  }, async () => {
    const url = new URL(proxy.url).origin;
    const body = JSON.stringify({ suiteId: 'waiting', backend: 'process' });
    const { id } = await (await gantry.call('/api/v1/executions', { method: 'POST', body })).json();
    const { page, context } = await signIn(browser, { ...gantry, url });
    await visit(page, `${url}/executions/${id}`);
    await page.locator('[data-step="waits"][data-status="running"]').waitFor();
    const cancel = async () => {
      await page.getByRole('button', { name: 'Cancel', exact: true }).click();
      await page.getByRole('button', { name: 'Cancel the run' }).click();
    };
    await proxy.breakOff();
    try {
      await cancel();
      await page
        .getByRole('alert')
        .getByText(/^Gantry does not answer\..* The request may or may not have been carried out/)
        .waitFor();
    } finally {
      await proxy.mend();
    }
    await page.locator('[data-connection="live"]').waitFor();
    await cancel();
    await page.getByTestId('execution-status').getByText('cancelled').waitFor();
    await context.close();
  });
});
