import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { buildOnce } from '../support/build';
import { docker, dockerIfPossible } from './docker-command';

// `npm run image:check`: builds the image on `gantry/toolbox:local`, a base that was made on this machine, and runs two
// control planes of it with a read-only root on one database. GANTRY_TEST_DATABASE_URL names a PostgreSQL here.

const root = fileURLToPath(new URL('../..', import.meta.url));
const server = process.env.GANTRY_TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';
const mark = randomBytes(4).toString('hex');
const tag = `gantry:check-${mark}`;
const token = randomBytes(16).toString('hex');
const ports = [39_411, 39_412];
const names = ports.map((port) => `gantry-check-${mark}-${port}`);
const database = new URL(server);
database.pathname = `/gantry_check_${mark}`;

await buildOnce(root);
const sql = postgres(server, { max: 1, onnotice: () => undefined });
try {
  await sql.unsafe(`create database gantry_check_${mark}`);
  docker('build', '--quiet', '--build-arg', 'NODE_IMAGE=gantry/toolbox:local', '--tag', tag, '.');
  for (const [at, name] of names.entries()) start(name, ports[at] ?? 0);
  for (const name of names) await untilHealthy(name);
  for (const name of names) {
    expectEqual('user', docker('exec', name, 'id', '-u'), '10001');
    expectEqual('root', docker('exec', name, 'sh', '-c', 'touch /opt/gantry/x 2>/dev/null || echo no'), 'no');
  }
  await scheduleIsThereOnTheOther();
  const [first = ''] = names;
  const startedAt = performance.now();
  docker('stop', '--time', '30', first);
  expectEqual('exit code', docker('inspect', '--format', '{{.State.ExitCode}}', first), '0');
  console.log(
    `image ${docker('image', 'inspect', '--format', '{{.Size}}', tag)} bytes; two replicas healthy; stopped in ${Math.round(performance.now() - startedAt)} ms`,
  );
} finally {
  for (const name of names) dockerIfPossible('rm', '--force', '--volumes', name);
  dockerIfPossible('rmi', tag);
  await sql.unsafe(`drop database if exists gantry_check_${mark} with (force)`);
  await sql.end();
}

function start(name: string, port: number): void {
  const env = {
    DATABASE_URL: database.href,
    PORT: String(port),
    GANTRY_HOST: '127.0.0.1',
    GANTRY_BOOTSTRAP_TOKEN: token,
  };
  const words = Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
  const hardened = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];
  const writable = ['--tmpfs', '/tmp', '--tmpfs', '/data:uid=10001,gid=10001,mode=0700'];
  docker('run', '--detach', '--name', name, '--network', 'host', ...hardened, ...writable, ...words, tag);
}

async function untilHealthy(name: string): Promise<void> {
  for (let left = 120; left > 0; left -= 1) {
    const state = docker('inspect', '--format', '{{.State.Status}} {{.State.Health.Status}}', name);
    if (state === 'running healthy') return;
    if (!state.startsWith('running')) break;
    await sleep(1_000);
  }
  throw new Error(`${name} did not become healthy:\n${docker('logs', name)}`);
}

/** What one replica has written the other one answers with. */
async function scheduleIsThereOnTheOther(): Promise<void> {
  const [made = '', read = ''] = ports.map((port) => `http://127.0.0.1:${port}/api/v1/schedules`);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ name: 'nightly', suiteId: 'hello', cron: '30 2 * * *' });
  const answer = await fetch(made, { method: 'POST', headers, body });
  if (!answer.ok) throw new Error(`The schedule was not made: ${answer.status} ${await answer.text()}`);
  const list: { items: { name: string }[] } = await (await fetch(read, { headers })).json();
  expectEqual('schedules', list.items.map(({ name }) => name).join(), 'nightly');
}

function expectEqual(what: string, found: string, expected: string): void {
  if (found !== expected) throw new Error(`${what}: expected ${expected}, found ${found}`);
}
