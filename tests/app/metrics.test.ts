import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BreakableProxy, openBreakableProxy } from '../support/breakable-proxy';
import { openTestDatabase } from '../support/database';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';

const limitMs = 300_000;
const label = String.raw`[a-z_]+="(?:[^"\\\n]|\\["\\n])*"`;
const sample = new RegExp(
  String.raw`^([a-z_][a-z0-9_]*)(\{${label}(?:,${label})*\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|NaN|\+Inf)$`,
);

/** By name and labels. Fails where it is not the text format of Prometheus, version 0.0.4. */
function parse(text: string): Map<string, number> {
  expect(text.endsWith('\n')).toBe(true);
  const samples = new Map<string, number>();
  let family: { name: string; type: string } | null = null;
  const families = new Set<string>();
  for (const line of text.split('\n').filter(Boolean)) {
    const [, type, name = ''] = /^# (HELP|TYPE) ([a-z_][a-z0-9_]*) .+$/.exec(line) ?? [];
    if (type === 'HELP') {
      expect(families).not.toContain(name);
      families.add(name);
      family = { name, type: '' };
      continue;
    }
    if (type === 'TYPE') {
      expect(family?.name).toBe(name);
      family = { name, type: line.split(' ').at(-1) ?? '' };
      expect(['counter', 'gauge', 'histogram', 'summary']).toContain(family.type);
      continue;
    }
    const [, of = '', labels = '', value] = sample.exec(line) ?? [];
    expect({
      line,
      family: of.replace(family?.type === 'histogram' ? /_(bucket|sum|count)$/ : '', ''),
    }).toEqual({
      line,
      family: family?.name,
    });
    expect(samples.has(of + labels)).toBe(false);
    samples.set(of + labels, Number(value));
  }
  return samples;
}

describe('The metrics of a running Gantry', () => {
  let gantry: RunningGantry;
  let proxy: BreakableProxy;
  let database: Awaited<ReturnType<typeof openTestDatabase>>;

  beforeAll(async () => {
    database = await openTestDatabase();
    proxy = await openBreakableProxy(database.url);
    gantry = await startGantry({ env: { GANTRY_PROCESS_BACKEND: '1', DATABASE_URL: proxy.url } });
  }, startLimitMs);
  afterAll(async () => {
    await gantry?.stop();
    await proxy?.close();
    await database?.drop();
  });

  const scrape = async () => {
    const answer = await fetch(new URL('/metrics', gantry.url));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; *version=0\.0\.4/);
    const text = await answer.text();
    return { text, samples: parse(text) };
  };
  /** The text may be a second old. */
  const soon = (name: string) =>
    expect.poll(async () => (await scrape()).samples.get(name), { timeout: 60_000, interval: 300 });

  it('move with a run, and name nothing and nobody', { timeout: limitMs }, async () => {
    await soon('gantry_backends{kind="process",available="true"}').toBe(1);
    const { samples: before } = await scrape();
    expect(before.get('gantry_executions_finished_total{status="passed"}')).toBe(0);
    const body = JSON.stringify({ suiteId: 'hello', backend: 'process', labels: { team: 'payroll' } });
    const made = await gantry.call('/api/v1/executions', { method: 'POST', body });
    const { id } = await made.json();
    const reading = new AbortController();
    const overview = gantry.call('/api/v1/engine/overview/stream', { signal: reading.signal });
    await (await overview).body?.getReader().read();
    await soon('gantry_streams_open').toBe(1);
    await (await gantry.call(`/api/v1/executions/${id}/events`)).text();
    reading.abort();
    await soon('gantry_streams_open').toBe(0);
    const { text, samples } = await scrape();
    const headers = { accept: 'application/json' };
    const { lastSeq } = await (await gantry.call(`/api/v1/executions/${id}/logs`, { headers })).json();
    expect(lastSeq).toBeGreaterThan(0);
    expect(Object.fromEntries([...samples].filter(([name]) => name.startsWith('gantry_')))).toMatchObject({
      'gantry_executions_finished_total{status="passed"}': 1,
      'gantry_executions_finished_total{status="failed"}': 0,
      'gantry_steps_finished_total{status="passed"}': 2,
      gantry_step_wait_seconds_count: 2,
      'gantry_step_wait_seconds_bucket{le="+Inf"}': 2,
      gantry_log_lines_stored_total: lastSeq,
      'gantry_executions{status="running"}': 0,
      gantry_database_up: 1,
    });
    for (const name of [id, 'hello', 'greeting', 'payroll', 'bootstrap', 'Processes', gantry.token])
      expect(text.toLowerCase()).not.toContain(name.toLowerCase());
  });

  it('count agents by their state', { timeout: limitMs }, async () => {
    const post = (at: string, body: object, headers = {}) =>
      gantry.call(at, { method: 'POST', body: JSON.stringify(body), headers });
    const { token } = await (await post('/api/v1/agents/tokens', { name: 'farm' })).json();
    const agent = { instance: 'instance-1', tags: [], capacity: 1, version: '0.2.0' };
    for (const agentId of ['one', 'two'])
      await post('/api/v1/agents/register', { agentId, ...agent }, { authorization: `Bearer ${token}` });
    await post('/api/v1/agents/two/drain', {});
    await soon('gantry_agents{state="draining"}').toBe(1);
    const { samples } = await scrape();
    expect(samples.get('gantry_agents{state="online"}')).toBe(1);
    expect(samples.get('gantry_agents{state="offline"}')).toBe(0);
  });

  it('answer while the database is away', { timeout: limitMs }, async () => {
    await proxy.breakOff();
    await soon('gantry_database_up').toBe(0);
    const startedAt = performance.now();
    const { samples } = await scrape();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(samples.has('gantry_executions{status="running"}')).toBe(false);
    expect(samples.get('gantry_executions_finished_total{status="passed"}')).toBe(1);
    await proxy.mend();
    await soon('gantry_database_up').toBe(1);
  });
});
