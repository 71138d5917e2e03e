import { createHmac } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Webhook as Signer } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '@/lib/clock';
import type { TriggerProvider, TriggerRequest } from '@/lib/model/trigger';
import { createEnvSource } from '@/lib/secrets/env-source';
import { openSecrets } from '@/lib/secrets/open-secrets';
import { createTriggers, type Triggers } from '@/lib/triggers/triggers';
import { verifyMessage } from '@/lib/triggers/verify-message';
import { makeSuiteFolder } from '../suites/suite-folder';
import { type RealEngine, startRealEngine } from '../support/real-engine';
import { silentLogger } from '../support/silent-logger';

const secret = 'a secret of thirty-two characters';
const secrets = openSecrets({ env: createEnvSource({ HOOK: secret, EMPTY: '' }) });
let root: string;
let gantry: RealEngine;
let triggers: Triggers;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'gantry-triggers-'));
  const suite = 'steps: { main: { kind: task, run: \'test "$COMMIT" = abc\' } }';
  makeSuiteFolder(suite, path.join(root, 'shop'));
  makeSuiteFolder('steps: { main: { kind: tsk } }', path.join(root, 'invalid'));
  gantry = await startRealEngine({ suiteRoots: [root] });
  const { engine, store } = gantry;
  triggers = createTriggers({ clock: systemClock, logger: silentLogger, store, secrets, engine });
});

afterAll(async () => {
  await gantry?.close();
  rmSync(root, { recursive: true, force: true });
});

const made = (provider: TriggerProvider, change: Partial<TriggerRequest> = {}) =>
  triggers.save(
    null,
    {
      name: `pushes by ${provider}`,
      provider,
      secretFrom: 'env:HOOK',
      suiteId: 'shop',
      backend: 'process',
      events: [],
      when: {},
      env: { COMMIT: 'after' },
      labels: { commit: 'after' },
      enabled: true,
      ...change,
    },
    'admin',
  );

let count = 0;
/** No two are alike. */
function push(change: object = {}): string {
  count += 1;
  return JSON.stringify({ type: 'push', after: 'abc', count, ...change });
}

const hmac = (body: string) => createHmac('sha256', secret).update(body).digest('hex');

function standard(body: string, at = new Date()): Record<string, string> {
  const id = `msg_${count}`;
  const signature = new Signer(secret, { format: 'raw' }).sign(id, at, body);
  const time = String(Math.floor(at.getTime() / 1_000));
  return { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signature };
}

/** How each sender signs a body. */
const signed: Record<string, [TriggerProvider, (body: string) => Record<string, string>]> = {
  GitHub: ['github', (body) => ({ 'x-hub-signature-256': `sha256=${hmac(body)}`, 'x-github-event': 'push' })],
  Gitea: ['gitea', (body) => ({ 'x-gitea-signature': hmac(body), 'x-gitea-event': 'push' })],
  'GitLab with a signature': ['gitlab', (body) => ({ ...standard(body), 'x-gitlab-event': 'push' })],
  'GitLab with a token': [
    'gitlab',
    () => ({ 'x-gitlab-token': secret, 'x-gitlab-event': 'push', 'idempotency-key': `key-${count}` }),
  ],
  'any program': ['hmac', (body) => ({ 'x-signature-256': hmac(body) })],
  'Standard Webhooks': ['standard', standard],
};

const receive = (id: string, body: string, headers: Record<string, string>) =>
  triggers.receive(id, { headers: new Headers(headers), body: Buffer.from(body) });

describe.each(Object.entries(signed))('a trigger for %s', (_, [provider, sign]) => {
  it('launches its suite once, with what the message says', async () => {
    const { id, name } = await made(provider, { events: ['push'] });
    const body = push();
    const headers = sign(body);
    const { executionId } = await receive(id, body, headers);
    const execution = await gantry.ended(executionId ?? '');
    expect(execution).toMatchObject({
      status: 'passed',
      author: `trigger ${name}`,
      labels: { commit: 'abc', trigger: name },
    });
    await expect(receive(id, body, headers)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(execution.id),
    });
    expect(await triggers.deliveries(id, 10)).toMatchObject([
      { status: 'launched', event: 'push', executionId: execution.id, reason: null },
    ]);
  });

  it('refuses what is not signed with its secret', async () => {
    const { id } = await made(provider);
    const body = push();
    const headers = sign(body);
    const tampered = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name,
        /signature|token/.test(name) ? `x${value}` : value,
      ]),
    );
    for (const wrong of [{}, tampered])
      await expect(receive(id, body, wrong)).rejects.toMatchObject({ code: 'unauthorized' });
    if (!('x-gitlab-token' in headers))
      await expect(receive(id, push(), headers)).rejects.toMatchObject({ code: 'unauthorized' });
    expect(await triggers.deliveries(id, 10)).toEqual([]);
  });
});

describe('a trigger', () => {
  it("takes GitHub's own example of a signature", () => {
    const headers = new Headers({
      'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    });
    const verify = (text: string) =>
      verifyMessage('github', "It's a Secret to Everybody", { headers, body: Buffer.from(text) });
    // Rightly signed, and no JSON.
    expect(() => verify('Hello, World!')).toThrow('not valid JSON');
    expect(() => verify('Hello, World?')).toThrow('not signed as the trigger expects');
  });

  it('takes a form with the message in it', async () => {
    const { id } = await made('github', { when: { after: 'nothing' } });
    const body = new URLSearchParams({ payload: push() }).toString();
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const outcome = await receive(id, body, { ...type, 'x-hub-signature-256': `sha256=${hmac(body)}` });
    expect(outcome).toEqual({
      status: 'ignored',
      executionId: null,
      reason: 'after is abc; expected nothing.',
    });
  });

  it('reads what begins as JSON as JSON, whatever type the sender names', async () => {
    const { id } = await made('github', { when: { after: 'nothing' } });
    const body = push({ title: `&payload=${encodeURIComponent(push({ after: 'nothing' }))}&` });
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const outcome = await receive(id, body, { ...type, 'x-hub-signature-256': `sha256=${hmac(body)}` });
    expect(outcome).toMatchObject({ status: 'ignored', reason: 'after is abc; expected nothing.' });
  });

  it('refuses an old message of Standard Webhooks', async () => {
    const { id } = await made('standard');
    const body = push();
    const old = standard(body, new Date(Date.now() - 3_600_000));
    await expect(receive(id, body, old)).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it('launches one execution of messages that come at once', async () => {
    const { id } = await made('hmac');
    const body = push({ after: 'of several' });
    const headers = { 'x-signature-256': hmac(body) };
    const results = await Promise.allSettled([1, 2, 3].map(() => receive(id, body, headers)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const label = { key: 'commit', value: 'of several' };
    const { items } = await gantry.store.executions.list({ label }, 50, null);
    expect(items).toHaveLength(1);
  });

  it('keeps why a suite could not be launched, and takes the message again', async () => {
    const { id, ...request } = await made('hmac', { suiteId: 'invalid' });
    const body = push();
    const headers = { 'x-signature-256': hmac(body) };
    await expect(receive(id, body, headers)).rejects.toMatchObject({ code: 'suite_invalid' });
    expect(await triggers.deliveries(id, 10)).toMatchObject([{ status: 'refused', executionId: null }]);
    const { createdAt: _, changedAt: _at, changedBy: _by, ...rest } = request;
    await triggers.save(id, { ...rest, suiteId: 'shop' }, 'admin');
    expect(await receive(id, body, headers)).toMatchObject({ status: 'launched' });
    expect(await triggers.deliveries(id, 10)).toMatchObject([{ status: 'launched' }]);
  });

  it('lets nobody in when it is off, away, or has an empty secret', async () => {
    const body = push();
    const headers = { 'x-signature-256': createHmac('sha256', '').update(body).digest('hex') };
    const off = await made('hmac', { enabled: false });
    await expect(receive(off.id, body, headers)).rejects.toMatchObject({ code: 'not_found' });
    await expect(receive('nothing', body, headers)).rejects.toMatchObject({ code: 'not_found' });
    const empty = await made('hmac', { secretFrom: 'env:EMPTY' });
    await expect(receive(empty.id, body, headers)).rejects.toMatchObject({
      code: 'secret_unavailable',
      message: expect.not.stringContaining('EMPTY'),
    });
    const nowhere = await made('hmac', { secretFrom: 'env:NOWHERE' });
    await expect(receive(nowhere.id, body, headers)).rejects.toMatchObject({
      code: 'secret_unavailable',
      message: expect.not.stringContaining('NOWHERE'),
    });
    // What is not signed at all asks for no secret.
    await expect(receive(nowhere.id, body, {})).rejects.toMatchObject({ code: 'unauthorized' });
  });
});
