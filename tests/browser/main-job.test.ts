import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildToolbox } from '@/lib/cli/toolbox';
import type { Execution } from '@/lib/model/execution';
import type { LogLine } from '@/lib/model/log-line';
import { goByKeys, openBrowser, signIn } from '../support/browser';
import { describeWith } from '../support/requirements';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';

const limitMs = 300_000;

describeWith(['chromium', 'docker'], 'The main job in a browser', () => {
  let gantry: RunningGantry;
  let browser: Browser;

  beforeAll(async () => {
    [gantry, browser] = await Promise.all([
      startGantry(),
      openBrowser(),
      buildToolbox({ log: () => undefined }),
    ]);
  }, startLimitMs);

  afterAll(async () => {
    await browser?.close();
    await gantry?.stop();
  });

  it('launches a suite on Docker and watches it to its end', { timeout: limitMs }, async () => {
    const { page, close } = await signIn(browser, gantry);
    await goByKeys(page, 'l', '/launch');
    await page.getByRole('radio', { name: /^Storefront/ }).check();
    await page.getByText('12 steps:').waitFor();
    await page.locator('[data-step="checkout"]').waitFor();
    await page.getByRole('button', { name: 'Launch' }).click();

    await page.waitForURL(/\/executions\/[a-z0-9]+/);
    await page.getByTestId('execution-status').getByText('running').waitFor();
    await page.locator('[data-connection="live"]').waitFor();
    await page.goto(`${page.url().split('?')[0]}?step=*`);
    await page.locator('[data-connection="live"]').waitFor();
    await page.locator('[role="log"][data-following="true"]').waitFor();
    await page.locator('[data-step="store"][data-status="ready"]').waitFor();
    await expectTheEndInSight(page);

    // A reload in the middle shows the same truth, and the same lines.
    await page.reload();
    await page
      .getByTestId('execution-status')
      .getByText(/^(passed|failed|errored)$/)
      .waitFor({ timeout: 120_000 });
    const execution = await executionOf(page, gantry);
    expect(execution.cause).toBeNull();
    for (const step of execution.steps) {
      expect(await page.locator(`[data-step="${step.id}"]`).getAttribute('data-status')).toBe(step.status);
    }
    const lines = await linesOf(gantry, execution.id);
    await page.locator(`[role="log"][data-count="${lines.length}"]`).waitFor();
    expect(await page.title()).toContain('passed');

    // The failed first attempt of the flaky case is told, and what was left behind: nothing.
    await page.getByRole('tab', { name: /^cases/i }).click();
    await page
      .getByRole('tabpanel', { name: /^cases/i })
      .getByText('ends an order as paid', { exact: true })
      .waitFor();
    await page.getByRole('tab', { name: /^environment/i }).click();
    await page.getByText('Nothing is left of this run').waitFor();
    expect(await busyShare(page)).toBeLessThan(0.3);
    await close();
  });

  it('launches some steps alone', { timeout: limitMs }, async () => {
    const { page, close } = await signIn(browser, gantry);
    await goByKeys(page, 'l', '/launch');
    await page.getByRole('radio', { name: /^Storefront/ }).check();
    await page.getByText('12 steps:').waitFor();
    await page.getByText('Only some steps').click();
    const pricing = page.getByRole('checkbox', { name: /^pricing/ });
    await pricing.check();
    await page.getByText(/^1 step:/).waitFor();
    await page.getByRole('checkbox', { name: /^seed/ }).check();
    await page.getByText(/^4 steps:/).waitFor();
    await page.getByRole('button', { name: 'All steps again' }).click();
    await page.getByText('12 steps:').waitFor();
    await pricing.check();
    await page.getByText(/^1 step:/).waitFor();
    await page.getByRole('button', { name: 'Launch' }).click();
    await page.waitForURL(/\/executions\/[a-z0-9]+/);
    expect((await executionOf(page, gantry)).steps.map(({ id }) => id)).toEqual(['pricing']);
    // Else its container would stay behind, for whoever took it over.
    const status = async () => (await executionOf(page, gantry)).status;
    await expect.poll(status, { timeout: 60_000 }).toBe('passed');
    await close();
  });
});

/** The newest line that is stored is soon among those that are shown. */
async function expectTheEndInSight(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const log = document.querySelector('[role="log"]');
    const count = Number(log?.getAttribute('data-count'));
    return count > 10 && log?.querySelector(`[data-index="${count - 1}"]`) != null;
  });
}

/** How much of a second the page's thread works: a page of an ended run has nothing to do. */
async function busyShare(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const taskSeconds = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
  };
  const before = await taskSeconds();
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 1_000)));
  return (await taskSeconds()) - before;
}

async function executionOf(page: Page, gantry: RunningGantry): Promise<Execution> {
  const id = new URL(page.url()).pathname.split('/').at(-1);
  return (await gantry.call(`/api/v1/executions/${id}`)).json();
}

async function linesOf(gantry: RunningGantry, id: string): Promise<LogLine[]> {
  const answer = await gantry.call(`/api/v1/executions/${id}/logs?limit=5000`, {
    headers: { accept: 'application/json' },
  });
  return (await answer.json()).items;
}
