import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { DebianImage } from './debian-image';
import * as official from './official-images';

export interface ImageUse {
  image: DebianImage;
  yaml: string;
  /** The end in the log of the service. */
  stopped: RegExp;
  /** The end in a cluster, which does not tell of the signal that an image names: it is asked by SIGTERM. */
  stoppedInCluster?: RegExp;
}

/** Tags of these tests alone: others use and remove images of the same kinds at the same time. */
const own = (image: DebianImage) => official.tagged(image, 'images');

const postgres = own(official.postgresImage);
const redis = own(official.redisImage);
const nginx = own(official.nginxImage);
const mariadb = own(official.mariadbImage);
const rabbitmq = own(official.rabbitmqImage);
const bare = own(official.bareImage);

/** For all of them at once on a machine that does other things too. */
const patience = 'ready: { timeout: 4m }, grace: 1m';

/**
 * Each image in a service of its name, with nothing but image, env and ports, as its image's own page says it, and a test
 * that uses it.
 */
export const imageUses: Record<string, ImageUse> = {
  postgres: {
    image: postgres,
    yaml: `
  postgres: { kind: service, image: "${postgres.tag}", env: { POSTGRES_PASSWORD: test }, ports: [5432], ${patience} }
  use-postgres:
    kind: test
    image: ${postgres.tag}
    env: { PGPASSWORD: test }
    run: psql -h postgres -U postgres -d app -Atc "create table t (a int); insert into t values (42); select a from t"
    expect_logs: ["/^42$/"]
    after: [postgres]`,
    // The first request is that of its entry point, when the database is new.
    stopped: /fast shutdown request[\s\S]*received fast shutdown request[\s\S]*database system is shut down/,
    stoppedInCluster: /received smart shutdown request[\s\S]*database system is shut down/,
  },
  redis: {
    image: redis,
    yaml: `
  redis: { kind: service, image: "${redis.tag}", ports: [6379], ${patience} }
  use-redis:
    kind: test
    image: ${redis.tag}
    run: redis-cli -h redis set answer 42; redis-cli -h redis get answer
    expect_logs: ["/^42$/"]
    after: [redis]`,
    stopped: /DB saved on disk[\s\S]*bye bye/,
  },
  nginx: {
    image: nginx,
    yaml: `
  nginx: { kind: service, image: "${nginx.tag}", ports: [80], ${patience} }
  use-nginx: { kind: test, run: wget -qO- http://nginx, image: "gantry/toolbox:local", expect_logs: Welcome to nginx, after: [nginx] }`,
    stopped: /signal 3 \(SIGQUIT\).*shutting down[\s\S]*exit/,
    stoppedInCluster: /signal 15 \(SIGTERM\).*exiting[\s\S]*exited with code 0[\s\S]*exit/,
  },
  mariadb: {
    image: mariadb,
    yaml: `
  mariadb: { kind: service, image: "${mariadb.tag}", env: { MARIADB_PASSWORD: test }, ports: [3306], ${patience} }
  use-mariadb:
    kind: test
    image: ${mariadb.tag}
    run: mariadb -h mariadb -uapp -ptest -e "create database d; create table d.t (a int); insert into d.t values (42); select a from d.t"
    expect_logs: ["/^42$/"]
    after: [mariadb]`,
    stopped: /Shutdown complete/,
  },
  rabbitmq: {
    image: rabbitmq,
    yaml: `
  rabbitmq:
    kind: service
    image: ${rabbitmq.tag}
    env: { RABBITMQ_DEFAULT_USER: app, RABBITMQ_DEFAULT_PASS: test }
    ports: [5672]
    ready: { timeout: 4m }
    grace: 1m
  use-rabbitmq:
    kind: test
    image: gantry/toolbox:local
    env: { BROKER: rabbitmq }
    run: node use-queue.mjs
    expect_logs: ["/^42$/"]
    after: [rabbitmq]`,
    stopped: /SIGTERM received - shutting down[\s\S]*stopped TCP listener/,
  },
  bare: {
    image: bare,
    yaml: `
  bare: { kind: service, image: "${bare.tag}", ports: [8080], ${patience} }
  use-bare: { kind: test, run: wget -qO- http://bare:8080, image: "gantry/toolbox:local", expect_logs: nobody is at home, after: [bare] }
  own: { kind: task, image: "${bare.tag}", run: [/usr/bin/busybox, id, -u], expect_logs: "4242" }`,
    stopped: /response:200/,
  },
};

/** All of them in one suite. */
export const allImages = 'images-of-others';
/** Redis alone. */
export const oneImage = 'image-of-others';

/** Writes both suites into a new folder, each in one of its name, and resolves with its path. */
export async function writeImageSuites(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gantry-images-'));
  const all = Object.values(imageUses);
  for (const [id, uses] of Object.entries({ [allImages]: all, [oneImage]: [imageUses.redis] })) {
    await mkdir(path.join(folder, id));
    const steps = uses.map((use) => use?.yaml ?? '').join('');
    await writeFile(path.join(folder, id, 'suite.yaml'), `steps:${steps}\n`);
  }
  await bundleQueueUser(path.join(folder, allImages));
  return folder;
}

/** Writes the program that uses a queue into the folder, as one file. */
export async function bundleQueueUser(folder: string): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL('use-queue.mjs', import.meta.url))],
    outfile: path.join(folder, 'use-queue.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: "import { createRequire } from 'node:module';const require = createRequire('/');" },
  });
}
