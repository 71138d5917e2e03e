import { afterEach, expect, it, vi } from 'vitest';
import { apiFetch } from '@/app/_components/api';

afterEach(() => vi.unstubAllGlobals());

it('an action that nothing answers may have been carried out; what only reads does not say so', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
  const away = 'Gantry does not answer. It may be restarting, or this machine is offline.';
  const doubt = `${away} The request may or may not have been carried out; check before you retry.`;
  const messageOf = (init: Parameters<typeof apiFetch>[1]) =>
    apiFetch('/api/v1/executions', init).then(
      () => 'answered',
      (error: Error) => error.message,
    );
  expect(await messageOf({ method: 'POST', body: {} })).toBe(doubt);
  expect(await messageOf({ method: 'DELETE' })).toBe(doubt);
  expect(await messageOf({})).toBe(away);
  expect(await messageOf({ method: 'POST', body: {}, isReading: true })).toBe(away);
});
