import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { DebianImage } from './debian-image';
import {
  bareImage,
  mariadbImage,
  nginxImage,
  postgresImage,
  rabbitmqImage,
  redisImage,
} from './official-images';

export interface ImageSuite {
  image: DebianImage;
  yaml: string;
  /** The end in the log of the service. */
  stopped: RegExp;
  /** The end in a cluster, which does not tell of the signal that an image names: it is asked by SIGTERM. */
  stoppedInCluster?: RegExp;
}

/** Nothing but image, env and ports of the service `db`, as its image's own page says it, and a test that uses it. */
export const imageSuites: Record<string, ImageSuite> = {
  postgres: {
    image: postgresImage,
    yaml: `
  db: { kind: service, image: "${postgresImage.tag}", env: { POSTGRES_PASSWORD: test }, ports: [5432] }
  use:
    kind: test
    image: ${postgresImage.tag}
    env: { PGPASSWORD: test }
    run: psql -h db -U postgres -d app -Atc "create table t (a int); insert into t values (42); select a from t"
    expect_logs: ["/^42$/"]
    after: [db]`,
    // The first request is that of its entry point, when the database is new.
    stopped: /fast shutdown request[\s\S]*received fast shutdown request[\s\S]*database system is shut down/,
    stoppedInCluster: /received smart shutdown request[\s\S]*database system is shut down/,
  },
  redis: {
    image: redisImage,
    yaml: `
  db: { kind: service, image: "${redisImage.tag}", ports: [6379] }
  use:
    kind: test
    image: ${redisImage.tag}
    run: redis-cli -h db set answer 42; redis-cli -h db get answer
    expect_logs: ["/^42$/"]
    after: [db]`,
    stopped: /DB saved on disk[\s\S]*bye bye/,
  },
  nginx: {
    image: nginxImage,
    yaml: `
  db: { kind: service, image: "${nginxImage.tag}", ports: [80] }
  use: { kind: test, run: wget -qO- http://db, image: "gantry/toolbox:local", expect_logs: Welcome to nginx, after: [db] }`,
    stopped: /signal 3 \(SIGQUIT\).*shutting down[\s\S]*exit/,
    stoppedInCluster: /signal 15 \(SIGTERM\).*exiting[\s\S]*exited with code 0[\s\S]*exit/,
  },
  mariadb: {
    image: mariadbImage,
    yaml: `
  db: { kind: service, image: "${mariadbImage.tag}", env: { MARIADB_PASSWORD: test }, ports: [3306] }
  use:
    kind: test
    image: ${mariadbImage.tag}
    run: mariadb -h db -uapp -ptest -e "create database d; create table d.t (a int); insert into d.t values (42); select a from d.t"
    expect_logs: ["/^42$/"]
    after: [db]`,
    stopped: /Shutdown complete/,
  },
  rabbitmq: {
    image: rabbitmqImage,
    yaml: `
  db:
    kind: service
    image: ${rabbitmqImage.tag}
    env: { RABBITMQ_DEFAULT_USER: app, RABBITMQ_DEFAULT_PASS: test }
    ports: [5672]
  use: { kind: test, image: "gantry/toolbox:local", run: node use-queue.mjs, expect_logs: ["/^42$/"], after: [db] }`,
    stopped: /SIGTERM received - shutting down[\s\S]*stopped TCP listener/,
  },
  bare: {
    image: bareImage,
    yaml: `
  db: { kind: service, image: "${bareImage.tag}", ports: [8080] }
  use: { kind: test, run: wget -qO- http://db:8080, image: "gantry/toolbox:local", expect_logs: nobody is at home, after: [db] }
  own: { kind: task, image: "${bareImage.tag}", run: [/usr/bin/busybox, id, -u], expect_logs: "4242" }`,
    stopped: /response:200/,
  },
};

/** Writes the suites into a new folder, each in one of its name, and resolves with its path. */
export async function writeImageSuites(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gantry-images-'));
  for (const [id, { yaml }] of Object.entries(imageSuites)) {
    await mkdir(path.join(folder, id));
    await writeFile(path.join(folder, id, 'suite.yaml'), `steps:${yaml}\n`);
  }
  await bundleQueueUser(path.join(folder, 'rabbitmq'));
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
