import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Docker from 'dockerode';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { labelNames } from '@/lib/backends/labels';
import { buildToolbox, toolboxImage } from '@/lib/cli/toolbox';
import type { Execution } from '@/lib/model/execution';
import { makeSuiteFolder } from '../suites/suite-folder';
import { openTestDatabase } from '../support/database';
import { describeWith } from '../support/requirements';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';
import { type Ended, runCommand, startCommand } from './run-command';

const cli = 'lib/cli/gantry.mjs';
const repository = 'gantry-test-values';
const secret = 'Zq7!vulture/lantern+93';
const forms = [secret, Buffer.from(secret).toString('base64'), encodeURIComponent(secret)];

const files = {
  'suite.yaml': `
vars: { tag: one }
defaults: { resources: { memory: 64Mi } }
steps:
  deploy: { kind: task, image: "${repository}:\${{ vars.tag }}", run: 'echo "with $TOKEN"; sleep "\${PAUSE:-0}"' }
  load: { kind: task, image: "${repository}:one", run: echo load, after: deploy }
  smoke: { kind: test, image: "${repository}:one", run: echo smoke, after: load }
`,
  'profiles/default.yaml': '',
  'profiles/quick.yaml': 'steps: { load: { skip: true } }\n',
  'profiles/release.yaml': 'secrets: [{ key: DEPLOY, from: launch, steps: deploy, as: TOKEN }]\n',
};

describeWith('docker', 'what a CI job brings from its shell', () => {
  const docker = new Docker();
  const tags = ['one', 'two', 'next'].map((tag) => `${repository}:${tag}`);
  let database: Awaited<ReturnType<typeof openTestDatabase>>;
  let root: string;
  let gantry: RunningGantry;

  beforeAll(async () => {
    await buildToolbox({ docker, log: () => {} });
    for (const tag of ['one', 'two', 'next'])
      await docker.getImage(toolboxImage).tag({ repo: repository, tag });
    root = await mkdtemp(path.join(tmpdir(), 'gantry-values-'));
    makeSuiteFolder(files, path.join(root, 'shop'));
    database = await openTestDatabase();
    gantry = await startGantry({
      env: { GANTRY_SUITES: root, GANTRY_LOG_LEVEL: 'debug', DATABASE_URL: database.url },
    });
  }, startLimitMs);

  afterAll(async () => {
    await gantry?.stop();
    await database?.drop();
    if (root) await rm(root, { recursive: true, force: true });
    for (const tag of tags)
      await docker
        .getImage(tag)
        .remove()
        .catch(() => undefined);
  });

  const settings = () => ({ GANTRY_URL: gantry.url, GANTRY_TOKEN: gantry.token });
  const idIn = (stdout: string) => /executions\/(\S+)/.exec(stdout)?.[1] ?? '';
  async function run(...words: string[]): Promise<Ended & { steps: Execution['steps'] }> {
    const ended = await runCommand(cli, ['run', 'shop', '--backend', 'local', ...words], settings());
    const execution = await gantry.call(`/api/v1/executions/${idIn(ended.stdout)}`);
    return { ...ended, steps: ((await execution.json()) as Execution).steps };
  }
  const imagesOf = (steps: Execution['steps']) =>
    steps.map(({ id, attempts }) => `${id} ${attempts[0]?.result?.image?.name}`);

  it('launches one suite with two tags, another image for a step, and a profile that leaves one out', {
    timeout: 300_000,
  }, async () => {
    const one = await run();
    expect(one.code).toBe(0);
    expect(imagesOf(one.steps)).toEqual(['deploy one', 'load one', 'smoke one'].map(asImage));
    const two = await run('--var', 'tag=two', '--image', `smoke=${repository}:next`);
    expect(two.code).toBe(0);
    expect(imagesOf(two.steps)).toEqual(['deploy two', 'load one', 'smoke next'].map(asImage));
    const quick = await run('--profile', 'quick');
    expect(quick.code).toBe(0);
    expect(imagesOf(quick.steps)).toEqual(['deploy one', 'smoke one'].map(asImage));
  });

  it('shows its secret to the container that it is for, and to nothing else', {
    timeout: 300_000,
  }, async () => {
    const words = ['run', 'shop', '--backend', 'local', '--profile', 'release', '--logs', '--env', 'PAUSE=3'];
    const command = startCommand(cli, [...words, '--secret', 'DEPLOY=env:CI_DEPLOY'], {
      ...settings(),
      CI_DEPLOY: secret,
    });
    await command.untilPrinted('deploy | with ***');
    const whileItRuns = await everythingOfMachine();
    const { code, stdout, stderr } = await command.ended;
    expect(code).toBe(0);
    // Otherwise nothing was looked at.
    expect(whileItRuns.deploy).toContain(`TOKEN=${secret}`);
    expect(whileItRuns.processes).toContain('lib/cli/gantry.mjs');
    const id = idIn(stdout);
    const told = await Promise.all(
      ['', '/events', '/logs', '/receipt'].map(async (part) => {
        const answer = await fetch(new URL(`/api/v1/executions/${id}${part}`, gantry.url), {
          headers: { authorization: `Bearer ${gantry.token}`, accept: 'application/json' },
        });
        return answer.text();
      }),
    );
    const { deploy: _, ...seen } = whileItRuns;
    const everything = {
      ...seen,
      stdout,
      stderr,
      log: gantry.output(),
      told,
      rows: await everythingStored(),
    };
    expect(everything.log).toContain('Gantry is ready');
    expect(everything.rows).toContain(id);
    for (const [place, text] of Object.entries(everything))
      for (const form of forms)
        expect(JSON.stringify(text).includes(form), `${form} in ${place}`).toBe(false);
  });

  const asImage = (words: string) => words.replace(' ', ` ${repository}:`);

  /** What `ps` and `docker inspect` show: of the step's own container apart. */
  async function everythingOfMachine() {
    const processes = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => {
        try {
          return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        } catch {
          // It has ended meanwhile.
          return '';
        }
      })
      .join('\n');
    const containers = await docker.listContainers({ all: true, filters: { label: [labelNames.step] } });
    const inspected = await Promise.all(
      containers.map(async ({ Id }) => JSON.stringify(await docker.getContainer(Id).inspect())),
    );
    const isDeploy = (text: string) => text.includes(`"${labelNames.step}":"deploy"`);
    return {
      processes,
      deploy: inspected.filter(isDeploy).join('\n'),
      others: inspected.filter((text) => !isDeploy(text)).join('\n'),
    };
  }

  /** All rows of all tables as text. */
  async function everythingStored(): Promise<string> {
    const sql = postgres(database.url, { max: 1, onnotice: () => undefined });
    try {
      const tables = await sql<{ name: string }[]>`
        select tablename as name from pg_tables where schemaname = 'public'`;
      const rows = await Promise.all(tables.map(({ name }) => sql`select t::text from ${sql(name)} t`));
      return JSON.stringify(rows);
    } finally {
      await sql.end();
    }
  }
});
