import { expect, it, onTestFinished } from 'vitest';
import { startWorkerClient } from '@/lib/threads/worker-client';
import { createFakeClock } from '../support/fake-clock';
import type { EndlessRequests } from './endless-worker';

it('gives up a request that takes too long, and not the time in which its thread started', async () => {
  const clock = createFakeClock();
  const thread = startWorkerClient<EndlessRequests>(
    { clock },
    { module: 'tests/threads/endless-worker.ts', doing: 'looping' },
    { limitMs: 7_000 },
  );
  onTestFinished(() => thread.close());
  const refused = expect(thread.call('loop', null)).rejects.toMatchObject({
    code: 'overloaded',
    message: 'looping takes longer than 7 s',
  });
  await clock.advance(8_000);
  await clock.whenSleeping(7_000);
  await clock.advance(7_000);
  await refused;
  expect(await thread.call('echo', 'again')).toBe('again');
});
