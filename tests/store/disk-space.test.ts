import { expect, it } from 'vitest';
import { AppError, StoreFull } from '@/lib/model/errors';
import { watchDiskSpace } from '@/lib/store/postgres/disk-space';
import { openTestStore } from '../support/database';
import { createFakeClock } from '../support/fake-clock';

it('a write that finds no space is told to whoever asks how the store is, for a moment', async () => {
  const { store, close } = await openTestStore();
  try {
    const clock = createFakeClock(0);
    const refusals = [new StoreFull('no space left'), new AppError('store_unavailable', 'cut')];
    const append = async () => {
      throw refusals.shift();
    };
    const { writers, check } = watchDiskSpace({ clock }, { ...store, logs: { ...store.logs, append } });
    check();
    const write = () => writers.logs.append('id', 'step', 1, [], { owner: 'owner', epoch: 1 });
    await expect(write()).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(check).toThrow('no space left');
    await clock.advance(12_000);
    check();
    await expect(write()).rejects.toMatchObject({ code: 'store_unavailable' });
    check();
  } finally {
    await close();
  }
});
