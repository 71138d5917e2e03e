import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import path from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import {
  checkClock,
  checkControlGroups,
  checkDisk,
  checkEngine,
  checkNode,
  checkPort,
  checkProxies,
  checkResolver,
} from '@/lib/cli/doctor/machine-checks';
import { type BreakableProxy, openBreakableProxy } from '../support/breakable-proxy';
import { openTestDatabase } from '../support/database';
import { describeWith } from '../support/requirements';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';
import { runCommand } from './run-command';

const limitMs = 300_000;
const findings = z.object({
  items: z.array(
    z.object({ check: z.string(), status: z.string(), found: z.string(), todo: z.string().nullable() }),
  ),
});

async function doctor(env: Record<string, string>) {
  const { code, stdout } = await runCommand('lib/cli/gantry.mjs', ['doctor', '--json'], env);
  const { items } = findings.parse(JSON.parse(stdout));
  return { code, of: (check: string) => items.find((each) => each.check === check) };
}

const gigabyte = 1024 ** 3;

describe('a check of the doctor', () => {
  it.each([
    ['an engine that is away', checkEngine({ problem: 'ECONNREFUSED' }), 'warning', /DOCKER_HOST/],
    ['no toolbox', checkEngine({ version: '28.1', hasToolbox: false }), 'warning', /gantry toolbox/],
    ['a disk that is full', checkDisk('/data', 0.5 * gigabyte), 'failed', /Make room/],
    ['a disk that fills', checkDisk('/data', 3 * gigabyte), 'warning', /Make room soon/],
    ['a clock that is ahead', checkClock(60_000), 'warning', /NTP/],
    ['a clock that is behind', checkClock(-60_000), 'warning', /NTP/],
    ['a port that is taken', checkPort(3000, false), 'warning', /PORT=/],
    [
      'a proxy in the way',
      checkProxies({ HTTPS_PROXY: 'http://p:1' }, 'gantry.example'),
      'warning',
      /NO_PROXY/,
    ],
    [
      'a resolver that answers all',
      checkResolver({ address: '10.0.0.1', elapsedMs: 2 }),
      'failed',
      /resolv\.conf/,
    ],
    [
      'a resolver that is silent',
      checkResolver({ address: null, elapsedMs: 10_000 }),
      'warning',
      /resolv\.conf/,
    ],
    ['control groups of version 1', checkControlGroups(false), 'warning', /version 2/],
    ['a Node that is too old', checkNode('18.20.0'), 'failed', /20\.9/],
  ] as const)('finds %s, and says what to do', (_, finding, status, todo) => {
    expect(finding.status).toBe(status);
    expect(finding.todo).toMatch(todo);
  });

  it.each([
    checkEngine({ version: '28.1', hasToolbox: true }),
    checkDisk('/data', 50 * gigabyte),
    checkClock(1_000),
    checkPort(3000, true),
    checkProxies({}, 'gantry.example'),
    checkProxies({ HTTPS_PROXY: 'http://p:1', NO_PROXY: 'a, .example' }, 'gantry.example'),
    checkResolver({ address: null, elapsedMs: 2 }),
    checkControlGroups(true),
    checkNode('20.9.0'),
  ])('is content: $check, $found', ({ status, todo }) => {
    expect([status, todo]).toEqual(['ok', null]);
  });
});

describeWith('docker', 'the doctor', () => {
  let database: { url: string; drop(): Promise<void> };
  let proxy: BreakableProxy;
  let gantry: RunningGantry;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'gantry-doctor-'));
    database = await openTestDatabase();
    proxy = await openBreakableProxy(database.url);
    // The network of this machine itself.
    const taken = Object.values(networkInterfaces())
      .flat()
      .find((each) => each && !each.internal && each.family === 'IPv4');
    const planted = {
      DATABASE_URL: proxy.url,
      GANTRY_SUBNETS: `${taken?.address}/26`,
      GANTRY_PROCESS_BACKEND: '1',
    };
    gantry = await startGantry({ env: planted });
  }, startLimitMs);

  afterAll(async () => {
    await proxy?.mend();
    await gantry?.stop();
    await proxy?.close();
    await database?.drop();
    await rm(folder, { recursive: true, force: true });
  });

  it('finds an engine that is away, a pool without addresses, a clock that differs, and a dead database', {
    timeout: limitMs,
  }, async () => {
    await shiftClock(database.url);
    await vi.waitFor(
      async () => expect(await (await fetch(`${gantry.url}/readyz/datastore`)).text()).toContain('ahead of'),
      { timeout: 60_000, interval: 200 },
    );
    const env = { GANTRY_URL: gantry.url, GANTRY_TOKEN: gantry.token, GANTRY_DATA: folder };
    const before = await doctor({
      ...env,
      DOCKER_HOST: 'tcp://127.0.0.1:1',
      HTTPS_PROXY: 'http://p:1',
      NO_PROXY: '',
    });
    expect(before.of('engine')?.found).toContain('Docker does not answer here');
    expect(before.of('proxy')?.status).toBe('warning');
    expect(before.of('backend local')?.found).toMatch(/subnets of .*\/26 are in use/);
    expect(before.of('datastore')).toMatchObject({
      status: 'warning',
      found: expect.stringMatching(/its clock is 3[56]\d\d s ahead of this control plane's: set both by NTP/),
    });
    await proxy.breakOff();
    const after = await doctor(env);
    expect(after.code).toBe(3);
    expect(after.of('datastore')?.status).toBe('failed');
    expect(after.of('engine')?.found).toMatch(/^Docker \d/);
  });

  it('finds a taken port where no control plane is', { timeout: limitMs }, async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = address && typeof address === 'object' ? address.port : 0;
    const found = await doctor({
      PORT: String(port),
      GANTRY_DATA: folder,
      GANTRY_CONTEXTS: `${folder}/none.json`,
    });
    taken.close();
    expect(found.code).toBe(3);
    expect(found.of('control plane')).toMatchObject({ status: 'failed', todo: 'Start one: gantry up.' });
    expect(found.of('port')).toMatchObject({ status: 'warning', found: `${port} is taken` });
  });
});

/** The database's own clock, an hour ahead for whoever connects from now on. */
async function shiftClock(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  const name = new URL(url).pathname.slice(1);
  await sql.unsafe(`
    create schema shifted;
    create function shifted.clock_timestamp() returns timestamptz language sql volatile
      as $$ select pg_catalog.clock_timestamp() + interval '1 hour' $$;
    alter database "${name}" set search_path = shifted, pg_catalog, public;
    select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}' and pid <> pg_backend_pid()`);
  await sql.end();
}
