import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import type { Operation } from '@/lib/http/operations/operation';
import { apiTags } from '@/lib/http/operations/tags';
import { startControlPlane, type TestControlPlane } from '../agents/control-plane';

const hostile = [
  '-1',
  '2147483648',
  '9223372036854775808',
  '999999999999999',
  '1e9',
  'NaN',
  '0000-01-01T00:00:00Z',
  '0001-01-01T00:00:00+23:59',
  '9999-12-31T23:59:59.999999999Z',
  '2026-02-30T00:00:00Z',
  '\u0000',
  '\ud800',
  '%',
  "'; drop table executions; --",
  'x'.repeat(5_000),
];

const reading = apiTags
  .flatMap((area) => Object.entries<Operation>(area.operations))
  .filter(([, { method, access }]) => method === 'GET' && access !== 'agent')
  .map(([id, operation]) => ({ id, operation }));

let plane: TestControlPlane;
let executionId: string;
beforeAll(async () => {
  plane = await startControlPlane(
    { GANTRY_PROCESS_BACKEND: '1' },
    { one: 'steps: { a: { kind: task, run: "true" } }' },
  );
  const launched = await plane.post('/api/v1/executions', { suiteId: 'one', backend: 'process' });
  executionId = (await launched.json()).id;
});
afterAll(() => plane?.close());

async function statusOf(address: string, headers: Record<string, string> = {}): Promise<number> {
  const answer = await plane.call(address, { headers: { accept: 'application/json', ...headers } });
  await answer.body?.cancel();
  return answer.status;
}

it.each(reading)('no query makes $id fail', async ({ operation: { path, query, stream } }) => {
  const at = path
    .replace('{id}', path.includes('/executions/') ? executionId : 'one')
    .replace(/\{\w+\}/g, 'a');
  const names = query instanceof z.ZodObject ? Object.keys(query.shape) : [];
  for (const name of names) {
    for (const text of hostile) {
      const status = await statusOf(`${at}?${new URLSearchParams([[name, text]])}`);
      expect({ name, text, isServerError: status >= 500 }).toEqual({ name, text, isServerError: false });
    }
  }
  for (const text of stream ? ['2147483648', '999999999999999', '-1', 'x'] : []) {
    const status = await statusOf(at, { 'last-event-id': text, accept: 'text/event-stream' });
    expect({ text, isServerError: status >= 500 }).toEqual({ text, isServerError: false });
  }
});

it('numbers and times that the database does not have are bad requests', async () => {
  const at = `/api/v1/executions/${executionId}`;
  expect(await statusOf(`${at}/events?after=2147483647`)).toBe(200);
  expect(await statusOf(`${at}/events?after=2147483648`)).toBe(400);
  expect(await statusOf(`${at}/logs?attempt=2147483648`)).toBe(400);
  expect(await statusOf('/api/v1/executions?createdAfter=0000-01-01T00:00:00Z')).toBe(400);
  expect(await statusOf('/api/v1/executions?createdAfter=2000-01-01T00:00:00Z')).toBe(200);
});
