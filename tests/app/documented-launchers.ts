import { expect } from 'vitest';
import type { DocumentedApi } from '../support/documented-api';

/** Every operation of schedules, and of triggers. They need a suite `printer`. */
export async function askSchedules(api: DocumentedApi): Promise<void> {
  const body = { name: 'nightly', suiteId: 'printer', cron: '30 2 * * *', timeZone: 'Europe/Berlin' };
  const made = await api.ask('createSchedule', { body });
  expect(made.status).toBe(201);
  const { id, nextTimes } = await made.json();
  expect(nextTimes).toHaveLength(5);
  const params = { id };
  await api.ask('updateSchedule', { params, body: { ...body, enabled: false, jitterSeconds: 60 } });
  expect(await (await api.ask('getSchedule', { params })).json()).toMatchObject({ nextTimes: [] });
  await api.ask('listSchedules');
  await api.ask('listScheduleFirings', { params, query: { limit: '5' } });
  const query = { cron: '@daily' };
  expect((await (await api.ask('previewSchedule', { query })).json()).items).toHaveLength(5);
  expect((await api.ask('previewSchedule', { query: { cron: 'x' } })).status).toBe(400);
  expect((await api.ask('deleteSchedule', { params })).status).toBe(204);
  expect((await api.ask('getSchedule', { params })).status).toBe(404);
}

export async function askTriggers(api: DocumentedApi): Promise<void> {
  const body = { name: 'pushes', provider: 'github', secretFrom: 'env:PATH', suiteId: 'printer' };
  const made = await api.ask('createTrigger', { body });
  expect(made.status).toBe(201);
  const params = { id: (await made.json()).id };
  await api.ask('updateTrigger', { params, body: { ...body, when: { ref: 'refs/heads/*' } } });
  await api.ask('getTrigger', { params });
  await api.ask('listTriggers');
  expect((await api.ask('listTriggerDeliveries', { params })).status).toBe(200);
  expect((await api.ask('receiveHook', { params, token: null })).status).toBe(401);
  expect((await api.ask('receiveHook', { params: { id: 'nothing' }, token: null })).status).toBe(404);
  expect((await api.ask('deleteTrigger', { params })).status).toBe(204);
  expect((await api.ask('getTrigger', { params })).status).toBe(404);
}
