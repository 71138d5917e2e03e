import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import postgres from 'postgres';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '@/lib/clock';
import { startEmbeddedPostgres } from '@/lib/store/postgres/embedded';
import { isRunning } from '@/lib/store/postgres/server/process-info';
import { silentLogger } from '../support/silent-logger';

const dependencies = { clock: systemClock, logger: silentLogger };
const root = path.resolve(import.meta.dirname, '../..');
/** A user that every Debian has. */
const daemonUser = 1;
let folder: string;
const cleanups: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gantry-embedded-'));
  await chmod(folder, 0o755);
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(place = folder) {
  const server = await startEmbeddedPostgres(dependencies, place);
  cleanups.push(() => server.stop());
  return server;
}

async function query<T extends object>(url: string, statement: string): Promise<T[]> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined, connect_timeout: 5 });
  try {
    return await sql.unsafe<T[]>(statement);
  } finally {
    await sql.end();
  }
}

async function serverPid(data: string): Promise<number> {
  return Number.parseInt(await readFile(path.join(data, 'postmaster.pid'), 'utf8'), 10);
}

/** Another process that starts the database on the folder, says "up", and stops it on SIGTERM. */
async function startElsewhere(
  place: string,
  identity: { uid?: number; gid?: number } = {},
): Promise<ChildProcess> {
  const program = `
    import { systemClock } from '${root}/lib/clock';
    import { startEmbeddedPostgres } from '${root}/lib/store/postgres/embedded';
    const logger = { debug() {}, info() {}, warn() {}, error() {} };
    const server = await startEmbeddedPostgres({ clock: systemClock, logger }, ${JSON.stringify(place)});
    process.on('SIGTERM', () => server.stop().then(() => process.exit(0)));
    console.log('up');
    setInterval(() => {}, 60_000);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    ...identity,
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  cleanups.push(async () => child.kill('SIGKILL'));
  let failure = '';
  child.stderr?.on('data', (text) => {
    failure += text;
  });
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(`it ended: ${failure}`)));
  if (!child.stdout) throw new Error('no output');
  await Promise.race([once(child.stdout, 'data'), ended]);
  ended.catch(() => undefined);
  return child;
}

test('it starts on a new folder and finds its data again, under a password that only its user can read', async () => {
  const first = await startEmbeddedPostgres(dependencies, folder);
  await query(first.url, 'create table kept as select 42 as answer');
  const stranger = new URL(first.url);
  stranger.password = 'wrong';
  await expect(query(stranger.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
  await first.stop();
  const second = await start();
  expect(await query(second.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  const [settings] = await query<{ fsync: string; hosts: string; sockets: string }>(
    second.url,
    `select current_setting('fsync') fsync, current_setting('listen_addresses') hosts,
       current_setting('unix_socket_directories') sockets`,
  );
  expect(settings).toEqual({ fsync: 'on', hosts: '127.0.0.1', sockets: '' });
  expect((await stat(path.join(folder, 'password'))).mode & 0o777).toBe(0o600);
});

test('a second control plane on the folder is refused by the name of the first, which is unharmed', async () => {
  const first = await start();
  const refused = startEmbeddedPostgres(dependencies, folder);
  await expect(refused).rejects.toThrow(
    new RegExp(`${folder} is in use by another Gantry, process ${process.pid} on .* since 20\\d\\d-`),
  );
  expect(await query(first.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('of five control planes that start at once one gets the folder', async () => {
  const starts = await Promise.allSettled(
    Array.from({ length: 5 }, () => startEmbeddedPostgres(dependencies, folder)),
  );
  const started = starts.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  for (const server of started) cleanups.push(() => server.stop());
  expect(started).toHaveLength(1);
});

test('after a kill -9 of Gantry the next start stops the server that was left and has its data', async () => {
  const killed = await startElsewhere(folder);
  const leftover = await serverPid(path.join(folder, 'data'));
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  expect(await isRunning(leftover)).toBe(true);
  const server = await start();
  expect(await isRunning(leftover)).toBe(false);
  expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a pid file that names another program by now does not keep the server from starting', async () => {
  const first = await startEmbeddedPostgres(dependencies, folder);
  await query(first.url, 'create table kept as select 5 as answer');
  const pidFile = path.join(folder, 'data', 'postmaster.pid');
  const lines = (await readFile(pidFile, 'utf8')).split('\n');
  await first.stop();
  await writeFile(pidFile, [`${process.ppid}`, ...lines.slice(1)].join('\n'));
  const second = await start();
  expect(await query(second.url, 'select answer from kept')).toEqual([{ answer: 5 }]);
});

test('a server that is killed with -9 is started again on the same port with every committed row', async () => {
  const server = await start();
  await query(server.url, 'create table kept as select 7 as answer');
  const pid = await serverPid(path.join(folder, 'data'));
  process.kill(pid, 'SIGKILL');
  await expect
    .poll(() => query(server.url, 'select answer from kept').catch(() => null), { timeout: 60_000 })
    .toEqual([{ answer: 7 }]);
  expect(await serverPid(path.join(folder, 'data'))).not.toBe(pid);
});

test('a Ctrl-C that reaches the process group of Gantry does not reach the server', async () => {
  await start();
  const line = await readFile(`/proc/${await serverPid(path.join(folder, 'data'))}/stat`, 'utf8');
  const processGroup = line.slice(line.lastIndexOf(')') + 2).split(' ')[2];
  expect(Number(processGroup)).toBe(await serverPid(path.join(folder, 'data')));
});

test.runIf(process.getuid?.() === 0)(
  'as root below a closed folder the data is kept where its user can come, and found again',
  async () => {
    const closed = path.join(folder, 'closed');
    await mkdir(closed, { mode: 0o700 });
    const place = path.join(closed, 'postgres');
    const first = await startEmbeddedPostgres(dependencies, place);
    await query(first.url, 'create table kept as select 1 as answer');
    await first.stop();
    const home = (await readFile(path.join(place, 'data-is-at.txt'), 'utf8')).trim();
    cleanups.push(() => rm(home, { recursive: true, force: true }));
    expect((await stat(home)).mode & 0o777).toBe(0o700);
    expect((await stat(home)).uid).not.toBe(0);
    const second = await start(place);
    expect(await query(second.url, 'select answer from kept')).toEqual([{ answer: 1 }]);
  },
);

test.runIf(process.getuid?.() === 0)('as an ordinary user it runs in place under that user', async () => {
  const place = path.join(folder, 'own');
  await mkdir(place, { mode: 0o700 });
  await chown(place, daemonUser, daemonUser);
  const child = await startElsewhere(place, { uid: daemonUser, gid: daemonUser });
  const pid = await serverPid(path.join(place, 'data'));
  expect((await stat(`/proc/${pid}`)).uid).toBe(daemonUser);
  child.kill('SIGTERM');
  await once(child, 'exit');
  expect(await isRunning(pid)).toBe(false);
});
