import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openApiDocument } from '@/lib/http/openapi/document';
import type { Operation } from '@/lib/http/operations/operation';
import { apiTags } from '@/lib/http/operations/tags';
import { sessionCookieName } from '@/lib/identity/session-cookie';
import { hashToken, newTokenText } from '@/lib/identity/token-text';
import type { Role } from '@/lib/store/store';
import { startControlPlane, type TestControlPlane } from '../agents/control-plane';
import { hostileValue, type Schema } from './hostile-values';

/** The same requests in every run; another number finds others. */
const seed = Number(process.env.GANTRY_FUZZ_SEED ?? 20261129);
const requestsOfEach = 6;
/** What never ends. */
const limitMs = 30_000;
/** An answer may take as long. On a loaded machine anything may be late once, so the fastest of some tries counts. */
const answerMs = 1_000;
const tries = 5;
/** Of memory that is still used after it was collected: what one large body takes several times. */
const maxGrowthBytes = 24 * 1024 * 1024;

const operations = apiTags.flatMap(({ operations: all }) =>
  Object.entries<Operation>(all).map(([id, operation]) => ({ id, operation })),
);
const document: Schema = JSON.parse(JSON.stringify(openApiDocument()));
/** These end what the others need. */
const ending = new Set(['signOut', 'revokeSessions']);

let plane: TestControlPlane;
const callers = new Map<string, () => Record<string, string>>();

async function tokenOf(kind: 'api' | 'session' | 'agent', role: Role): Promise<string> {
  const text = newTokenText(kind);
  await plane.server().store.tokens.add({ kind, name: `a ${role}`, role, expiresAt: null }, hashToken(text));
  return text;
}

beforeAll(async () => {
  plane = await startControlPlane();
  callers.set('nobody', () => ({}));
  callers.set('forged', () => ({ authorization: `Bearer gantry_api_${'A'.repeat(43)}` }));
  for (const role of ['viewer', 'member', 'admin', 'agent'] as const) {
    const text = await tokenOf(role === 'agent' ? 'agent' : 'api', role);
    callers.set(role, () => ({ authorization: `Bearer ${text}` }));
  }
  const session = await tokenOf('session', 'member');
  const cookie = `${sessionCookieName(plane.server())}=${session}`;
  callers.set('browser', () => ({ cookie, 'sec-fetch-site': 'same-origin' }));
  callers.set('other site', () => ({ cookie, 'sec-fetch-site': 'cross-site' }));
});
afterAll(() => plane?.close());

interface FuzzedRequest {
  caller: string;
  parameters: string[];
  query: [string, string][];
  body: unknown;
  type: string;
}

/** What a request to this operation may look like, from its entry in the document and from nowhere near it. */
function requestsTo(operation: Operation): fc.Arbitrary<FuzzedRequest> {
  const described = ['paths', operation.path, operation.method.toLowerCase()].reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    document,
  );
  const entry = (described ?? {}) as { parameters?: { in: string; name: string }[]; requestBody?: Schema };
  const names = (entry.parameters ?? []).filter((each) => each.in === 'query').map(({ name }) => name);
  const content = (entry.requestBody?.content ?? {}) as Record<string, { schema?: Schema }>;
  const schema = content['application/json']?.schema;
  const text = hostileValue({ type: 'string' }, document);
  return fc.record({
    caller: fc.constantFrom(...callers.keys()),
    parameters: fc.array(text.map(String), { minLength: 3, maxLength: 3 }),
    query: fc.array(fc.tuple(fc.constantFrom(...names, 'unknown'), text.map(String)), { maxLength: 3 }),
    body: schema ? hostileValue(schema, document) : fc.anything(),
    type: fc.constantFrom(...Array(6).fill('application/json'), 'text/plain', 'application/json; x', ''),
  });
}

async function send({ method, path }: Operation, request: FuzzedRequest): Promise<number> {
  let index = -1;
  const place = path.replace(/\{\w+\}/g, () => {
    index += 1;
    // An empty part would be another path.
    return encodeURIComponent(Buffer.from((request.parameters[index] || 'x').slice(0, 2_000)).toString());
  });
  const query = new URLSearchParams(request.query.map(([name, value]) => [name, value.slice(0, 2_000)]));
  const takesBody = method === 'POST' || method === 'PUT';
  const left = new AbortController();
  const late = setTimeout(() => left.abort(), limitMs);
  try {
    const answer = await fetch(`${plane.url}${place}?${query}`, {
      method,
      signal: left.signal,
      headers: {
        ...callers.get(request.caller)?.(),
        ...(takesBody && request.type ? { 'content-type': request.type } : {}),
      },
      ...(takesBody ? { body: jsonOf(request.body) } : {}),
    });
    // A stream is open until somebody leaves.
    if (answer.headers.get('content-type')?.startsWith('text/event-stream')) await answer.body?.cancel();
    else await answer.arrayBuffer();
    return answer.status;
  } finally {
    clearTimeout(late);
    left.abort();
  }
}

/** JSON of anything; half of a surrogate pair, which no text on the wire can be, stays as an escape. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '{';
  } catch {
    return '{"cut": ';
  }
}

/** The status, and how long the fastest of some tries took; a request that is answered at once is sent once. */
async function answerTo(operation: Operation, request: FuzzedRequest) {
  let fastestMs = Number.POSITIVE_INFINITY;
  let status: number | string = 0;
  for (let count = 0; count < tries && fastestMs > answerMs; count += 1) {
    const startedMs = performance.now();
    status = await send(operation, request).catch((error: unknown) => String(error));
    fastestMs = Math.min(fastestMs, performance.now() - startedMs);
    if (typeof status !== 'number' || status === 500) break;
  }
  return { status, fastestMs };
}

it('covers every operation of the document', () => {
  expect(operations.length).toBeGreaterThan(70);
});

it.each(operations)('no request to $id is answered with 500, or too late', async ({ id, operation }) => {
  const requests = fc
    .sample(requestsTo(operation), { seed, numRuns: requestsOfEach })
    .filter(({ caller }) => !(ending.has(id) && caller === 'browser'));
  for (const request of requests) {
    const { status, fastestMs } = await answerTo(operation, request);
    const isFine = typeof status === 'number' && status !== 500 && fastestMs <= answerMs;
    // What is said when it fails is enough to send it again.
    expect({ request, status, fastestMs, isFine }).toMatchObject({ isFine: true });
  }
});

it('goes on answering as before', async () => {
  expect((await fetch(`${plane.url}/api/v1/system/healthz`)).status).toBe(200);
  expect((await plane.call('/api/v1/executions')).status).toBe(200);
});

/** Of every table, by name. */
async function countRows(): Promise<Record<string, number>> {
  const sql = postgres(process.env.DATABASE_URL ?? '', { max: 1, onnotice: () => undefined });
  try {
    const tables = await sql<
      { name: string }[]
    >`select tablename as name from pg_tables where schemaname = 'public'`;
    const counts: Record<string, number> = {};
    for (const { name } of tables) {
      const [row] = await sql<{ count: number }[]>`select count(*)::integer as count from ${sql(name)}`;
      counts[name] = row?.count ?? Number.NaN;
    }
    return counts;
  } finally {
    await sql.end();
  }
}

/** Bytes that are in use once everything that nobody needs was collected. The server is of this process. */
function usedBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

it('keeps nothing of what strangers send, but for the refusals that the audit log takes', async () => {
  const strangers = ['nobody', 'forged'];
  const sendAll = async (from: number) => {
    for (const { operation } of operations) {
      const requests = fc.sample(requestsTo(operation), { seed: from, numRuns: requestsOfEach });
      for (const [index, request] of requests.entries())
        await send(operation, { ...request, caller: strangers[index % 2] ?? '' });
    }
  };
  // Whatever is made once, such as the code of a route, is there after these.
  await sendAll(seed + 1);
  const [bytesBefore, rowsBefore, startedMs] = [usedBytes(), await countRows(), performance.now()];
  await sendAll(seed + 2);
  const minutes = Math.ceil((performance.now() - startedMs) / 60_000) + 1;
  expect(usedBytes() - bytesBefore).toBeLessThan(maxGrowthBytes);
  const { audit_entries: before = 0, ...others } = rowsBefore;
  const { audit_entries: after = 0, ...othersAfter } = await countRows();
  expect(othersAfter).toEqual(others);
  expect(after - before).toBeLessThanOrEqual(120 * minutes);
});
