import { setMaxListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createFairSemaphore, type Release } from '@/lib/engine/fair-semaphore';

const never = new AbortController().signal;

describe('slots', () => {
  it('are given at once while there are some, and again when they come back', () => {
    const slots = createFairSemaphore(2);
    const first = slots.tryAcquire();
    expect(slots.tryAcquire()).not.toBeNull();
    expect(slots.tryAcquire()).toBeNull();
    first?.();
    expect(slots.tryAcquire()).not.toBeNull();
  });

  it('given back twice are given back once', () => {
    const slots = createFairSemaphore(1);
    const release = slots.tryAcquire();
    release?.();
    release?.();
    expect(slots.tryAcquire()).not.toBeNull();
    expect(slots.tryAcquire()).toBeNull();
  });

  it('go to those who wait in turns of their keys, and under one key to the first', async () => {
    const slots = createFairSemaphore(1);
    const held = slots.tryAcquire();
    const order: string[] = [];
    const waiting = ['a1', 'a2', 'a3', 'b1', 'c1', 'b2'].map(async (name) => {
      const release = await slots.acquire(name.slice(0, 1), never);
      order.push(name);
      release?.();
    });
    held?.();
    await Promise.all(waiting);
    expect(order).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  });

  it('are not taken by one who jumps the queue', async () => {
    const slots = createFairSemaphore(1);
    const held = slots.tryAcquire();
    const waiting = slots.acquire('a', never);
    held?.();
    expect(slots.tryAcquire()).toBeNull();
    (await waiting)?.();
    expect(slots.tryAcquire()).not.toBeNull();
  });

  it('are not lost to one who stopped waiting', async () => {
    const slots = createFairSemaphore(1);
    const held = slots.tryAcquire();
    const leaving = new AbortController();
    const [gone, stays] = [slots.acquire('a', leaving.signal), slots.acquire('a', never)];
    leaving.abort();
    expect(await gone).toBeNull();
    held?.();
    expect(await stays).not.toBeNull();
    expect(await slots.acquire('a', AbortSignal.abort())).toBeNull();
  });

  it('are never more than there are, however they are taken and given back', async () => {
    const slots = createFairSemaphore(3);
    let inUse = 0;
    let most = 0;
    const never = new AbortController().signal;
    setMaxListeners(0, never);
    await Promise.all(
      Array.from({ length: 200 }, async (_, n) => {
        const release: Release | null = await slots.acquire(`k${n % 7}`, never);
        inUse += 1;
        most = Math.max(most, inUse);
        await new Promise((resolve) => setImmediate(resolve));
        inUse -= 1;
        release?.();
      }),
    );
    expect(most).toBe(3);
    expect(inUse).toBe(0);
  });
});
