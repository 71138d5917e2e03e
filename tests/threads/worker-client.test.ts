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

const start = () =>
  startWorkerClient<EndlessRequests>(
    { clock: createFakeClock() },
    { module: 'tests/threads/endless-worker.ts', doing: 'looping' },
  );

it('rejects with the error of the request, its code kept, and skips a call that nobody waits for', async () => {
  const thread = start();
  onTestFinished(() => thread.close());
  const gone = new AbortController();
  const refused = expect(thread.call('refuse', 'not so')).rejects.toMatchObject({
    code: 'pattern_invalid',
    message: 'not so',
    issues: [{ path: 'pattern', message: 'not so' }],
  });
  const skipped = expect(thread.call('loop', null, gone.signal)).rejects.toMatchObject({
    code: 'bad_request',
  });
  gone.abort();
  await Promise.all([refused, skipped]);
  expect(await thread.call('echo', 'next')).toBe('next');
});

it('ends at once when it is closed, whatever is under way or waits, and starts no other thread', async () => {
  const thread = start();
  expect(await thread.call('echo', 'begun')).toBe('begun');
  const calls = [thread.call('loop', null), thread.call('loop', null), thread.call('echo', 'waiting')];
  const ended = Promise.allSettled(calls);
  await thread.close();
  for (const outcome of [...(await ended), ...(await Promise.allSettled([thread.call('echo', 'later')]))])
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'overloaded' } });
});
