import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { systemClock } from '@/lib/clock';
import { openPostgresStore } from '@/lib/store/postgres/postgres-store';
import { startControlPlane, type TestControlPlane } from '../agents/control-plane';
import { openTestDatabase, silentLogger } from '../support/database';

const here = fileURLToPath(new URL('.', import.meta.url));
const fixtures = readdirSync(path.join(here, 'fixtures')).flatMap((file) =>
  file.endsWith('.sql.gz') ? [file.slice(0, -'.sql.gz'.length)] : [],
);

/** The recording of a version: executions by what they are there for, and its answers by their paths. */
const recording = z.object({
  token: z.string(),
  executions: z.record(z.string(), z.string()),
  answers: z.record(z.string(), z.unknown()),
});

const read = (file: string) => gunzipSync(readFileSync(path.join(here, 'fixtures', file))).toString('utf8');

/** The keys of an answer that change with time or with who asks, by the path of the answer: no version keeps them. */
const passing: Record<string, string[]> = { tokens: ['lastUsedAt'] };

function lasting(at: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => lasting(at, each));
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([key]) => !passing[at]?.includes(key));
  return Object.fromEntries(entries.map(([key, each]) => [key, lasting(at, each)]));
}

/** Deliveries are removed after thirty days, so they are read before a control plane starts. */
const deliveriesPath = /^(webhooks|triggers)\/([^/]+)\/deliveries$/;

const withoutHost = (text: string) => text.replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, '');

/** Matches what has at least these keys, also further down. */
function alike(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(alike);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([key, each]) => [key, alike(each)]);
  return expect.objectContaining(Object.fromEntries(entries));
}

const itemsOf = (answer: unknown) => z.object({ items: z.array(z.unknown()) }).safeParse(answer).data?.items;

it('there is a fixture', () => {
  expect(fixtures).not.toEqual([]);
});

describe.each(fixtures)('The database of the version of %s', (name) => {
  const { token, executions, answers } = recording.parse(JSON.parse(read(`${name}.json.gz`)));
  let database: { url: string; drop(): Promise<void> };
  let plane: TestControlPlane;
  let atStart: (string | undefined)[];
  const deliveries = new Map<string, unknown>();

  beforeAll(async () => {
    database = await openTestDatabase('empty');
    const sql = postgres(database.url, { max: 1, onnotice: () => {} });
    await sql.unsafe(read(`${name}.sql.gz`)).simple();
    await sql.end();
    const store = await openPostgresStore({ clock: systemClock, logger: silentLogger }, database.url);
    const ids = Object.values(executions);
    atStart = await Promise.all(ids.map(async (id) => (await store.executions.summary(id))?.status));
    for (const at of Object.keys(answers)) {
      const [, kind, id = ''] = deliveriesPath.exec(at) ?? [];
      if (kind === 'webhooks') deliveries.set(at, await store.webhooks.deliveries(id, 100));
      if (kind === 'triggers') deliveries.set(at, await store.triggers.deliveries(id, 100));
    }
    await store.close();
    const keep = Object.fromEntries(
      ['DAYS', 'OUTPUT_DAYS', 'AUDIT_DAYS', 'CASE_DAYS'].map((each) => [`GANTRY_KEEP_${each}`, '0']),
    );
    plane = await startControlPlane({
      DATABASE_URL: database.url,
      GANTRY_SUITES: path.join(here, 'suites'),
      GANTRY_PROCESS_BACKEND: '1',
      GANTRY_SECRET_KEY: 'the key of the fixtures',
      ...keep,
    });
  });
  afterAll(async () => {
    await plane?.close();
    await database?.drop();
  });

  async function ended(id: string) {
    return vi.waitFor(
      async () => {
        const execution = await (await plane.call(`/api/v1/executions/${id}`)).json();
        if (execution.finishedAt === null) throw new Error(`${id} is ${execution.status}`);
        return execution;
      },
      { timeout: 240_000, interval: 200 },
    );
  }

  it('has its executions in each state after the migrations', () => {
    const expected = { rerun: 'failed', fired: 'passed' };
    expect(Object.fromEntries(Object.keys(executions).map((state, at) => [state, atStart[at]]))).toEqual({
      ...Object.fromEntries(Object.keys(executions).map((state) => [state, state])),
      ...expected,
    });
  });

  it('has its deliveries after the migrations', () => {
    expect([...deliveries.keys()].map((at) => at.split('/')[0]).sort()).toEqual(['triggers', 'webhooks']);
    for (const [at, items] of deliveries)
      expect({ at, answer: { items } }).toEqual({ at, answer: answers[at] });
  });

  it('is answered by this version as by its own', async () => {
    expect(Object.keys(answers).length).toBeGreaterThan(50);
    for (const [at, before] of Object.entries(answers)) {
      if (deliveriesPath.test(at)) continue;
      const answer = await plane.call(`/api/v1/${at}`, { headers: { accept: 'application/json' } });
      expect({ at, status: answer.status }).toEqual({ at, status: 200 });
      if (typeof before === 'string') {
        expect({ at, text: withoutHost(await answer.text()) }).toEqual({ at, text: withoutHost(before) });
        continue;
      }
      const now = lasting(at, await answer.json());
      const items = itemsOf(before);
      // A list may have grown since: each item of then must be in it.
      if (items === undefined) expect({ at, now }).toEqual({ at, now: alike(lasting(at, before)) });
      for (const item of items ?? []) expect(itemsOf(now), at).toContainEqual(alike(lasting(at, item)));
    }
  });

  it('has tokens that still count', async () => {
    const session = await (await plane.call('/api/v1/session', { token })).json();
    expect(session).toEqual({ name: 'ci', role: 'member' });
  });

  it('has its running and queued executions taken over, and ended', async () => {
    // The limit of its step has passed since the fixture was recorded.
    expect(await ended(executions.running ?? '')).toMatchObject({
      status: 'timed_out',
      cause: { stepId: 'tests', sentence: expect.stringContaining('timed out') },
    });
    // It waited for the other one, and would run without an end.
    const queued = executions.queued ?? '';
    expect((await plane.post(`/api/v1/executions/${queued}/cancel`, {})).ok).toBe(true);
    expect(await ended(queued)).toMatchObject({ status: 'cancelled', cancelRequestedAt: expect.any(String) });
  });

  it('goes on: its suites run, and their test cases continue their history', async () => {
    const body = { suiteId: 'shop', backend: 'process', profile: 'stored' };
    const { id } = await (await plane.post('/api/v1/executions', body)).json();
    expect((await ended(id)).status).toBe('passed');
    const { items } = await (await plane.call('/api/v1/cases?suite=shop')).json();
    const before = itemsOf(answers.cases) ?? [];
    expect(items.map((item: { id: string }) => item.id).sort()).toEqual(
      before.map((item) => z.object({ id: z.string() }).parse(item).id).sort(),
    );
    const firstId = z.object({ id: z.string() }).parse(before[0]).id;
    const details = await (await plane.call(`/api/v1/cases/${firstId}`)).json();
    expect(JSON.stringify(details)).toContain(id);
    expect(JSON.stringify(details)).toContain(executions.passed);
  });
});
