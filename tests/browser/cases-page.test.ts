import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '@/lib/clock';
import { openPostgresStore } from '@/lib/store/postgres/postgres-store';
import { goByKeys, openBrowser, signIn, visit } from '../support/browser';
import { openTestDatabase, silentLogger } from '../support/database';
import { describeWith } from '../support/requirements';
import { type PlantedTruths, seedHistory } from '../support/seeded-cases';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';

const limitMs = 300_000;
const runs = 110;
const count = 120;

describeWith(['chromium'], 'The test cases of all suites in a browser', () => {
  let database: Awaited<ReturnType<typeof openTestDatabase>>;
  let gantry: RunningGantry;
  let browser: Browser;
  let truths: PlantedTruths;

  beforeAll(async () => {
    database = await openTestDatabase();
    const store = await openPostgresStore({ clock: systemClock, logger: silentLogger }, database.url);
    const history = seedHistory(runs, count);
    truths = history.truths;
    for (let run = 0; run < runs; run += 1) await store.cases.add(history.report(run));
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
    const [muted = ''] = truths.brokenByImage;
    await store.cases.mute(muted, { reason: 'known since May', ticket: null, expiresAt, createdBy: 'ada' });
    await store.close();
    [gantry, browser] = await Promise.all([
      startGantry({ env: { DATABASE_URL: database.url, GANTRY_KEEP_CASE_DAYS: '0' } }),
      openBrowser(),
    ]);
  }, startLimitMs);

  afterAll(async () => {
    await browser?.close();
    await gantry?.stop();
    await database?.drop();
  });

  const rows = (page: Page) => page.locator('[data-case]');
  const ids = (page: Page) =>
    rows(page).evaluateAll((all) => all.map((each) => each.getAttribute('data-case') ?? ''));

  it('are listed by what they tell, found, and kept in the address', { timeout: limitMs }, async () => {
    const { page, close } = await signIn(browser, gantry);
    await goByKeys(page, 't', '/cases');
    await page.getByRole('heading', { name: 'Tests' }).waitFor();
    expect(await page.title()).toBe('Tests · Gantry');
    await page.getByRole('list', { name: 'Failing test cases' }).waitFor();
    const failing = await ids(page);
    for (const id of [...truths.brokenByImage, ...truths.brokenByFile]) expect(failing).toContain(id);
    await rows(page).getByText('muted until').first().waitFor();
    await rows(page).getByText('seeded · tests').first().waitFor();

    await page.getByRole('button', { name: 'Flaky' }).click();
    await page.getByRole('list', { name: 'Flaky test cases' }).waitFor();
    expect(new Set(await ids(page))).toEqual(truths.flaky);
    await expect.poll(() => page.url()).toContain('view=flaky');

    await page.getByRole('button', { name: 'Muted' }).click();
    await rows(page).getByText('known since May').waitFor();
    expect(await rows(page).count()).toBe(1);

    await page.getByRole('button', { name: 'All', exact: true }).click();
    await page.getByRole('list', { name: 'All test cases' }).waitFor();
    expect(await rows(page).count()).toBe(50);
    await page.getByRole('button', { name: 'Show more' }).click();
    await expect.poll(() => rows(page).count(), { timeout: 60_000 }).toBe(100);
    await page.keyboard.press('/');
    await page.keyboard.type('customer 77');
    await expect.poll(() => rows(page).count(), { timeout: 60_000 }).toBe(1);
    await page.reload();
    await rows(page).getByText('customer 77').waitFor();
    expect(await page.getByLabel('Search test cases').inputValue()).toBe('customer 77');
    await expect.poll(() => page.url()).toMatch(/view=all&q=customer(\+|%20)77/);

    await rows(page).getByRole('link').click();
    await page.getByRole('heading', { name: /customer 77/ }).waitFor();
    await close();
  });

  it('of a suite that cannot be launched are there, and a list without any says so', {
    timeout: limitMs,
  }, async () => {
    const { page, close } = await signIn(browser, gantry);
    await visit(page, `${gantry.url}/cases?suite=seeded&view=slower`);
    await page.getByRole('list', { name: 'Slower test cases' }).waitFor();
    expect(new Set(await ids(page))).toEqual(truths.slower);
    expect(await page.getByLabel('Suite').inputValue()).toBe('seeded');
    await visit(page, `${gantry.url}/cases?q=nothing-like-it`);
    await page
      .getByText('No test case fails whose name, class, suite or file has “nothing-like-it”')
      .waitFor();
    await close();
  });

  it('fit on a phone', { timeout: limitMs }, async () => {
    const { page, close } = await signIn(browser, gantry, { viewport: { width: 390, height: 844 } });
    await visit(page, `${gantry.url}/cases`);
    await rows(page).first().waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    // The longest name of the bar.
    await visit(page, `${gantry.url}/environments`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    const bar = page.getByRole('navigation', { name: 'Main' }).getByRole('list');
    expect(await bar.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
    await close();
  });

  it('that cannot be read say so, and that it is tried again', { timeout: limitMs }, async () => {
    const { page, context } = await signIn(browser, gantry);
    await page.route('**/api/v1/cases?*', (route) => route.abort());
    await visit(page, `${gantry.url}/cases`);
    await page.getByRole('alert').getByText('The test cases could not be read.').waitFor();
    await page.getByText('It is tried again every 15 seconds.').waitFor();
    // The browser complains in its console of what it could not load, so that this is not `close`.
    await context.close();
  });
});
