import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Execution, ExecutionSummary } from '@/lib/model/execution';
import { openBrowser, signIn, visit } from '../support/browser';
import { describeWith } from '../support/requirements';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';

const limitMs = 300_000;
const suite = `title: Fails in many ways
steps:
  fine:
    kind: task
    run: echo all is well
  migrate:
    kind: task
    run: |
      for n in $(seq 1 3000); do echo "row $n"; done
      echo 'ERROR: relation "custmers" does not exist' >&2
      exit 1
  after-migrate:
    kind: task
    run: echo never
    after: [migrate]
  hangs:
    kind: task
    run: sleep 600
    timeout: 1s
  silent:
    kind: task
    run: exit 9
  quiet-log:
    kind: task
    run: echo 'migrated 3 of 4'
    expect_logs: [migrated 4 of 4]
`;

/** What the page says of each step: the reason, with the telling line, and what to do. */
const sentences: Record<string, [string, string]> = {
  migrate: [
    'exit code 1, expected 0 — “ERROR: relation "custmers" does not exist”',
    '→ fix what it says, or allow the code with expect_exit: [1] at suite.yaml:8',
  ],
  hangs: [
    'timed out after 1 s',
    '→ it printed nothing; raise timeout (1 s) if it needs longer at suite.yaml:19',
  ],
  silent: [
    'exit code 9, expected 0',
    '→ it printed nothing; make it say why it fails, or allow the code with expect_exit: [9] at suite.yaml:22',
  ],
  'quiet-log': [
    'exit code 0, but it never printed what expect_logs asks for: "migrated 4 of 4" — “migrated 3 of 4”',
    '→ make it print that, or correct expect_logs at suite.yaml:26',
  ],
};

describeWith(['chromium'], 'The page of a run that failed', () => {
  let gantry: RunningGantry;
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'gantry-test-suites-'));
    await mkdir(path.join(folder, 'failing'));
    await writeFile(path.join(folder, 'failing', 'suite.yaml'), suite);
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

  async function runToEnd(): Promise<Execution> {
    const body = JSON.stringify({ suiteId: 'failing', backend: 'process' });
    const made: ExecutionSummary = await (
      await gantry.call('/api/v1/executions', { method: 'POST', body })
    ).json();
    await expect
      .poll(async () => (await (await gantry.call(`/api/v1/executions/${made.id}`)).json()).finishedAt, {
        timeout: 300_000,
      })
      .not.toBeNull();
    return (await gantry.call(`/api/v1/executions/${made.id}`)).json();
  }

  it('says of each step what happened and what to do, by a bare link and by a link to the step', {
    timeout: limitMs,
  }, async () => {
    const execution = await runToEnd();
    const { page, close } = await signIn(browser, gantry);
    await visit(page, `${gantry.url}/executions/${execution.id}`);
    const band = page.getByRole('region', { name: 'Faults' });
    const names = await band
      .locator('[data-fault]')
      .evaluateAll((all) => all.map((each) => each.dataset.fault));
    expect(names).toEqual(['migrate', 'hangs', 'silent', 'quiet-log']);
    for (const [step, [reason, action]] of Object.entries(sentences)) {
      const line = band.locator(`[data-fault="${step}"]`);
      expect(await line.textContent()).toContain(reason);
      expect(await line.textContent()).toContain(action);
    }
    expect(await band.locator('[data-fault="migrate"]').textContent()).toContain('took 1 other step along');

    // Without a choice the first fault is shown, and its log where it failed.
    expect(await page.getByTestId('step-reason').textContent()).toBe(sentences.migrate?.[0]);
    await page.getByRole('log').getByText('ERROR: relation "custmers" does not exist').waitFor();
    await expect.poll(() => page.title()).toBe('failed: Fails in many ways · Gantry');

    for (const [step, [reason, action]] of Object.entries(sentences)) {
      await visit(page, `${gantry.url}/executions/${execution.id}?step=${step}`);
      expect(await page.getByTestId('step-reason').textContent()).toBe(reason);
      expect(await page.getByTestId('step-head').textContent()).toContain(action);
    }
    await visit(page, `${gantry.url}/executions/${execution.id}?step=after-migrate`);
    await page.getByText('skipped: migrate failed').first().waitFor();
    await page.getByTestId('step-head').getByRole('button', { name: 'migrate' }).click();
    await page.waitForURL(/step=migrate/);
    await close();
  });

  it('shows two runs of the same faults alike', { timeout: limitMs }, async () => {
    const [one, other] = [await runToEnd(), await runToEnd()];
    const { page, close } = await signIn(browser, gantry);
    const bandOf = async (id: string) => {
      await visit(page, `${gantry.url}/executions/${id}`);
      return page.getByRole('region', { name: 'Faults' }).textContent();
    };
    expect(await bandOf(one.id)).toBe(await bandOf(other.id));
    expect(one.cause).toEqual(other.cause);
    await close();
  });

  it('keeps a link to a line, and shows what ran', { timeout: limitMs }, async () => {
    const execution = await runToEnd();
    const { items } = await (
      await gantry.call(`/api/v1/executions/${execution.id}/logs?step=migrate&row=1500&limit=1`, {
        headers: { accept: 'application/json' },
      })
    ).json();
    const { page, close } = await signIn(browser, gantry);
    await visit(page, `${gantry.url}/executions/${execution.id}?step=migrate&line=${items[0].seq}`);
    const log = page.getByRole('log');
    await log.getByText('row 1500', { exact: true }).waitFor();
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 3_000)));
    expect(await log.getByText('row 1500', { exact: true }).isVisible()).toBe(true);
    await expect.poll(() => page.url()).toContain(`line=${items[0].seq}`);

    await page.getByRole('tab', { name: 'what ran' }).click();
    const facts = page.getByRole('region', { name: 'What ran' });
    await facts.getByText('none: a process').waitFor();
    expect(await facts.textContent()).toContain('for n in $(seq 1 3000)');
    expect(await facts.textContent()).toContain('GANTRY_STEP');
    await close();
  });

  it('narrows the steps by state and by name, and moves by keyboard', { timeout: limitMs }, async () => {
    const execution = await runToEnd();
    const { page, close } = await signIn(browser, gantry);
    await visit(page, `${gantry.url}/executions/${execution.id}`);
    const steps = page.getByRole('region', { name: 'Steps' }).locator('[data-step]');
    await expect.poll(() => steps.count()).toBe(6);
    await page.locator('[data-count-of="skipped"]').click();
    await expect.poll(() => steps.count()).toBe(1);
    await page.locator('[data-count-of="skipped"]').click();
    await page.getByRole('searchbox', { name: 'Find a step' }).fill('quiet');
    await expect.poll(() => steps.count()).toBe(1);
    await page.getByRole('searchbox', { name: 'Find a step' }).fill('');
    await expect.poll(() => steps.count()).toBe(6);
    await page.keyboard.press('Tab');
    await page.keyboard.press('j');
    await page.waitForURL(/step=after-migrate|step=hangs|step=silent/);

    await visit(page, `${gantry.url}/executions`);
    await page.locator('[data-execution]').first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL(/executions\/.+/);
    await close();
  });

  it('works on a phone, with the faults first', { timeout: limitMs }, async () => {
    const execution = await runToEnd();
    const { page, close } = await signIn(browser, gantry, { viewport: { width: 390, height: 844 } });
    await visit(page, `${gantry.url}/executions/${execution.id}`);
    const topOf = async (name: string) => (await page.getByRole('region', { name }).boundingBox())?.y ?? 0;
    expect(await topOf('Faults')).toBeLessThan(await topOf('Steps'));
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    await close();
  });
});
