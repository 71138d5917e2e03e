import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '@/lib/clock';
import type { WebhookRequest } from '@/lib/model/webhook';
import { createEnvSource } from '@/lib/secrets/env-source';
import { openSecrets } from '@/lib/secrets/open-secrets';
import { runWebhooks } from '@/lib/webhooks/run-webhooks';
import { createWebhooks, type Webhooks } from '@/lib/webhooks/webhooks';
import { openWorld, type World } from '../engine/world';
import { silentLogger } from '../support/database';
import { plainClient } from '../support/plain-client';
import { makePlan } from '../support/plan';

const waitOptions = { timeout: 30_000, interval: 100 };
const key = Buffer.from('a key of thirty-two bytes or more');
const secret = `whsec_${key.toString('base64')}`;
const secrets = openSecrets({
  env: createEnvSource({ HOOK_SECRET: secret, PLAIN_SECRET: 'a plain secret', BROKEN_SECRET: 'whsec_%%%' }),
});

interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

let world: World;
let webhooks: Webhooks;
let receiver: Server;
let address: string;
let received: Received[];
/** What the receiver answers with, one after another; 204 when there is none. */
let answers: number[];
let stopping: AbortController;
let running: Promise<unknown>;

beforeAll(async () => {
  world = await openWorld({ script: { bad: [{ exitCode: 1 }] } });
  world.startEngine();
  webhooks = createWebhooks({ clock: systemClock, store: world.store });
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      received.push({ path: request.url ?? '', headers: request.headers, body });
      response.writeHead(answers.shift() ?? 204, { location: '/elsewhere' }).end();
    });
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  address = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
});
beforeEach(() => {
  received = [];
  answers = [];
  stopping = new AbortController();
  running = Promise.resolve();
});
afterEach(async () => {
  stopping.abort();
  await running;
  for (const { id } of await webhooks.list()) await webhooks.remove(id);
});
afterAll(async () => {
  receiver.closeAllConnections();
  receiver.close();
  await world.close();
});

function start({ allowsPrivateAddresses = true, planes = 1 } = {}): void {
  const deps = {
    clock: systemClock,
    logger: silentLogger,
    store: world.store,
    secrets,
    outgoing: plainClient,
    allowsPrivateAddresses,
    publicUrl: null,
  };
  running = Promise.all(Array.from({ length: planes }, () => runWebhooks(deps, stopping.signal)));
}

async function make(request: Partial<WebhookRequest> = {}): Promise<string> {
  const whole = {
    name: 'chat',
    url: `${address}/hook`,
    events: ['execution.passed', 'execution.failed'] as const,
    secretFrom: 'env:HOOK_SECRET',
    form: 'gantry' as const,
    enabled: true,
    ...request,
  };
  return (await webhooks.save(null, { ...whole, events: [...whole.events] }, 'ada')).id;
}

async function run(step: 'good' | 'bad'): Promise<string> {
  return (await world.run(makePlan({ nodes: [{ id: step, kind: 'test' }] }))).id;
}

const only = async (id: string) => (await webhooks.deliveries(id, 10))[0];

/** Another implementation of the signature than the one that signs. */
function signatureOf({ headers, body }: Received, bytes: Buffer): string {
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  return `v1,${createHmac('sha256', bytes).update(signed).digest('base64')}`;
}

describe('a webhook', () => {
  it('gets one signed message of an execution, also from two control planes', async () => {
    const id = await make();
    const plain = await make({ name: 'plain', url: `${address}/plain`, secretFrom: 'env:PLAIN_SECRET' });
    start({ planes: 2 });
    const executionId = await run('good');
    await vi.waitFor(async () => {
      for (const each of [id, plain]) expect(await only(each)).toMatchObject({ status: 'delivered' });
    }, waitOptions);
    expect(received).toHaveLength(2);
    const message = received.find(({ path }) => path === '/hook');
    if (!message) throw new Error('nothing came to /hook');
    expect(message.headers['webhook-signature']).toBe(signatureOf(message, key));
    expect(message.headers['webhook-id']).toBe((await only(id))?.id);
    const ageS = Date.now() / 1000 - Number(message.headers['webhook-timestamp']);
    expect(Math.abs(ageS)).toBeLessThan(120);
    const finished = await world.store.executions.summary(executionId);
    expect(JSON.parse(message.body)).toMatchObject({
      type: 'execution.passed',
      timestamp: finished?.finishedAt,
      data: { executionId, status: 'passed', author: 'ada', finishedAt: finished?.finishedAt },
    });
    const other = received.find(({ path }) => path === '/plain');
    expect(other?.headers['webhook-signature']).toBe(
      other && signatureOf(other, Buffer.from('a plain secret')),
    );
    expect(JSON.stringify(await webhooks.list())).not.toContain(key.toString('base64'));
  });

  it('sets the status of a commit, only for executions that name one', async () => {
    const id = await make({ form: 'github', url: `${address}/repos/shop`, secretFrom: 'env:PLAIN_SECRET' });
    start();
    await run('good');
    const commit = 'f'.repeat(40);
    const executionId = await world.submit(makePlan({ nodes: [{ id: 'bad', kind: 'test' }] }), { commit });
    await world.ended(executionId);
    await vi.waitFor(async () => expect(await only(id)).toMatchObject({ status: 'delivered' }), waitOptions);
    expect(received).toHaveLength(1);
    expect(received[0]).toMatchObject({
      path: `/repos/shop/statuses/${commit}`,
      headers: { authorization: 'Bearer a plain secret' },
    });
    const status = JSON.parse(received[0]?.body ?? '');
    expect(status).toMatchObject({ state: 'failure', context: 'gantry/suite' });
    expect(status.description).toContain('bad');
  });

  it('says once that a suite needs attention', async () => {
    await run('good');
    const id = await make({ events: ['execution.needs_attention'] });
    start();
    for (const step of ['good', 'bad', 'bad', 'good'] as const) await run(step);
    const passed = await make({ events: ['execution.passed'] });
    await run('good');
    await vi.waitFor(
      async () => expect(await only(passed)).toMatchObject({ status: 'delivered' }),
      waitOptions,
    );
    await vi.waitFor(
      async () =>
        expect(await webhooks.deliveries(id, 10)).toMatchObject([
          { event: 'execution.needs_attention', status: 'delivered' },
        ]),
      waitOptions,
    );
  });

  it('is told when the result of a suite has changed, and not of the same result again', async () => {
    await run('good');
    const id = await make({ events: ['execution.became_failed', 'execution.became_passed'] });
    start();
    for (const step of ['good', 'bad', 'bad', 'good', 'good'] as const) await run(step);
    await vi.waitFor(async () => {
      const deliveries = await webhooks.deliveries(id, 10);
      expect(deliveries.filter(({ status }) => status === 'delivered')).toHaveLength(2);
    }, waitOptions);
    const deliveries = await webhooks.deliveries(id, 10);
    expect(deliveries.map(({ event }) => event).sort()).toEqual([
      'execution.became_failed',
      'execution.became_passed',
    ]);
  });

  it('gets the message again with the same id after a failure, and when somebody asks for it', async () => {
    answers = [500];
    const id = await make();
    start();
    await run('bad');
    await vi.waitFor(async () => expect(await only(id)).toMatchObject({ attempts: 1 }), waitOptions);
    expect(await only(id)).toMatchObject({
      status: 'waiting',
      lastAttempt: { status: 500, error: 'The receiver answered 500.' },
    });
    await vi.waitFor(async () => expect(await only(id)).toMatchObject({ status: 'delivered' }), waitOptions);
    await webhooks.sendAgain((await only(id))?.id ?? '');
    await vi.waitFor(() => expect(received).toHaveLength(3), waitOptions);
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });

  it('follows no redirect', async () => {
    answers = [302];
    const id = await make();
    start();
    await run('good');
    await vi.waitFor(async () => expect(await only(id)).toMatchObject({ attempts: 1 }), waitOptions);
    expect((await only(id))?.lastAttempt?.error).toBe('The receiver redirects (302), which is not followed.');
    expect(received.map(({ path }) => path)).toEqual(['/hook']);
  });

  it('is given up after a day, and at once where the receiver is gone', async () => {
    answers = [410, 500];
    const goneId = await make();
    start();
    await run('good');
    await vi.waitFor(
      async () => expect(await only(goneId)).toMatchObject({ status: 'given_up' }),
      waitOptions,
    );
    await webhooks.sendAgain((await only(goneId))?.id ?? '');
    const sql = postgres(world.url, { max: 1 });
    await sql`update webhook_deliveries set status = 'waiting', trying_since = now() - interval '25 hours'`;
    await sql.end();
    await vi.waitFor(
      async () =>
        expect(await only(goneId)).toMatchObject({
          status: 'given_up',
          nextAt: null,
          lastAttempt: { status: 500 },
        }),
      waitOptions,
    );
  });

  it.each([
    ['an address', 'http://127.0.0.1:1/', '127.0.0.1 is not an address of the public internet.'],
    ['a name', 'http://localhost:1/', 'which is not an address of the public internet.'],
    ['an address in another form', 'http://0x7f000001:1/', '127.0.0.1 is not an address'],
    ['an address of IPv6', 'http://[::1]:1/', '::1 is not an address'],
  ])('sends nothing to this machine by %s', async (_, url, reason) => {
    const id = await make({ url });
    start({ allowsPrivateAddresses: false });
    await run('good');
    await vi.waitFor(async () => expect(await only(id)).toMatchObject({ attempts: 1 }), waitOptions);
    expect((await only(id))?.lastAttempt?.error).toContain(reason);
  });

  it('reports a secret that is not there without sending anything', async () => {
    const id = await make({ secretFrom: 'env:NOT_THERE' });
    start();
    await run('good');
    await vi.waitFor(async () => expect(await only(id)).toMatchObject({ attempts: 1 }), waitOptions);
    expect((await only(id))?.lastAttempt).toMatchObject({ status: null });
    expect((await only(id))?.lastAttempt?.error).toContain('NOT_THERE');
    expect(received).toEqual([]);
  });

  it('whose message cannot be formed says so, and is tried again as others are', async () => {
    const id = await make({ secretFrom: 'env:BROKEN_SECRET' });
    start();
    await run('good');
    await vi.waitFor(
      async () => expect(await only(id)).toMatchObject({ status: 'waiting', attempts: 1 }),
      waitOptions,
    );
    expect((await only(id))?.lastAttempt?.error).toBe(
      'The message cannot be formed: look at the secret of the webhook and at its URL.',
    );
  });

  it('gets nothing while it is off, nor of another suite', async () => {
    const off = await make({ enabled: false });
    const other = await make({ suiteId: 'another' });
    const own = await make({ name: 'own' });
    start();
    await run('good');
    await vi.waitFor(async () => expect(await only(own)).toMatchObject({ status: 'delivered' }), waitOptions);
    expect([await only(off), await only(other)]).toEqual([undefined, undefined]);
  });
});
