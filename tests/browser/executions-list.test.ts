import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, signIn, visit } from '../support/browser';
import { chromiumPath } from '../support/requirements';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';

const limitMs = 240_000;

describe.runIf(chromiumPath)('The list of executions', () => {
  let gantry: RunningGantry;
  let browser: Browser;
  const launched: { id: string; branch: string }[] = [];

  beforeAll(async () => {
    [gantry, browser] = await Promise.all([
      startGantry({ env: { GANTRY_PROCESS_BACKEND: '1' } }),
      openBrowser(),
    ]);
    for (const branch of ['main', 'fix/timeouts', 'main']) {
      const body = JSON.stringify({ suiteId: 'hello', backend: 'process', labels: { branch } });
      const { id } = await (await gantry.call('/api/v1/executions', { method: 'POST', body })).json();
      await gantry.call(`/api/v1/executions/${id}/cancel`, { method: 'POST', body: '{}' });
      launched.unshift({ id, branch });
    }
  }, startLimitMs);
  afterAll(async () => {
    await browser?.close();
    await gantry?.stop();
  });

  it('is searched and narrowed in the address, keeps views by name, and moves by keyboard', {
    timeout: limitMs,
  }, async () => {
    const { page, close } = await signIn(browser, gantry);
    await visit(page, `${gantry.url}/executions`);
    const shown = () =>
      page
        .locator('[data-execution]')
        .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-execution')));
    const ids = (branch?: string) =>
      launched.filter((each) => !branch || each.branch === branch).map(({ id }) => id);
    await expect.poll(shown).toEqual(ids());
    await page.getByRole('button', { name: 'More filters' }).click();
    await page.getByLabel('Branch').fill('main');
    await page.getByRole('button', { name: 'Apply' }).click();
    await expect.poll(shown).toEqual(ids('main'));
    await expect.poll(() => new URL(page.url()).searchParams.get('branch')).toBe('main');
    await page.getByLabel('Save what is shown as').fill('on main');
    await page.getByRole('button', { name: 'Save view' }).click();
    await page.getByRole('button', { name: 'branch main remove' }).click();
    await expect.poll(shown).toEqual(ids());
    await page.getByRole('searchbox', { name: 'Search executions' }).fill('TIMEOUTS hello');
    await expect.poll(shown).toEqual(ids('fix/timeouts'));
    await page.getByRole('searchbox', { name: 'Search executions' }).press('Escape');
    await page.getByRole('list', { name: 'Saved views' }).getByRole('link', { name: 'on main' }).click();
    await expect.poll(shown).toEqual(ids('main'));
    await page.getByRole('heading', { level: 1 }).click();
    for (const key of ['j', 'j', 'k', 'Enter']) await page.keyboard.press(key);
    await page.waitForURL(`${gantry.url}/executions/${ids('main')[0]}`);
    await close();
  });

  it('cancels several at once and says which', { timeout: limitMs }, async () => {
    const made: string[] = [];
    for (let count = 0; count < 2; count += 1) {
      const body = JSON.stringify({ suiteId: 'chatty', backend: 'process' });
      made.push((await (await gantry.call('/api/v1/executions', { method: 'POST', body })).json()).id);
    }
    const { page, close } = await signIn(browser, gantry);
    await visit(page, `${gantry.url}/executions?suite=chatty`);
    await page.getByRole('button', { name: 'Cancel 2…' }).click();
    const dialog = page.getByRole('alertdialog', { name: 'Cancel these 2 executions?' });
    await dialog.getByText('Chatty').first().waitFor();
    await dialog.getByRole('button', { name: 'Cancel 2' }).click();
    await dialog.waitFor({ state: 'detached' });
    for (const id of made)
      await expect
        .poll(async () => (await (await gantry.call(`/api/v1/executions/${id}`)).json()).status, {
          timeout: 60_000,
        })
        .toBe('cancelled');
    await close();
  });

  it('output is searched by pattern, and a mistake is named at the field', { timeout: limitMs }, async () => {
    const { id } = launched[0] ?? { id: '' };
    const at = `/api/v1/executions/${id}/logs`;
    const headers = { authorization: `Bearer ${gantry.token}`, accept: 'application/json' };
    const answer = await fetch(`${gantry.url}${at}?pattern=${encodeURIComponent('ab(c')}`, { headers });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ code: 'pattern_invalid', errors: [{ path: 'pattern' }] });
    const { page, context } = await signIn(browser, gantry);
    await visit(page, `${gantry.url}/executions/${id}?step=*`);
    const field = page.getByRole('searchbox', { name: 'Search the output' });
    await field.fill('ab(c');
    await field.press('Alt+r');
    const toggle = page.getByRole('button', { name: 'Regular expression' });
    expect(await toggle.getAttribute('aria-pressed')).toBe('true');
    await page.getByText('The pattern is not valid at character 3, "(c": missing closing ).').waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    await toggle.click();
    await page.getByRole('status').getByText('0 lines').waitFor();
    // Not through `close`: the browser complains about the answer 422.
    await context.close();
  });
});
