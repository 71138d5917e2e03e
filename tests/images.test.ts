import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildToolbox } from '@/lib/cli/toolbox';
import type { Execution } from '@/lib/model/execution';
import { buildDebianImage, type DebianImage } from './support/debian-image';
import { bareImage, mariadbImage, nginxImage, postgresImage, redisImage } from './support/official-images';
import { type RealEngine, startRealEngine } from './support/real-engine';
import { describeWith } from './support/requirements';

const limitMs = 300_000;
const docker = new Docker();

/** Nothing but image, env and ports of the service, as its image's own page says it. */
const suites: Record<string, { image: DebianImage; yaml: string; stopped: RegExp }> = {
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
    stopped: /received fast shutdown request[\s\S]*database system is shut down/,
  },
  redis: {
    image: redisImage,
    yaml: `
  db: { kind: service, image: "${redisImage.tag}", ports: [6379], ready: { healthcheck: true } }
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
  bare: {
    image: bareImage,
    yaml: `
  db: { kind: service, image: "${bareImage.tag}", ports: [8080] }
  use: { kind: test, run: wget -qO- http://db:8080, image: "gantry/toolbox:local", expect_logs: nobody is at home, after: [db] }
  own: { kind: task, image: "${bareImage.tag}", run: [/usr/bin/busybox, id, -u], expect_logs: "4242" }`,
    stopped: /response:200/,
  },
};

describeWith(['docker', 'servers'], "Images of other people's", () => {
  let folder = '';
  let gantry: RealEngine;

  beforeAll(async () => {
    await buildToolbox({ docker, log: () => {} });
    folder = await mkdtemp(path.join(tmpdir(), 'gantry-images-'));
    for (const [id, { yaml }] of Object.entries(suites)) {
      await mkdir(path.join(folder, id));
      await writeFile(path.join(folder, id, 'suite.yaml'), `steps:${yaml}\n`);
    }
    gantry = await startRealEngine({ suiteRoots: [folder] });
  }, limitMs);
  afterAll(async () => {
    await gantry?.close();
    await rm(folder, { recursive: true, force: true });
    for (const { image } of Object.values(suites)) {
      await docker
        .getImage(image.tag)
        .remove({ force: true })
        .catch(() => undefined);
    }
  });

  it.each(Object.entries(suites))(
    'run as they are, are used, and end well when they are stopped: %s',
    {
      timeout: limitMs,
    },
    async (suiteId, { image, stopped }) => {
      await buildDebianImage(docker, image);
      const execution = await gantry.run({ suiteId, backend: 'local' });
      const log = `${await logOf(execution, 'db')}\n${await logOf(execution, 'use')}`;
      expect({ cause: execution.cause, log }).toEqual({ cause: null, log: expect.stringMatching(stopped) });
      expect(execution.receipt).toMatchObject({ left: [] });
    },
  );

  it('say what a strict backend withholds from them', { timeout: limitMs }, async () => {
    await buildDebianImage(docker, redisImage);
    const { settings } = gantry.store;
    const strict = { id: 'strict', kind: 'local', label: 'Strict', hardening: 'strict' } as const;
    await settings.savePlatform({ backends: [{ ...strict, default: true, enabled: true }], env: {} });
    const { cause } = await gantry.run({ suiteId: 'redis', backend: 'strict' });
    expect(cause?.sentence).toContain(
      '`db` failed: exited unexpectedly (exit code 1) while other steps needed it (it was refused something, and this capability is withheld from it: CHOWN; `capabilities: [CHOWN]` in the step gives it, a backend with `hardening: standard` gives all that images usually need): ',
    );
    await settings.savePlatform({ backends: [], env: {} });
  });

  async function logOf({ id }: Execution, stepId: string): Promise<string> {
    const { lines } = await gantry.store.logs.read(id, 0, 10_000, { stepId });
    return lines.map(({ text }) => text).join('\n');
  }
});
