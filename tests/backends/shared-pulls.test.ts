import { expect, it } from 'vitest';
import { createSharedPulls, type Pull } from '@/lib/backends/docker/shared-pulls';

class LoginRefused extends Error {}

/** A pull that ends when the test says so. */
function openPull() {
  let resolve: (value: true) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<true>((onEnd, onFailure) => {
    resolve = onEnd;
    reject = onFailure;
  });
  const requests = { starts: 0, aborted: false, report: (_: string) => {} };
  const pull: Pull = (signal, onProgress) => {
    requests.starts += 1;
    requests.report = onProgress;
    signal.addEventListener('abort', () => {
      requests.aborted = true;
      reject(signal.reason);
    });
    return promise;
  };
  return { pull, requests, resolve: () => resolve(true), reject };
}

function openWaiter() {
  const leaving = new AbortController();
  const details: string[] = [];
  const waiter = { signal: leaving.signal, onProgress: (detail: string) => details.push(detail) };
  return { waiter, details, leave: () => leaving.abort(new Error('left')) };
}

it('a pull is one for all who want the image, and reports to each of them how far it is', async () => {
  const { run } = createSharedPulls({ mayPassForOthers: (error) => error instanceof LoginRefused });
  const { pull, requests, resolve } = openPull();
  const [first, second, other] = [openWaiter(), openWaiter(), openWaiter()];
  const results = [run('a', pull, first.waiter)];
  requests.report('1 of 2 layers');
  results.push(run('a', pull, second.waiter));
  const elsewhere = openPull();
  results.push(run('b', elsewhere.pull, other.waiter));
  requests.report('2 of 2 layers');
  resolve();
  elsewhere.resolve();
  expect(await Promise.all(results)).toEqual([true, true, true]);
  expect([requests.starts, elsewhere.requests.starts]).toEqual([1, 1]);
  expect([first.details, second.details, other.details]).toEqual([
    ['1 of 2 layers', '2 of 2 layers'],
    ['1 of 2 layers', '2 of 2 layers'],
    [],
  ]);
});

it('a pull goes on until nobody waits for it, and what is ended is joined by nobody', async () => {
  const { run } = createSharedPulls({ mayPassForOthers: (error) => error instanceof LoginRefused });
  const { pull, requests } = openPull();
  const [first, second] = [openWaiter(), openWaiter()];
  const results = [run('a', pull, first.waiter), run('a', pull, second.waiter)];
  first.leave();
  await expect(results[0]).rejects.toThrow('left');
  expect(requests.aborted).toBe(false);
  second.leave();
  await expect(results[1]).rejects.toThrow('left');
  expect(requests.aborted).toBe(true);
  const next = openPull();
  next.resolve();
  expect(await run('a', next.pull, openWaiter().waiter)).toBe(true);
});

it('a pull that fails fails for all who wait, and is not begun again', async () => {
  const { run } = createSharedPulls({ mayPassForOthers: (error) => error instanceof LoginRefused });
  const [failing, next] = [openPull(), openPull()];
  const results = [failing, next, next].map(({ pull }) => run('a', pull, openWaiter().waiter));
  failing.reject(new Error('no such image'));
  for (const each of results) await expect(each).rejects.toThrow('no such image');
  expect([failing.requests.starts, next.requests.starts]).toEqual([1, 0]);
});

it('a pull whose login is refused is begun again once by those who joined it, together, and not by who began it', async () => {
  const { run } = createSharedPulls({ mayPassForOthers: (error) => error instanceof LoginRefused });
  const [failing, next] = [openPull(), openPull()];
  const [first, ...joined] = [failing, next, next].map(({ pull }) => run('a', pull, openWaiter().waiter));
  failing.reject(new LoginRefused('not for you'));
  await expect(first).rejects.toThrow('not for you');
  next.reject(new LoginRefused('not for you either'));
  for (const each of joined) await expect(each).rejects.toThrow('not for you either');
  expect([failing.requests.starts, next.requests.starts]).toEqual([1, 1]);
});
