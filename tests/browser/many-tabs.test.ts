import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBrowser, signIn, visit } from '../support/browser';
import { describeWith } from '../support/requirements';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';

const limitMs = 600_000;
/** Prints while the file that the test makes is not there. */
const gate = `const timer = setInterval(() => {
  console.log('tick');
  if (require('fs').existsSync(process.env.GATE)) clearInterval(timer);
}, 500);`;
const suite = `steps: { gate: { kind: task, run: [node, -e, ${JSON.stringify(gate)}] } }`;

describeWith(['chromium'], 'The tabs of one browser', () => {
  let gantry: RunningGantry;
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'gantry-test-suites-'));
    await mkdir(path.join(folder, 'gate'));
    await writeFile(path.join(folder, 'gate', 'suite.yaml'), suite);
    [gantry, browser] = await Promise.all([
      startGantry({ env: { GANTRY_SUITES: folder, GANTRY_PROCESS_BACKEND: '1' } }),
      openBrowser(),
    ]);
  }, startLimitMs);
  afterAll(async () => {
    await browser?.close();
    await gantry?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function launch(): Promise<{ id: string; open(): Promise<void> }> {
    const file = path.join(folder, `gate-${Date.now()}-${Math.random()}`);
    const body = JSON.stringify({ suiteId: 'gate', backend: 'process', env: { GATE: file } });
    const made = await (await gantry.call('/api/v1/executions', { method: 'POST', body })).json();
    return { id: made.id, open: () => writeFile(file, '') };
  }

  /** The streams that the server writes. */
  async function openStreams(): Promise<number> {
    const text = await (await gantry.call('/metrics')).text();
    return Number(/^gantry_streams_open (\d+)$/m.exec(text)?.[1]);
  }

  async function openTab(context: BrowserContext, place: string): Promise<Page> {
    const page = await context.newPage();
    page.setDefaultTimeout(120_000);
    await visit(page, gantry.url + place);
    await untilLive(page);
    return page;
  }

  const untilLive = (page: Page) => page.locator('[data-connection="live"]').waitFor();
  const untilStatus = (page: Page, status: string) =>
    page.getByTestId('execution-status').getByText(status).waitFor();

  it('twenty are live over one connection, and stay so when the first is closed and when all sign out', {
    timeout: limitMs,
  }, async () => {
    const run = await launch();
    const { page: first, context } = await signIn(browser, gantry);
    await visit(first, `${gantry.url}/executions/${run.id}`);
    await untilLive(first);
    const places = [
      ...Array(14).fill(`/executions/${run.id}`),
      '/',
      '/',
      '/suites',
      '/environments',
      '/agents',
    ];
    const tabs: Page[] = [];
    for (const place of places) tabs.push(await openTab(context, place));
    expect(tabs.length + 1).toBe(20);
    for (const tab of [first, ...tabs]) await untilLive(tab);
    await expect.poll(openStreams).toBe(1);

    await first.close();
    await run.open();
    const runs = tabs.filter((tab) => tab.url().includes('/executions/'));
    expect(runs.length).toBe(14);
    for (const tab of runs) await untilStatus(tab, 'passed');
    const overview = tabs.find((tab) => new URL(tab.url()).pathname === '/');
    await overview?.getByText('0 running, 0 queued').waitFor();
    await expect.poll(openStreams).toBe(1);

    const signOut = () => fetch('/api/v1/session', { method: 'DELETE' }).then(({ status }) => status);
    expect(await overview?.evaluate(signOut)).toBe(204);
    const live = tabs.filter((tab) => !runs.includes(tab));
    for (const tab of live) await tab.waitForURL(/\/sign-in/);
    await expect.poll(openStreams).toBe(0);
    await context.close();
  });

  it('go on over a new worker when the browser has ended theirs', { timeout: limitMs }, async () => {
    const run = await launch();
    const { page, context } = await signIn(browser, gantry);
    await page.close();
    const tabs: Page[] = [];
    for (let count = 0; count < 3; count += 1) tabs.push(await openTab(context, `/executions/${run.id}`));
    const devtools = await browser.newBrowserCDPSession();
    const { targetInfos } = await devtools.send('Target.getTargets', { filter: [{}] });
    const workers = targetInfos.filter(({ type }) => type === 'shared_worker');
    expect(workers.length).toBe(1);
    for (const { targetId } of workers) await devtools.send('Target.closeTarget', { targetId });
    await run.open();
    for (const tab of tabs) await untilStatus(tab, 'passed');
    await context.close();
  });

  it('share the connection of one of them where the browser has no shared workers', {
    timeout: limitMs,
  }, async () => {
    const run = await launch();
    const { page, context } = await signIn(browser, gantry);
    await page.close();
    await context.addInitScript(() => Reflect.deleteProperty(globalThis, 'SharedWorker'));
    const tabs: Page[] = [];
    for (let count = 0; count < 4; count += 1) tabs.push(await openTab(context, `/executions/${run.id}`));
    await expect.poll(openStreams).toBe(1);
    const [leader, ...others] = tabs;
    await leader?.close();
    await expect.poll(openStreams).toBe(1);
    for (const tab of others) await untilLive(tab);
    await run.open();
    for (const tab of others) await untilStatus(tab, 'passed');
    await context.close();
  });

  it('have a connection each where the browser has no locks either', { timeout: limitMs }, async () => {
    const run = await launch();
    const { page, context } = await signIn(browser, gantry);
    await page.close();
    await context.addInitScript(() => {
      Reflect.deleteProperty(globalThis, 'SharedWorker');
      Object.defineProperty(navigator, 'locks', { value: undefined });
    });
    const tabs = [
      await openTab(context, `/executions/${run.id}`),
      await openTab(context, `/executions/${run.id}`),
    ];
    await expect.poll(openStreams).toBe(2);
    await run.open();
    for (const tab of tabs) await untilStatus(tab, 'passed');
    await context.close();
  });
});
