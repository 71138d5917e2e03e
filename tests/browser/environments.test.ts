import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildToolbox } from '@/lib/cli/toolbox';
import type { EnvironmentRecord } from '@/lib/model/environment';
import { goByKeys, openBrowser, signIn } from '../support/browser';
import { describeWith } from '../support/requirements';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';

const limitMs = 300_000;

describeWith(['chromium', 'docker'], 'The environments in a browser', () => {
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

  it('appear while they are there, can be looked into, and are reaped by name', {
    timeout: limitMs,
  }, async () => {
    const { page, close } = await signIn(browser, gantry);
    await goByKeys(page, 'v', '/environments');
    await page.getByText('Nothing runs, and nothing is left behind').waitFor();
    await page.locator('[data-connection="live"]').waitFor();

    const body = JSON.stringify({ suiteId: 'hello', keep: 'always' });
    const launched = await gantry.call('/api/v1/executions', { method: 'POST', body });
    const { id } = await launched.json();
    const row = page.locator(`[data-environment="${id}"]`);
    await row.waitFor();
    await page.locator(`[data-environment="${id}"][data-state="kept"]`).waitFor({ timeout: 60_000 });

    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    const greeter = row.locator('[data-resource*="greeter"]');
    await greeter.getByText('running').waitFor();
    await greeter.getByRole('button', { name: /console/ }).click();
    await page.getByLabel(/^Command to run/).fill('echo "it is $((40 + 2))"');
    await page.keyboard.press('Enter');
    await page
      .getByRole('log', { name: /^Console/ })
      .getByText('it is 42')
      .waitFor();

    await row.getByRole('button', { name: 'Release…' }).click();
    const dialog = page.getByTestId('reap');
    const record: EnvironmentRecord = await (await gantry.call(`/api/v1/sandboxes/${id}`)).json();
    const names = record.environment?.resources.map(({ name }) => name) ?? [];
    expect(names.length).toBeGreaterThanOrEqual(4);
    for (const name of names) await dialog.getByText(name, { exact: true }).waitFor();
    await dialog.getByRole('button', { name: 'Reap', exact: true }).click();
    await dialog.getByText(`Found ${names.length}, removed ${names.length}, left 0.`).waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.getByText('Nothing runs, and nothing is left behind').waitFor();

    const after: EnvironmentRecord = await (await gantry.call(`/api/v1/sandboxes/${id}`)).json();
    expect(after.environment).toBeNull();
    expect(after.rows.filter(({ removedAt }) => removedAt === null)).toEqual([]);
    const audit = await (await gantry.call(`/api/v1/audit?subject=${id}`)).json();
    expect(audit.items).toMatchObject([
      { action: 'environment.reaped', outcome: 'allowed', detail: { removed: names.length, left: [] } },
      { action: 'environment.reap', outcome: 'allowed', detail: { state: 'kept' } },
      { action: 'exec.close', outcome: 'allowed', detail: { exitCode: 0 } },
      { action: 'exec.open', outcome: 'allowed', detail: { command: 'echo "it is $((40 + 2))"' } },
      { action: 'execution.launch', outcome: 'allowed', detail: { suite: 'hello', keep: 'always' } },
    ]);
    await close();
  });
});
