import { expect, it } from 'vitest';
import { createSharedPulls, type Pull } from '@/lib/backends/docker/shared-pulls';

/** A pull that ends when the test says so. */
function openPull() {
  let resolve: (value: true) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<true>((onEnd, onFailure) => {
    resolve = onEnd;
    reject = onFailure;
  });
  const told = { starts: 0, aborted: false, report: (_: string) => {} };
  const pull: Pull = (signal, onProgress) => {
    told.starts += 1;
    told.report = onProgress;
    signal.addEventListener('abort', () => {
      told.aborted = true;
      reject(signal.reason);
    });
    return promise;
  };
  return { pull, told, resolve: () => resolve(true), reject };
}

function openWaiter() {
  const leaving = new AbortController();
  const details: string[] = [];
  const waiter = { signal: leaving.signal, onProgress: (detail: string) => details.push(detail) };
  return { waiter, details, leave: () => leaving.abort(new Error('left')) };
}

it('a pull is one for all who want the image, and tells each of them how far it is', async () => {
  const { run } = createSharedPulls();
  const { pull, told, resolve } = openPull();
  const [first, second, other] = [openWaiter(), openWaiter(), openWaiter()];
  const results = [run('a', pull, first.waiter)];
  told.report('1 of 2 layers');
  results.push(run('a', pull, second.waiter));
  const elsewhere = openPull();
  results.push(run('b', elsewhere.pull, other.waiter));
  told.report('2 of 2 layers');
  resolve();
  elsewhere.resolve();
  expect(await Promise.all(results)).toEqual([true, true, true]);
  expect([told.starts, elsewhere.told.starts]).toEqual([1, 1]);
  expect([first.details, second.details, other.details]).toEqual([
    ['1 of 2 layers', '2 of 2 layers'],
    ['1 of 2 layers', '2 of 2 layers'],
    [],
  ]);
});

it('a pull goes on until nobody waits for it, and what is ended is joined by nobody', async () => {
  const { run } = createSharedPulls();
  const { pull, told } = openPull();
  const [first, second] = [openWaiter(), openWaiter()];
  const results = [run('a', pull, first.waiter), run('a', pull, second.waiter)];
  first.leave();
  await expect(results[0]).rejects.toThrow('left');
  expect(told.aborted).toBe(false);
  second.leave();
  await expect(results[1]).rejects.toThrow('left');
  expect(told.aborted).toBe(true);
  const next = openPull();
  next.resolve();
  expect(await run('a', next.pull, openWaiter().waiter)).toBe(true);
});

it('a pull that fails is begun again once by those who joined it, together, and not by who began it', async () => {
  const { run } = createSharedPulls();
  const [failing, next] = [openPull(), openPull()];
  const first = run('a', failing.pull, openWaiter().waiter);
  const joined = [run('a', next.pull, openWaiter().waiter), run('a', next.pull, openWaiter().waiter)];
  failing.reject(new Error('no such image'));
  await expect(first).rejects.toThrow('no such image');
  next.reject(new Error('still none'));
  for (const each of joined) await expect(each).rejects.toThrow('still none');
  expect([failing.told.starts, next.told.starts]).toEqual([1, 1]);
});
