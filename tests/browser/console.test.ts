import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildToolbox } from '@/lib/cli/toolbox';
import type { EnvironmentRecord } from '@/lib/model/environment';
import { untilGone } from '../agents/commands';
import { startAgentProcess, type TestAgent } from '../agents/control-plane';
import { testKubeconfig } from '../backends/kubernetes-harness';
import { openBrowser, signIn } from '../support/browser';
import { describeWith } from '../support/requirements';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';

const limitMs = 300_000;

/** Launches `hello`, whose environment is kept, and answers the container or pod of its service. */
async function keepHello(gantry: RunningGantry, backend: string): Promise<{ id: string; service: string }> {
  const body = JSON.stringify({ suiteId: 'hello', backend, keep: 'always' });
  const { id } = await (await gantry.call('/api/v1/executions', { method: 'POST', body })).json();
  for (;;) {
    const record: EnvironmentRecord = await (await gantry.call(`/api/v1/sandboxes/${id}`)).json();
    const found = record.environment?.resources.find(
      ({ stepId, kind }) => stepId === 'greeter' && (kind === 'container' || kind === 'pod'),
    );
    if (record.environment?.state === 'kept' && found) return { id, service: found.name };
  }
}

/** Runs commands in it as a person does. `gone` resolves when nothing runs there that has the words. */
async function useConsole(
  browser: Browser,
  gantry: RunningGantry,
  { id, service }: { id: string; service: string },
  { hint, gone }: { hint: string; gone(words: string): Promise<unknown> },
): Promise<void> {
  const { page, close } = await signIn(browser, gantry);
  await page.goto(`${gantry.url}/environments`);
  const row = page.locator(`[data-environment="${id}"]`);
  await row.locator(`[data-opens="${id}"]`).click();
  await row
    .locator(`[data-resource="${service}"]`)
    .getByRole('button', { name: /console/ })
    .click();
  await row.getByText(hint).waitFor();
  const command = page.getByLabel(`Command to run in ${service}`);
  await command.fill('echo "it is $((40 + 2))"; echo oh >&2; exit 3');
  await page.keyboard.press('Enter');
  const log = page.getByRole('log', { name: `Console of ${service}` });
  await log.getByText('exit code 3').waitFor();
  await log.getByText('it is 42', { exact: true }).waitFor();
  await log.getByText('oh', { exact: true }).waitFor();

  await command.fill('echo waiting; sleep 9876');
  await page.keyboard.press('Enter');
  await log.getByText('waiting', { exact: true }).waitFor();
  await row.getByRole('button', { name: 'Stop', exact: true }).click();
  await log.getByText('stopped', { exact: true }).waitFor();
  await gone('sleep 9876');

  // On a phone only the middle of the page scrolls: the bar below stays where it is.
  await page.setViewportSize({ width: 390, height: 844 });
  const size = () => page.evaluate(() => document.documentElement.scrollHeight);
  await expect.poll(size).toBe(844);
  await close();
}

describeWith(['chromium', 'docker'], "The console of an agent's container", () => {
  let gantry: RunningGantry;
  let browser: Browser;
  let agent: TestAgent;

  beforeAll(async () => {
    [gantry, browser] = await Promise.all([
      startGantry(),
      openBrowser(),
      buildToolbox({ log: () => undefined }),
    ]);
    const made = await gantry.call('/api/v1/agents/tokens', { method: 'POST', body: '{"name":"test"}' });
    agent = startAgentProcess(gantry.url, (await made.json()).token);
    await agent.until('registered');
  }, startLimitMs);
  afterAll(async () => {
    await browser?.close();
    await agent?.end();
    await gantry?.stop();
  });

  it('runs commands there, shows what they print, and ends what is stopped', {
    timeout: limitMs,
  }, async () => {
    const kept = await keepHello(gantry, 'remote-agent');
    await useConsole(browser, gantry, kept, {
      hint: `Or in a terminal of the agent's machine: docker exec -it ${kept.service} sh`,
      gone: (words) => untilGone(kept.service, words),
    });
    const audit = await (await gantry.call(`/api/v1/audit?subject=${kept.id}&action=exec.open`)).json();
    expect(audit.items).toMatchObject([
      { outcome: 'allowed', detail: { resource: kept.service, command: 'echo waiting; sleep 9876' } },
      { outcome: 'allowed', detail: { resource: kept.service } },
    ]);
    const reaped = await gantry.call(`/api/v1/sandboxes/${kept.id}/reap`, { method: 'POST', body: '{}' });
    expect(await reaped.json()).toMatchObject({ receipt: { left: [] } });
  });
});

describeWith(['chromium', 'docker', 'kubernetes'], 'The console of a pod', () => {
  let gantry: RunningGantry;
  let browser: Browser;

  beforeAll(async () => {
    [gantry, browser] = await Promise.all([
      startGantry({ env: { GANTRY_KUBECONFIG: testKubeconfig } }),
      openBrowser(),
      buildToolbox({ log: () => undefined }),
    ]);
  }, startLimitMs);
  afterAll(async () => {
    await browser?.close();
    await gantry?.stop();
  });

  it('runs commands there, shows what they print, and ends what is stopped', {
    timeout: limitMs,
  }, async () => {
    const kept = await keepHello(gantry, 'kubernetes');
    const printed = async (command: string) => {
      const body = JSON.stringify({ resource: kept.service, command });
      const answer = await gantry.call(`/api/v1/sandboxes/${kept.id}/exec`, { method: 'POST', body });
      return JSON.stringify((await answer.json()).items);
    };
    await useConsole(browser, gantry, kept, {
      hint: 'Or in a terminal: kubectl',
      gone: async (words) => {
        while ((await printed('ps')).includes(words));
      },
    });
    const reaped = await gantry.call(`/api/v1/sandboxes/${kept.id}/reap`, { method: 'POST', body: '{}' });
    expect(await reaped.json()).toMatchObject({ receipt: { left: [] } });
  });
});
