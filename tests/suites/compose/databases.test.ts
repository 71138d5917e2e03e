import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildToolbox } from '@/lib/cli/toolbox';
import { loadImage, testSettings } from '../../backends/kubernetes-harness';
import { buildDebianImage, type DebianImage } from '../../support/debian-image';
import { bundleQueueUser } from '../../support/image-suites';
import * as official from '../../support/official-images';
import { type RealEngine, startRealEngine } from '../../support/real-engine';
import { describeWith } from '../../support/requirements';
import { composeTool } from './oracle';

const limitMs = 480_000;
const run = promisify(execFile);

/** Tags of these tests alone: others use and remove images of the same kinds at the same time. */
const own = (image: DebianImage) => official.tagged(image, 'compose');
const postgresImage = own(official.postgresImage);
const redisImage = own(official.redisImage);
const mariadbImage = own(official.mariadbImage);
const rabbitmqImage = own(official.rabbitmqImage);

interface DatabaseRun {
  id: string;
  image: DebianImage;
  yaml: string;
  /** Of `up --exit-code-from sut`. */
  exit: number;
  status: string;
}

const runs: DatabaseRun[] = [
  {
    id: 'compose-postgres',
    image: postgresImage,
    yaml: `services:
  db:
    image: ${postgresImage.tag}
    environment: { POSTGRES_PASSWORD: test }
    expose: [5432]
    healthcheck: { test: pg_isready -h 127.0.0.1 -U postgres, interval: 1s, retries: 120 }
  sut:
    image: ${postgresImage.tag}
    entrypoint: [sh, -c, 'test "$$(psql -h db -U postgres -d app -Atc "create table t as select 42 as a; select a from t" | tail -n 1)" = 42']
    environment: { PGPASSWORD: test }
    depends_on: { db: { condition: service_healthy } }
`,
    exit: 0,
    status: 'passed',
  },
  {
    id: 'compose-redis',
    image: redisImage,
    yaml: `services:
  cache:
    image: ${redisImage.tag}
    expose: [6379]
    healthcheck: { test: ["CMD", "redis-cli", "ping"], interval: 1s, retries: 120 }
  sut:
    image: ${redisImage.tag}
    entrypoint: [sh, -c, 'redis-cli -h cache set answer 41; test "$$(redis-cli -h cache get answer)" = 42 || exit 4']
    depends_on: { cache: { condition: service_healthy } }
`,
    exit: 4,
    status: 'failed',
  },
  {
    id: 'compose-mariadb',
    image: mariadbImage,
    yaml: `services:
  db:
    image: ${mariadbImage.tag}
    environment: [MARIADB_PASSWORD=test]
    expose: ["3306"]
    healthcheck: { test: mariadb -h 127.0.0.1 -uapp -ptest -e "select 1", interval: 1s, retries: 120 }
  sut:
    image: ${mariadbImage.tag}
    entrypoint: [mariadb, -h, db, -uapp, -ptest, -e, "create database d; create table d.t (a int)"]
    depends_on: { db: { condition: service_healthy } }
`,
    exit: 0,
    status: 'passed',
  },
  {
    id: 'compose-rabbitmq',
    image: rabbitmqImage,
    yaml: `services:
  db:
    image: ${rabbitmqImage.tag}
    environment: { RABBITMQ_DEFAULT_USER: app, RABBITMQ_DEFAULT_PASS: test }
    expose: [5672]
    healthcheck: { test: rabbitmq-diagnostics -q ping, interval: 20s, timeout: 60s, retries: 20 }
  sut:
    image: gantry/toolbox:local
    command: [sh, -c, "until node /app/use-queue.mjs; do sleep 1; done"]
    volumes: ["./use-queue.mjs:/app/use-queue.mjs:ro"]
    depends_on: { db: { condition: service_healthy } }
`,
    exit: 0,
    status: 'passed',
  },
];

describeWith(['docker', 'servers', 'kubernetes'], 'A Compose file with a database', () => {
  const docker = new Docker();
  const tool = composeTool();
  let root = '';
  let gantry: RealEngine;

  beforeAll(async () => {
    await buildToolbox({ docker, log: () => undefined });
    root = mkdtempSync(path.join(tmpdir(), 'gantry-compose-databases-'));
    for (const { id, yaml } of runs) {
      mkdirSync(path.join(root, id));
      writeFileSync(path.join(root, id, 'compose.yaml'), yaml);
    }
    await bundleQueueUser(path.join(root, 'compose-rabbitmq'));
    // As their images' users, root at first.
    gantry = await startRealEngine({ suiteRoots: [root], kubernetes: testSettings({ runAsUser: null }) });
  }, limitMs);

  afterAll(async () => {
    await gantry?.close();
    rmSync(root, { recursive: true, force: true });
    for (const { image } of runs) {
      await docker
        .getImage(image.tag)
        .remove({ force: true })
        .catch(() => undefined);
    }
  });

  it.each(runs)(
    `ends on Docker and on Kubernetes as it should, and as the Compose tool lets it${tool === null ? ' (not compared: set GANTRY_TEST_COMPOSE)' : ''}: $id`,
    { timeout: limitMs },
    async ({ id, image, exit, status }) => {
      await buildDebianImage(docker, image);
      await loadImage(image.tag);
      const runOn = async (backend: string) => {
        const execution = await gantry.run({ suiteId: id, backend });
        const cause = status === 'passed' ? null : expect.stringContaining(`exit code ${exit}`);
        expect([backend, execution.status, execution.cause?.sentence ?? null]).toEqual([
          backend,
          status,
          cause,
        ]);
        expect(execution.receipt?.left).toEqual([]);
      };
      // Each waits for its database most of the time.
      await Promise.all([runOn('local'), runOn('kubernetes')]);
      if (tool !== null) expect(await upWith(tool, path.join(root, id))).toBe(exit);
    },
  );
});

/** The exit code of `up --exit-code-from sut`; what it made is removed. */
async function upWith(tool: string, cwd: string): Promise<number> {
  // A project of its own: those of others with the same folder names are theirs.
  const project = ['-p', `gantry-test-${randomBytes(4).toString('hex')}`];
  try {
    await run(tool, [...project, 'up', '--exit-code-from', 'sut'], { cwd, maxBuffer: 64 * 1024 * 1024 });
    return 0;
  } catch (error) {
    return typeof error === 'object' && error !== null && 'code' in error ? Number(error.code) : -1;
  } finally {
    await run(tool, [...project, 'down', '--timeout', '0', '--volumes'], { cwd });
  }
}
