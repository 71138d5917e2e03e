import fc from 'fast-check';
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
/** A loaded machine is slow; what never ends or does far too much is slower. */
const limitMs = 30_000;

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

it('covers every operation of the document', () => {
  expect(operations.length).toBeGreaterThan(70);
});

it.each(operations)('no request to $id is answered with 500, or too late', async ({ id, operation }) => {
  const requests = fc
    .sample(requestsTo(operation), { seed, numRuns: requestsOfEach })
    .filter(({ caller }) => !(ending.has(id) && caller === 'browser'));
  for (const request of requests) {
    const status = await send(operation, request).catch((error: unknown) => String(error));
    // What is said when it fails is enough to send it again.
    expect({ request, status, isFine: typeof status === 'number' && status !== 500 }).toMatchObject({
      isFine: true,
    });
  }
});

it('goes on answering as before', async () => {
  expect((await fetch(`${plane.url}/api/v1/system/healthz`)).status).toBe(200);
  expect((await plane.call('/api/v1/executions')).status).toBe(200);
});
