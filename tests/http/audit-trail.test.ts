import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createCallerShares } from '@/lib/http/caller-shares';
import { createRoute, type RouteContext } from '@/lib/http/route';
import { hashToken, newTokenText } from '@/lib/identity/token-text';
import type { NewAuditEntry } from '@/lib/model/audit';
import { AppError } from '@/lib/model/errors';
import type { Role } from '@/lib/store/store';
import { noEngine, noStreams } from '@/tests/support/no-streams';
import { openTestStore } from '../support/database';
import { createFakeClock } from '../support/fake-clock';

let opened: Awaited<ReturnType<typeof openTestStore>>;
let context: RouteContext;
let clock: ReturnType<typeof createFakeClock>;
let entries: NewAuditEntry[];
let errors: object[];
let isBroken = false;

beforeAll(async () => {
  opened = await openTestStore();
});
afterAll(() => opened.close());
beforeEach(() => {
  entries = [];
  errors = [];
  isBroken = false;
  clock = createFakeClock();
  const ignore = () => undefined;
  const audit: RouteContext['store']['audit'] = {
    ...opened.store.audit,
    add: async (added) => {
      if (isBroken) throw new AppError('store_unavailable', 'the database cannot be reached');
      entries.push(...added);
    },
  };
  context = {
    clock,
    store: { ...opened.store, audit },
    config: { secureCookies: false, reauthenticationMs: 900_000 },
    sse: noStreams,
    engine: noEngine,
    shares: createCallerShares(2, 2),
    logger: { debug: ignore, info: ignore, warn: ignore, error: (fields) => void errors.push(fields) },
  };
});

async function tokenOf(role: Role): Promise<string> {
  const text = newTokenText('api');
  await opened.store.tokens.add({ kind: 'api', name: `a ${role}`, role, expiresAt: null }, hashToken(text));
  return text;
}

const route = () => createRoute(async () => context);
const act = { access: 'member', audit: { action: 'execution.cancel', subject: 'execution' } } as const;
const params = { params: Promise.resolve({ id: 'x-1' }) };

function ask(token: string | null, headers: Record<string, string> = {}, body?: string): Request {
  return new Request('http://gantry/x', {
    method: 'POST',
    headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers },
    ...(body === undefined ? {} : { body }),
  });
}

describe('an act', () => {
  it('is recorded when it is done: who, what, to what, and from where', async () => {
    const POST = route()(act, async () => Response.json({}));
    await POST(ask(await tokenOf('member'), { 'x-forwarded-for': 'made-up, 192.0.2.7' }), params);
    expect(entries).toEqual([
      {
        actor: { kind: 'token', id: expect.any(String), name: 'a member' },
        action: 'execution.cancel',
        subject: { kind: 'execution', id: 'x-1' },
        outcome: 'allowed',
        detail: {},
        address: '192.0.2.7',
      },
    ]);
  });

  it('is recorded once when its route does so itself', async () => {
    const POST = route()(act, async ({ audit }) => {
      await audit.record({ detail: { why: 'slow' } });
      return Response.json({});
    });
    await POST(ask(await tokenOf('member')), params);
    expect(entries).toMatchObject([{ outcome: 'allowed', detail: { why: 'slow' } }]);
  });

  it.each([
    ['conflict', 'refused'],
    ['backend_failed', 'failed'],
  ] as const)('that ends with %s is recorded as %s', async (code, outcome) => {
    const POST = route()(act, async () => {
      throw new AppError(code, 'It has ended already.');
    });
    const answer = await POST(ask(await tokenOf('member')), params);
    expect((await answer.json()).code).toBe(code);
    expect(entries).toMatchObject([{ outcome, detail: { code, reason: 'It has ended already.' } }]);
  });

  it('that fails after its answer has begun is recorded, once', async () => {
    let work = Promise.resolve();
    const POST = route()(act, async ({ audit }) => {
      work = audit.during(async () => {
        await audit.record({});
        throw new AppError('backend_failed', 'It went away.');
      });
      work.catch(() => undefined);
      return Response.json({});
    });
    await POST(ask(await tokenOf('member')), params);
    await expect(work).rejects.toThrow('It went away.');
    expect(entries.map(({ outcome }) => outcome)).toEqual(['allowed', 'failed']);
  });

  it('is refused to whoever may not, and that is recorded; a request that is not valid is no act', async () => {
    const POST = route()({ ...act, body: z.object({ a: z.string() }) }, async () => Response.json({}));
    const json = { 'content-type': 'application/json' };
    expect((await POST(ask(await tokenOf('viewer'), json, '{"a":"b"}'), params)).status).toBe(403);
    expect((await POST(ask(null, json, '{"a":"b"}'), params)).status).toBe(401);
    expect((await POST(ask(await tokenOf('member'), json, '{"a":1}'), params)).status).toBe(400);
    expect(entries).toMatchObject([
      { actor: { kind: 'token', name: 'a viewer' }, outcome: 'refused', detail: { code: 'forbidden' } },
      { actor: { kind: 'anonymous', id: null }, outcome: 'refused', detail: { code: 'unauthorized' } },
    ]);
  });

  it('leaves no trace of the token that was shown', async () => {
    const token = `gantry_api_${'z'.repeat(40)}`;
    const POST = route()(act, async () => Response.json({}));
    await POST(ask(token), params);
    expect(entries).toHaveLength(1);
    expect(JSON.stringify([entries, errors])).not.toContain('zzz');
  });
});

describe('when the audit log cannot be written', () => {
  it('what must not happen unrecorded does not happen', async () => {
    let happened = false;
    const POST = route()(act, async ({ audit }) => {
      await audit.record({});
      happened = true;
      return Response.json({});
    });
    isBroken = true;
    const answer = await POST(ask(await tokenOf('member')), params);
    expect([answer.status, (await answer.json()).code]).toEqual([503, 'store_unavailable']);
    expect(happened).toBe(false);
    expect(errors).toMatchObject([{ entries: [{ action: 'execution.cancel', outcome: 'failed' }] }]);
  });

  it('what has happened is answered as it is, and the entry is in the log of the server', async () => {
    const POST = route()(act, async () => Response.json({ ok: true }));
    isBroken = true;
    const answer = await POST(ask(await tokenOf('member')), params);
    expect(await answer.json()).toEqual({ ok: true });
    expect(errors).toMatchObject([{ entries: [{ action: 'execution.cancel', subject: { id: 'x-1' } }] }]);
  });
});

it('a flood of refusals of nobody in particular is counted instead of recorded', async () => {
  const POST = route()(act, async () => Response.json({}));
  for (let sent = 0; sent < 150; sent += 1) await POST(ask(null), params);
  expect(entries).toHaveLength(120);
  await POST(ask(await tokenOf('viewer')), params);
  expect(entries).toHaveLength(121);
  await clock.advance(60_000);
  await POST(ask(null), params);
  expect(entries.at(-1)?.detail).toMatchObject({ unrecordedBefore: 30 });
});
