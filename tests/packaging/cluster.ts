import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { loadImage } from '../backends/kubernetes-harness';
import { buildOnce } from '../support/build';
import { openCrossing } from './cluster-crossing';
import { type ClusterGantry, installChart } from './cluster-release';
import { docker, dockerIfPossible } from './docker-command';

// `npm run cluster:check`: the image and the chart on the cluster of KUBECONFIG, two control planes on a PostgreSQL and a
// Redis of this machine (GANTRY_TEST_DATABASE_URL, GANTRY_TEST_REDIS_URL). One control plane is killed while executions
// run, and later the image is replaced while executions run: each of them passes, with every event once.

const root = fileURLToPath(new URL('../..', import.meta.url));
const server = process.env.GANTRY_TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';
const redis = process.env.GANTRY_TEST_REDIS_URL ?? 'redis://127.0.0.1:6379';
const mark = randomBytes(3).toString('hex');
const images = ['first', 'second'].map((name) => `gantry:check-${mark}-${name}`);
const database = `gantry_check_${mark}`;
const executionsAtOnce = 3;

/** Half a minute that does not depend on how fast the machine is: a service, and a chain that asks it. */
const ask = (seconds: number) => ({
  ...{ kind: 'task', image: 'gantry/toolbox:local', timeout: '4m' },
  run: `for n in $(seq ${seconds}); do echo "line $n"; sleep 1; done; wget -q -O - http://pages:8080/`,
});
const suite = {
  title: 'A chain that asks a service',
  steps: {
    pages: {
      ...{ kind: 'service', image: 'gantry/toolbox:local', ports: [8080] },
      run: [
        'node',
        '-e',
        "require('node:http').createServer((_, answer) => answer.end('here')).listen(8080)",
      ],
      ready: { tcp: 8080, timeout: '3m' },
    },
    first: { ...ask(10), after: ['pages'] },
    second: { ...ask(10), after: ['first'] },
    third: { ...ask(10), after: ['second'] },
  },
};

await buildOnce(root);
const suites = await mkdtemp(path.join(tmpdir(), 'gantry-check-'));
await chmod(suites, 0o755);
await mkdir(path.join(suites, 'chain'));
await writeFile(path.join(suites, 'chain', 'suite.yaml'), JSON.stringify(suite));
const sql = postgres(server, { max: 1, onnotice: () => undefined });
const crossing = await openCrossing();
let gantry: ClusterGantry | null = null;
try {
  await sql.unsafe(`create database ${database}`);
  for (const image of images) {
    docker(
      'build',
      '--quiet',
      '--build-arg',
      'NODE_IMAGE=gantry/toolbox:local',
      '--label',
      image,
      '--tag',
      image,
      '.',
    );
    await loadImage(image);
  }
  const [first = '', second = ''] = images;
  const databaseUrl = new URL(await crossing.through(server));
  databaseUrl.pathname = `/${database}`;
  gantry = await installChart({
    name: `gantry-${mark}`,
    image: first,
    suites,
    secret: { DATABASE_URL: databaseUrl.href, REDIS_URL: await crossing.through(redis) },
    apiServer: await crossing.throughToApiServer(),
  });
  await gantry.untilRolledOut(first);
  console.log('two control planes are ready');

  await check('a control plane is killed', gantry, ({ killOne }) => killOne());
  await check('the image is replaced', gantry, async ({ roll, untilRolledOut }) => {
    await roll(second);
    await untilRolledOut(second);
  });
} finally {
  await gantry?.remove();
  await crossing.close();
  for (const image of images) dockerIfPossible('rmi', image);
  await sql.unsafe(`drop database if exists ${database} with (force)`);
  await sql.end();
  await rm(suites, { recursive: true });
}

/** Launches, lets something happen once they run, and wants each to pass with every event once. */
async function check(
  what: string,
  at: ClusterGantry,
  happens: (at: ClusterGantry) => Promise<void>,
): Promise<void> {
  const startedAt = performance.now();
  const ids = await Promise.all(Array.from({ length: executionsAtOnce }, () => at.launch('chain')));
  for (const id of ids) await at.untilStepRuns(id);
  await happens(at);
  for (const id of ids) {
    const status = await at.untilFinished(id);
    if (status !== 'passed') throw new Error(`${what}: execution ${id} ${status}\n${await at.explain(id)}`);
    const seqs = await at.eventSeqs(id);
    const isWhole = seqs.every((seq, index) => seq === index + 1);
    if (!isWhole) throw new Error(`${what}: execution ${id} has the events ${seqs.join()}`);
  }
  await untilNothingIsLeft(at);
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
  console.log(
    `${what}: ${ids.length} executions passed with every event once, nothing is left, ${seconds} s`,
  );
}

async function untilNothingIsLeft(at: ClusterGantry): Promise<void> {
  for (let left = 60; left > 0; left -= 1) {
    if ((await at.podsOfSteps()).length === 0) return;
    await sleep(1_000);
  }
  throw new Error(`pods are left: ${(await at.podsOfSteps()).join(', ')}`);
}
