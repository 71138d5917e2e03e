import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lockSuite } from '../dependencies/lock-suite';
import { makeSuiteFolder } from '../suites/suite-folder';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';

const secret = 'hunter2/hunter2+"x"';
const root = mkdtempSync(path.join(tmpdir(), 'gantry-suites-api-'));
const unreachable = 'git://127.0.0.1:9/pay.git#v1';

/** Prints its secret and leaves it in a file, and fails with it on its last line. */
const leaky = `
const { TOKEN, GANTRY_ARTIFACTS } = process.env;
for (const text of [TOKEN, JSON.stringify(TOKEN), encodeURIComponent(TOKEN), Buffer.from(TOKEN).toString('base64')]) console.log(text);
require('fs').writeFileSync(GANTRY_ARTIFACTS + '/out.txt', TOKEN);
console.error('fatal: ' + TOKEN);
`;

const suites: Record<string, Record<string, string>> = {
  broken: { 'suite.yaml': 'steps:\n  a: { kind: task, rum: a }' },
  leaky: {
    'suite.yaml':
      'steps: { a: { kind: test, run: [node, leak.cjs], fail_on_logs: [fatal], export: out.txt } }',
    'leak.cjs': leaky,
    'profiles/p.yaml': 'default: true\nsecrets: [{ key: TOKEN, from: "env:LEAKY" }]',
    'profiles/q.yaml': 'secrets: [{ key: TOKEN, from: "env:NOT_THERE" }]',
  },
  child: { 'suite.yaml': 'version: 1.0.0\nsteps: { a: { kind: task, run: cat data } }', data: 'abc' },
  outer: {
    'suite.yaml': 'steps: { child: { kind: suite, ref: child } }',
    'dependencies.yaml': 'child: child:1.0.0\n',
  },
  elsewhere: {
    'suite.yaml': 'steps: { pay: { kind: suite, ref: pay } }',
    'dependencies.yaml': `pay: "${unreachable}"\n`,
    'dependencies.lock.yaml': `pay: { ref: "${unreachable}", digest: "sha256:${'0'.repeat(64)}", files: {} }\n`,
  },
};

describe('The API of suites', () => {
  let gantry: RunningGantry;

  beforeAll(async () => {
    mkdirSync(root, { recursive: true });
    for (const [id, files] of Object.entries(suites)) makeSuiteFolder(files, path.join(root, id));
    await lockSuite(root, 'outer');
    gantry = await startGantry({
      env: { GANTRY_PROCESS_BACKEND: '1', GANTRY_SUITES: root, LEAKY: secret, GANTRY_LOG_LEVEL: 'debug' },
    });
  }, startLimitMs);
  afterAll(async () => {
    await gantry?.stop();
    rmSync(root, { recursive: true, force: true });
  });

  const ask = async (at: string, method = 'GET', body?: object) => {
    const response = await fetch(new URL(at, gantry.url), {
      method,
      headers: { authorization: `Bearer ${gantry.token}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? null : JSON.parse(text),
    };
  };
  const launch = (request: object) => ask('/api/v1/executions', 'POST', { backend: 'process', ...request });

  it('lists suites with what is wrong in them at its line, and shows the topology of one', async () => {
    const { body } = await ask('/api/v1/suites');
    expect(body.items.map(({ id, valid }: { id: string; valid: boolean }) => [id, valid])).toEqual([
      ['broken', false],
      ['child', true],
      ['elsewhere', true],
      ['leaky', true],
      ['outer', true],
    ]);
    expect(body.items[0].problems).toContainEqual({
      file: 'suite.yaml',
      line: 2,
      column: 20,
      message: 'steps.a: unknown key "rum"; did you mean "run"?',
    });
    expect((await ask('/api/v1/suites/outer')).body.topology).toMatchObject([
      { id: 'child/a', source: { suiteId: 'child', alias: 'child', ref: 'child:1.0.0', profile: 'default' } },
    ]);
    expect((await ask('/api/v1/suites/nope')).status).toBe(404);
    expect((await fetch(new URL('/schemas/suite.schema.json', gantry.url))).status).toBe(200);
  });

  it('makes, changes, launches and removes a managed profile', async () => {
    const at = '/api/v1/suites/child/profiles';
    const made = await ask(at, 'POST', { name: 'mine', env: { A: 1 } });
    expect([made.status, made.headers.get('location')]).toEqual([201, `${at}/mine`]);
    const bad = await ask(`${at}/mine`, 'PUT', { env: { GANTRY_X: '1' }, steps: { z: {} } });
    expect([bad.status, bad.body.code]).toEqual([422, 'profile_invalid']);
    expect(bad.body.errors[0].path).toBe('env.GANTRY_X');
    expect((await ask(`${at}/mine`, 'PUT', { default: true, env: { A: 2 } })).body).toMatchObject({
      default: true,
    });
    const { body: plan } = await ask('/api/v1/executions/preview', 'POST', {
      suiteId: 'child',
      backend: 'process',
    });
    expect([plan.profile, plan.nodes[0].env]).toEqual(['mine', { A: '2' }]);
    expect((await ask(`${at}/mine`, 'DELETE')).status).toBe(204);
    expect((await ask(`${at}/mine`)).status).toBe(404);
  });

  it('refuses a launch whose secret is not there, naming it, and tells a server that is down from a broken suite', async () => {
    const missing = await launch({ suiteId: 'leaky', profile: 'q' });
    expect([missing.status, missing.body.code]).toEqual([422, 'secret_missing']);
    expect(missing.body.detail).toContain(
      "TOKEN (env:NOT_THERE: the control plane's environment has no NOT_THERE)",
    );
    const away = await launch({ suiteId: 'elsewhere' });
    expect([away.status, away.body.code, away.headers.get('retry-after')]).toEqual([
      503,
      'dependency_unavailable',
      '5',
    ]);
    expect(away.body.detail).toContain('dependencies.yaml:1:1: pay: the Git repository');
  });

  it('runs a suite with a nested one until a byte of it changes, and then names the file', async () => {
    const { status, body } = await launch({ suiteId: 'outer' });
    expect([status, (await ended(body.id)).status]).toEqual([201, 'passed']);
    writeFileSync(path.join(root, 'child', 'data'), 'abd');
    while ((await ask('/api/v1/suites/outer')).body.valid) await sleep(100);
    const refused = await launch({ suiteId: 'outer' });
    expect([refused.status, refused.body.code]).toEqual([422, 'dependency_invalid']);
    expect(refused.body.errors).toEqual([
      { path: 'dependencies.yaml:1:1', message: expect.stringContaining('data was changed') },
    ]);
  });

  it('shows a secret nowhere: record, specs, streams, artifacts, server log', async () => {
    const { body } = await launch({ suiteId: 'leaky' });
    const execution = await ended(body.id);
    expect(execution.cause.sentence).toContain('***');
    const base = `/api/v1/executions/${body.id}`;
    const artifacts = (await ask(`${base}/artifacts`)).body;
    const list: { id: string }[] = artifacts.items ?? artifacts;
    const places = [
      '',
      '/steps/a',
      '/events',
      '/logs',
      '/logs?format=text',
      ...list.map(({ id }) => `/artifacts/${id}`),
    ];
    const texts = await Promise.all(
      places.map(async (place) => (await gantry.call(`${base}${place}`)).text()),
    );
    texts.push(gantry.output());
    const forms = [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)];
    forms.push(Buffer.from(secret).toString('base64').slice(0, -3));
    for (const [index, text] of texts.entries()) {
      for (const form of forms) expect(text.includes(form), places[index] ?? 'the server log').toBe(false);
    }
    expect(list).toHaveLength(1);
    expect(texts[3]).toContain('fatal: ***');
    expect(texts[1]).toContain('"TOKEN":"***"');
  });

  /** The stream ends with the execution. */
  async function ended(id: string) {
    await (
      await gantry.call(`/api/v1/executions/${id}/events`, { headers: { accept: 'text/event-stream' } })
    ).text();
    return (await ask(`/api/v1/executions/${id}`)).body;
  }
});
