import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Docker from 'dockerode';
import type { Execution } from '@/lib/model/execution';
import { composeTool } from '../suites/compose/oracle';
import { buildOnce } from '../support/build';
import { buildDebianImage } from '../support/debian-image';
import { postgresImage, redisImage } from '../support/official-images';

// `npm run compose:check`: starts compose.yaml with images that are made on this machine, runs a suite with it, restarts
// the control plane while another one runs, and takes it down. GANTRY_TEST_COMPOSE names the docker-compose program.

const root = fileURLToPath(new URL('../..', import.meta.url));
const tool = composeTool();
if (tool === null) throw new Error('Set GANTRY_TEST_COMPOSE to the docker-compose program.');
const mark = randomBytes(3).toString('hex');
const project = `gantry-check-${mark}`;
const image = `gantry:check-${mark}`;
const token = randomBytes(16).toString('hex');
const port = 39_421;
const url = `http://127.0.0.1:${port}`;
const limitSeconds = 180;
const env = {
  ...process.env,
  DOCKER_BUILDKIT: '0',
  GANTRY_IMAGE: image,
  POSTGRES_IMAGE: postgresImage.tag,
  REDIS_IMAGE: redisImage.tag,
  POSTGRES_PASSWORD: randomBytes(12).toString('hex'),
  GANTRY_BOOTSTRAP_TOKEN: token,
  GANTRY_PORT: String(port),
  DOCKER_GID: String(statSync('/var/run/docker.sock').gid),
};

await buildOnce(root);
const docker = new Docker();
for (const each of [postgresImage, redisImage]) await buildDebianImage(docker, each);
run('docker', 'build', '--quiet', '--build-arg', 'NODE_IMAGE=gantry/toolbox:local', '--tag', image, '.');
try {
  compose('up', '--detach', '--wait');
  const first = await launch('storefront');
  await passes(first);
  console.log('storefront passed');

  const second = await launch('storefront');
  await until('a step runs', async () =>
    (await read(second)).steps.some(({ status }) => status === 'running'),
  );
  compose('restart', 'gantry');
  await passes(second);
  console.log('storefront passed while the control plane was restarted');
  await until('nothing is left', async () => {
    const filters = { label: [`gantry.execution=${second}`] };
    return (await docker.listContainers({ all: true, filters })).length === 0;
  });
} catch (error) {
  console.error(compose('logs', '--tail', '50', 'gantry'));
  throw error;
} finally {
  compose('down', '--volumes');
  run('docker', 'rmi', image);
}

async function launch(suiteId: string): Promise<string> {
  const answer = await call('/api/v1/executions', {
    method: 'POST',
    body: JSON.stringify({ suiteId, profile: 'default', backend: 'local' }),
  });
  if (answer.status !== 201) throw new Error(`${suiteId}: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as Execution).id;
}

async function passes(id: string): Promise<void> {
  await until(`the end of ${id}`, async () => (await read(id)).finishedAt !== null);
  const { status, cause } = await read(id);
  if (status !== 'passed') throw new Error(`execution ${id} ${status}: ${JSON.stringify(cause)}`);
}

async function read(id: string): Promise<Execution> {
  return (await (await call(`/api/v1/executions/${id}`)).json()) as Execution;
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let left = limitSeconds; left > 0; left -= 1) {
    if (await isSo()) return;
    await sleep(1_000);
  }
  throw new Error(`${what}: not within ${limitSeconds} s`);
}

/** Asks again while the control plane is restarted. */
async function call(route: string, init: { method?: string; body?: string } = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  for (let left = limitSeconds; left > 0; left -= 1) {
    const answer = await fetch(`${url}${route}`, { ...init, headers }).catch(() => null);
    if (answer && answer.status < 500) return answer;
    await sleep(1_000);
  }
  throw new Error(`${route} was not answered within ${limitSeconds} s`);
}

function compose(...words: string[]): string {
  return run(tool ?? '', '--project-name', project, ...words);
}

function run(program: string, ...words: string[]): string {
  return execFileSync(program, words, {
    cwd: root,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}
