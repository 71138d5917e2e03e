import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningGantry } from '../support/server';

/** Executions of the suites in `suites/`, on the Docker of this machine. */
export interface EndedRuns {
  passed: string;
  failed: string;
  /** The id of a test case that has run. */
  testCase: string | null;
}

/** Executions that go on for most of a minute. */
export interface LiveRuns {
  live: string;
  chatty: string;
}

export interface Filled {
  ended: EndedRuns;
  startLive(): Promise<LiveRuns>;
  /** Cancels those, and waits for their environments to be gone. */
  endLive(runs: LiveRuns): Promise<void>;
}

const limitMs = 10 * 60_000;

/** Launches what the pictures show, and makes a schedule, a token and a person. */
export async function fill(gantry: RunningGantry): Promise<Filled> {
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
  // Has test cases, so that the live ones have something to be compared with.
  await ended(await launch('storefront', { branch: 'main' }));
  const cases = await (await gantry.call('/api/v1/cases?limit=1')).json();
  return {
    ended: { passed, failed, testCase: cases.items[0]?.id ?? null },
    startLive: async () => ({
      live: await launch('storefront', { branch: 'main' }),
      chatty: await launch('chatty', { branch: 'main' }),
    }),
    async endLive(runs) {
      for (const id of Object.values(runs)) {
        if (!['queued', 'running'].includes(await statusOf(id))) continue;
        await gantry.call(`/api/v1/executions/${id}/cancel?force=1`, { method: 'POST', body: '{}' });
        await ended(id);
      }
    },
  };
}
