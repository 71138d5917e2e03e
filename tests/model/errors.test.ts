import { expect, it, vi } from 'vitest';

it('an AppError of one copy of the module is an AppError of another', async () => {
  const first = await import('@/lib/model/errors');
  vi.resetModules();
  const second = await import('@/lib/model/errors');

  expect(second.AppError).not.toBe(first.AppError);
  expect(new first.AppError('not_found', 'gone')).toBeInstanceOf(second.AppError);
  expect(new Error('gone')).not.toBeInstanceOf(first.AppError);
  expect(null).not.toBeInstanceOf(first.AppError);
});
