import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningGantry } from '../support/server';

/** Executions of the suites in `suites/`, on the Docker of this machine. */
export interface Runs {
  passed: string;
  failed: string;
  /** Goes on for minutes. */
  live: string;
  queued: string;
  /** The id of a test case that has run. */
  testCase: string | null;
  /** Cancels what goes on, and waits for its environments to be gone. */
  end(): Promise<void>;
}

const limitMs = 10 * 60_000;

/** Launches what the pictures show, and makes a schedule, a token and a person. */
export async function fill(gantry: RunningGantry): Promise<Runs> {
  const post = async (path: string, body: object) =>
    (await gantry.call(path, { method: 'POST', body: JSON.stringify(body) })).json();
  const launch = async (suiteId: string, labels: Record<string, string>): Promise<string> =>
    (await post('/api/v1/executions', { suiteId, backend: 'local', labels })).id;
  const statusOf = async (id: string): Promise<string> =>
    (await (await gantry.call(`/api/v1/executions/${id}`)).json()).status;
  const ended = async (id: string) => {
    for (const endMs = performance.now() + limitMs; performance.now() < endMs; await sleep(1_000))
      if (!['queued', 'running'].includes(await statusOf(id))) return;
    throw new Error(`${id} has not ended within ${limitMs / 60_000} minutes`);
  };
  const hello = await launch('hello', { branch: 'main' });
  await ended(hello);
  const [passed, failed] = [
    await launch('orders', { branch: 'main', commit: '4f1c2ab' }),
    await launch('broken', { branch: 'fix/timeouts' }),
  ];
  await Promise.all([ended(passed), ended(failed)]);
  await post('/api/v1/schedules', {
    name: 'nightly orders',
    suiteId: 'orders',
    cron: '30 2 * * *',
    timeZone: 'Europe/Berlin',
  });
  await post('/api/v1/tokens', { name: 'ci of the shop', role: 'member' });
  const live = await launch('storefront', { branch: 'main' });
  const queued = await launch('chatty', { branch: 'main' });
  const cases = await (await gantry.call('/api/v1/cases?limit=1')).json();
  return {
    ...{ passed, failed, live, queued },
    testCase: cases.items[0]?.id ?? null,
    async end() {
      for (const id of [live, queued]) {
        await gantry.call(`/api/v1/executions/${id}/cancel?force=1`, { method: 'POST', body: '{}' });
        await ended(id);
      }
    },
  };
}
