import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ExecutionSummary } from '@/lib/model/execution';
import { openBreakableProxy } from '../support/breakable-proxy';
import { goByKeys, openBrowser, signIn, visit } from '../support/browser';
import { describeWith } from '../support/requirements';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';

const limitMs = 300_000;
const suite = `
title: Odd output
steps:
  odd: { kind: task, run: [node, odd.mjs] }
  gate: { kind: task, run: [node, gate.mjs], after: [odd] }
  last: { kind: task, run: [node, -e, ''], after: [gate] }
`;
/** What must neither break the page nor be taken for anything but text. */
const odd = `
process.stdout.write('<img src=x onerror="document.title=1"></pre></script><script>document.title=2</script>\\n');
process.stdout.write('\\x1b[31mred\\x1b[0m then plain\\n');
process.stdout.write('10 %\\r50 %\\r100 %\\n');
process.stdout.write(Buffer.from([0x62, 0x61, 0x64, 0xff, 0xfe, 0x00, 0x0a]));
process.stdout.write('user \\u202etxt.exe\\n');
process.stdout.write('x'.repeat(5000) + ' end-of-long-line\\n');
for (let line = 1; line <= 3000; line += 1) console.log('filler ' + line);
console.error('needle on stderr');
`;
/** Prints while the file that the test makes is not there: the page can be looked at for as long as it takes. */
const gate = `
import { existsSync } from 'node:fs';
let line = 0;
const timer = setInterval(() => {
  line += 1;
  console.log('tick ' + line);
  if (existsSync(process.env.GATE)) clearInterval(timer);
}, 50);
`;

const progress = `
import { existsSync } from 'node:fs';
let percent = 0;
const timer = setInterval(() => {
  percent += 1;
  process.stdout.write('\\r\\x1b[32mdownloading\\x1b[0m ' + percent + ' %');
  if (!existsSync(process.env.GATE)) return;
  clearInterval(timer);
  process.stdout.write('\\n');
}, 50);
`;

describeWith(['chromium'], 'The live page', () => {
  let gantry: RunningGantry;
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'gantry-test-suites-'));
    await mkdir(path.join(folder, 'odd-output'));
    for (const [name, content] of Object.entries({ 'suite.yaml': suite, 'odd.mjs': odd, 'gate.mjs': gate }))
      await writeFile(path.join(folder, 'odd-output', name), content);
    await mkdir(path.join(folder, 'progress'));
    await writeFile(
      path.join(folder, 'progress', 'suite.yaml'),
      'steps: { load: { kind: task, run: [node, progress.mjs] } }',
    );
    await writeFile(path.join(folder, 'progress', 'progress.mjs'), progress);
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

  async function launch(suiteId = 'odd-output'): Promise<{ id: string; open(): Promise<void> }> {
    const file = path.join(folder, `gate-${Date.now()}`);
    const body = JSON.stringify({ suiteId, backend: 'process', env: { GATE: file } });
    const made: ExecutionSummary = await (
      await gantry.call('/api/v1/executions', { method: 'POST', body })
    ).json();
    return { id: made.id, open: () => writeFile(file, '') };
  }

  it('shows what has no line end yet while it is printed, and its last state afterwards', {
    timeout: limitMs,
  }, async () => {
    const run = await launch('progress');
    const { page, close } = await signIn(browser, gantry);
    await visit(page, `${gantry.url}/executions/${run.id}`);
    const unfinished = page.locator('[data-unfinished="stdout"]');
    const percent = async () =>
      Number(/downloading (\d+) %/.exec((await unfinished.textContent()) ?? '')?.[1]);
    await unfinished.waitFor();
    const first = await percent();
    await expect.poll(percent, { timeout: 60_000 }).toBeGreaterThan(first);
    expect(await page.locator('[data-line]').count()).toBe(0);
    await run.open();
    await page.locator('[data-step="load"][data-status="passed"]').waitFor();
    await expect.poll(() => unfinished.count()).toBe(0);
    const lines = page.locator('[data-line]');
    await expect.poll(() => lines.count()).toBe(1);
    expect(await lines.textContent()).toMatch(/downloading \d+ %$/);
    await close();
  });

  it('shows odd output as text, lets go of the end when scrolled, and finds', {
    timeout: limitMs,
  }, async () => {
    const run = await launch();
    const { page, close } = await signIn(browser, gantry);
    await visit(page, `${gantry.url}/executions/${run.id}?step=*`);
    await page.locator('[data-step="gate"][data-status="running"]').waitFor();
    const log = page.getByRole('log');
    await log.hover();
    // As a hand does: until it is up there, for the log may take one more step down in the same moment.
    await expect
      .poll(
        async () => {
          await page.mouse.wheel(0, -100_000);
          return log.getByText('<img src=x onerror=').isVisible();
        },
        { timeout: 60_000, interval: 300 },
      )
      .toBe(true);
    await page.locator('[role="log"][data-following="false"]').waitFor();
    await page.getByRole('button', { name: /new lines?$/ }).waitFor();
    expect(await log.locator('img, script').count()).toBe(0);
    expect(await page.title()).not.toMatch(/^[12]$/);
    await expect
      .poll(() => log.getByText('red', { exact: true }).getAttribute('class'))
      .toContain('ansi-red');
    expect(await log.getByText('end-of-long-line').count()).toBe(0);

    // The end is a click away, and followed again.
    await page.getByRole('button', { name: /new lines?$/ }).click();
    await page.locator('[role="log"][data-following="true"]').waitFor();
    await log
      .getByText(/^tick \d+/)
      .first()
      .waitFor();

    await page.keyboard.press('/');
    await page.keyboard.type('NEEDLE on');
    await page.getByText('1 line', { exact: true }).waitFor();
    await page.keyboard.press('Enter');
    await log.getByText('needle on stderr').waitFor();
    await expect.poll(() => page.url()).toMatch(/line=\d+/);
    await run.open();
    await page.getByTestId('execution-status').getByText('passed').waitFor();
    await close();
  });

  it('says what waits for what, cancels a run and says so', { timeout: limitMs }, async () => {
    const run = await launch();
    const { page, close } = await signIn(browser, gantry);
    await visit(page, `${gantry.url}/executions/${run.id}`);
    await page.locator('[data-step="gate"][data-status="running"]').waitFor();
    await page.locator('[data-step="last"]').getByText('waits for gate', { exact: true }).waitFor();
    await page.keyboard.press('c');
    await page.getByText('gate will be stopped').waitFor();
    await page.getByRole('button', { name: 'Cancel the run' }).click();
    await page.getByTestId('execution-status').getByText('cancelled').waitFor();
    expect(await (await gantry.call(`/api/v1/executions/${run.id}`)).json()).toMatchObject({
      status: 'cancelled',
      receipt: { left: [] },
    });
    await close();
  });

  it('says that it is offline, and catches up by itself', { timeout: limitMs }, async () => {
    const run = await launch();
    const proxy = await openBreakableProxy(gantry.url);
    const url = new URL(proxy.url).origin;
    const { page, context } = await signIn(browser, { ...gantry, url });
    await visit(page, `${url}/executions/${run.id}?step=*`);
    await page.locator('[data-connection="live"]').waitFor();
    await proxy.breakOff();
    await page
      .locator('[data-connection="offline"]')
      .getByText(/^offline since/)
      .waitFor();
    await run.open();
    await proxy.mend();
    await page.getByTestId('execution-status').getByText('passed').waitFor();
    const { items } = await (
      await gantry.call(`/api/v1/executions/${run.id}/logs?limit=5000`, {
        headers: { accept: 'application/json' },
      })
    ).json();
    await page.locator(`[role="log"][data-count="${items.length}"]`).waitFor();
    // Not through `close`: a browser complains about requests that cannot be sent, and these could not.
    await context.close();
    await proxy.close();
  });

  it('works on a phone, in the dark, by keyboard', { timeout: limitMs }, async () => {
    const run = await launch();
    await run.open();
    // A page follows what runs: with nothing that runs, `j` chooses the first step.
    const status = async () => (await (await gantry.call(`/api/v1/executions/${run.id}`)).json()).status;
    await expect.poll(status).toBe('passed');
    const { page, close } = await signIn(browser, gantry, {
      viewport: { width: 390, height: 844 },
      colorScheme: 'dark',
    });
    for (const place of ['/', '/launch', '/executions', `/executions/${run.id}`]) {
      await visit(page, gantry.url + place);
      await page.getByRole('heading', { level: 1 }).waitFor();
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow, `${place} is wider than the screen`).toBeLessThanOrEqual(0);
    }
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    await page.waitForURL(/step=odd/);
    await goByKeys(page, 'e', '/executions');
    await page.waitForURL(`${gantry.url}/executions`);
    await close();
  });
});
