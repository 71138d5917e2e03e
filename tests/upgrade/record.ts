import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import postgres from 'postgres';
import { getServer } from '@/lib/server';
import { serveRoutes } from '../support/route-server';

/**
 * Records a database of this version with rows of every kind, and what this version's API answers about them, as
 * `fixtures/NAME.sql.gz` and `.json.gz`: `GANTRY_TEST_DATABASE_URL=… node --import tsx tests/upgrade/record.ts NAME`, with
 * `pg_dump` and Docker at hand. The rows come from real executions over the API alone, so that this file can be copied
 * into the checkout of an earlier version. `upgrade.test.ts` migrates each fixture and asks the same again.
 */
const name = process.argv[2];
const base = process.env.GANTRY_TEST_DATABASE_URL;
if (!name || !base)
  throw new Error(
    'Set GANTRY_TEST_DATABASE_URL to a server of PostgreSQL, and pass the name of the fixture.',
  );

const here = fileURLToPath(new URL('.', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'gantry-record-'));
cpSync(path.join(here, 'suites'), path.join(folder, 'suites'), { recursive: true });
const database = `gantry_record_${process.pid}`;
const admin = 'record-record-record';
const administration = postgres(base, { max: 1, onnotice: () => {} });
await administration.unsafe(`create database ${database}`);
const databaseUrl = new URL(base);
databaseUrl.pathname = `/${database}`;

Object.assign(process.env, {
  DATABASE_URL: databaseUrl.href,
  GANTRY_DATA: folder,
  GANTRY_SUITES: path.join(folder, 'suites'),
  GANTRY_BOOTSTRAP_TOKEN: admin,
  GANTRY_LOG_LEVEL: 'warn',
  GANTRY_PROCESS_BACKEND: '1',
  GANTRY_ALLOW_PRIVATE_ADDRESSES: '1',
  GANTRY_SECRET_KEY: 'the key of the fixtures',
  FIXTURE_SECRET: 'whsec_Zml4dHVyZWZpeHR1cmVmaXh0dXJlZml4dHVyZQ==',
});

async function call(method: string, at: string, body?: object): Promise<Response> {
  const answer = await fetch(`${url}/api/v1/${at}`, {
    method,
    headers: {
      authorization: `Bearer ${admin}`,
      accept: 'application/json',
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!answer.ok) throw new Error(`${method} ${at}: ${answer.status} ${await answer.text()}`);
  return answer;
}
const get = async (at: string) => (await call('GET', at)).json();
const post = async (at: string, body: object) => (await call('POST', at, body)).json();

async function until<T>(look: () => Promise<T | null>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function launch(suiteId: string, body: object = {}): Promise<string> {
  return (await post('executions', { suiteId, backend: 'process', ...body })).id;
}

async function ended(id: string): Promise<string> {
  return until(async () => ((await get(`executions/${id}`)).finishedAt === null ? null : id));
}

const server = await getServer();
const { url, close } = await serveRoutes();
const receiver = createServer((_, response) => response.writeHead(204).end());
await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
const address = receiver.address();
const port = address && typeof address === 'object' ? address.port : 0;

await call('PUT', 'platform-settings', {
  backends: [
    { id: 'process', kind: 'process', label: 'Processes', default: true, enabled: true },
    { id: 'local', kind: 'local', label: 'Docker', default: false, enabled: true },
  ],
  env: { FROM_PLATFORM: 'yes' },
});
const webhook = await post('webhooks', {
  name: 'receiver',
  url: `http://127.0.0.1:${port}/hook`,
  events: ['execution.passed', 'execution.failed', 'execution.errored'],
  secretFrom: 'env:FIXTURE_SECRET',
});
const trigger = await post('triggers', {
  name: 'pushes',
  provider: 'github',
  secretFrom: 'env:FIXTURE_SECRET',
  suiteId: 'shop',
  when: { ref: 'refs/heads/main' },
});
await post('suites/shop/profiles', { name: 'stored', env: { COLOUR: 'blue' } });
const token = await post('tokens', { name: 'ci', role: 'member' });
await post('agents/tokens', { name: 'workers' });
await post('users', { email: 'ada@example.com', name: 'Ada', role: 'member' });
const scheduleBody = { name: 'often', suiteId: 'shop', cron: '* * * * *', timeZone: 'Europe/Berlin' };
const schedule = await post('schedules', scheduleBody);

const passed = await ended(await launch('shop', { profile: 'stored', labels: { team: 'pay' } }));
const failed = await ended(await launch('shop', { env: { CODE: '3' } }));
const rerun = await ended((await post(`executions/${failed}/rerun`, { only: 'failed' })).id);
const errored = await ended(await launch('absent', { backend: 'local' }));
const timedOut = await ended(await launch('late'));
const running = await launch('slow');
await until(async () => ((await get(`executions/${running}`)).status === 'running' ? true : null));
const queued = await launch('slow');
const cancelled = await launch('slow');
await post(`executions/${cancelled}/cancel`, {});
await ended(cancelled);
const [found] = (await get('cases?suite=shop')).items;
await call('PUT', `cases/${found.id}/mute`, {
  reason: 'known',
  expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
});
await until(async () => ((await get(`schedules/${schedule.id}/firings`)).items[0] ? true : null));
await call('PUT', `schedules/${schedule.id}`, { ...scheduleBody, enabled: false });
const fired = await until(async () => {
  const [last] = (await get(`schedules/${schedule.id}/firings`)).items;
  return last.executionId;
});
await ended(fired);
await until(async () => {
  const { items } = await get(`webhooks/${webhook.id}/deliveries`);
  return items.length > 2 && items.every(({ status }: { status: string }) => status === 'delivered')
    ? true
    : null;
});
await call('PUT', `webhooks/${webhook.id}`, {
  name: 'receiver',
  url: `http://127.0.0.1:${port}/hook`,
  events: ['execution.passed'],
  secretFrom: 'env:FIXTURE_SECRET',
  enabled: false,
});

// The API takes a year at most, and the mute has to count whenever the fixture is read.
const rows = postgres(databaseUrl.href, { max: 1 });
await rows`update case_mutes set expires_at = '2126-12-01T00:00:00Z'`;
await rows.end();

// The state of a moment: the dump comes first, so that it holds nothing that the answers lack.
const dump = spawnSync(
  'pg_dump',
  [
    '--no-owner',
    '--no-privileges',
    '--no-toast-compression',
    '--inserts',
    '--rows-per-insert=500',
    databaseUrl.href,
  ],
  { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 },
);
if (dump.status !== 0) throw new Error(`pg_dump: ${dump.error?.message ?? dump.stderr}`);

const answers: Record<string, unknown> = {};
const ask = async (at: string) => {
  const answer = await call('GET', at);
  const isJson = answer.headers.get('content-type')?.includes('json');
  answers[at] = isJson ? await answer.json() : await answer.text();
  return answers[at];
};
const executions = { passed, failed, rerun, errored, timed_out: timedOut, cancelled, fired, running, queued };
for (const [state, id] of Object.entries(executions)) {
  if (state === 'running' || state === 'queued') continue;
  await ask(`executions/${id}`);
  await ask(`executions/${id}/events?limit=500`);
  await ask(`executions/${id}/logs?limit=500`);
  await ask(`executions/${id}/artifacts`);
  const { steps } = await get(`executions/${id}`);
  for (const step of steps) await ask(`executions/${id}/steps/${step.id}`);
  for (const artifact of (await get(`executions/${id}/artifacts`)).items)
    await ask(`executions/${id}/artifacts/${artifact.id}`);
}
await ask(`executions/${failed}/junit`);
await ask(`executions/${failed}/cases`);
await ask(`cases/${found.id}`);
for (const at of ['cases', 'webhooks', 'triggers', 'tokens', 'users', 'platform-settings']) await ask(at);
await ask(`schedules/${schedule.id}`);
await ask(`schedules/${schedule.id}/firings`);
await ask(`webhooks/${webhook.id}/deliveries`);
await ask(`triggers/${trigger.id}/deliveries`);
await ask('suites/shop/profiles');
await ask('audit?limit=100');

const fixtures = path.join(here, 'fixtures');
mkdirSync(fixtures, { recursive: true });
const statements = dump.stdout
  .split('\n')
  .filter((line) => !/^(--|\\)/.test(line) && line !== '')
  .join('\n');
writeFileSync(path.join(fixtures, `${name}.sql.gz`), gzipSync(statements, { level: 9 }));
const recorded = { token: token.token, executions, answers };
writeFileSync(path.join(fixtures, `${name}.json.gz`), gzipSync(JSON.stringify(recorded), { level: 9 }));

await call('POST', `executions/${running}/cancel`, {});
await call('POST', `executions/${queued}/cancel`, {});
await ended(running);
await close();
receiver.close();
await server.close();
await administration.unsafe(`drop database ${database} with (force)`);
await administration.end();
rmSync(folder, { recursive: true, force: true });
process.exit(0);
