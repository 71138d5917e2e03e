import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Docker from 'dockerode';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildToolbox } from '@/lib/cli/toolbox';
import type { Environment, Inventory, ReapResult } from '@/lib/model/environment';
import type { Execution, ExecutionSummary } from '@/lib/model/execution';
import { buildOnce } from '../support/build';
import { openTestDatabase } from '../support/database';
import { describeWith } from '../support/requirements';
import { startLimitMs } from '../support/server';
import { type ControlPlane, makeControlPlane } from './control-plane';
import { watchDocker } from './docker-witness';

const image = 'gantry/toolbox:local';
const suite = {
  steps: {
    db: { kind: 'service', image, run: 'sleep 600' },
    wait: { kind: 'task', image, run: 'sleep 600', after: ['db'] },
  },
};

describeWith('docker', 'A database that is lost while an execution runs', () => {
  const docker = new Docker();
  const closing: (() => unknown)[] = [];
  let folder: string;

  beforeAll(async () => {
    await buildOnce(fileURLToPath(new URL('../..', import.meta.url)));
    await buildToolbox({ docker, log: () => undefined });
    folder = await mkdtemp(path.join(tmpdir(), 'gantry-lost-'));
    closing.push(() => rm(folder, { recursive: true }));
    await mkdir(path.join(folder, 'hold'));
    await writeFile(path.join(folder, 'hold', 'suite.yaml'), JSON.stringify(suite));
  }, startLimitMs);
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  });

  async function startOnNewDatabase(name: string): Promise<{ plane: ControlPlane; database: string }> {
    const { url, drop } = await openTestDatabase();
    closing.push(drop);
    const plane = await makeControlPlane(name, { DATABASE_URL: url, GANTRY_SUITES: folder });
    closing.push(() => plane.close());
    await plane.start();
    return { plane, database: url };
  }

  async function runUntilUp(plane: ControlPlane): Promise<string> {
    const { id }: ExecutionSummary = await plane.api.post('/api/v1/executions', {
      suiteId: 'hold',
      backend: 'local',
    });
    const isUp = async () => {
      const { steps }: Execution = await plane.api.get(`/api/v1/executions/${id}`);
      return steps.find((step) => step.id === 'wait')?.status === 'running';
    };
    await expect.poll(isUp, { timeout: 60_000 }).toBe(true);
    return id;
  }

  async function environments(plane: ControlPlane): Promise<Environment[]> {
    const inventory: Inventory = await plane.api.get('/api/v1/sandboxes');
    return inventory.environments;
  }

  it('leaves an environment that its labels alone tell of, and that a reap removes', {
    timeout: 300_000,
  }, async () => {
    const witness = watchDocker(docker);
    closing.push(() => witness.close());
    const [ours, theirs] = [await startOnNewDatabase('ours'), await startOnNewDatabase('theirs')];
    const [lost, foreign] = [await runUntilUp(ours.plane), await runUntilUp(theirs.plane)];
    const [before] = await environments(ours.plane);
    const foreignBefore = (await witness.left(new Set([foreign]))).sort();
    await ours.plane.kill();
    await replace(ours.database);
    await ours.plane.start();

    await expect(ours.plane.api.get(`/api/v1/executions/${lost}`)).rejects.toThrow(lost);
    const known = await environments(ours.plane);
    expect(known.map(({ id }) => id)).toEqual([lost]);
    // For a minute it may be that somebody else is about to write it down.
    await expect
      .poll(async () => (await environments(ours.plane))[0]?.state, { timeout: 90_000, interval: 1_000 })
      .toBe('zombie');
    const [zombie] = await environments(ours.plane);
    const names = (environment: Environment | undefined) =>
      environment?.resources.map(({ kind, name }) => `${kind} ${name}`).sort();
    expect(names(before)?.length).toBeGreaterThanOrEqual(4);
    expect(names(zombie)).toEqual(names(before));
    expect(zombie).toMatchObject({
      zombieCause: 'unknown',
      execution: null,
      suiteId: 'hold',
      profile: 'default',
      owner: before?.owner,
      deadline: before?.deadline,
    });

    const results: ReapResult[] = await ours.plane.api.post('/api/v1/sandboxes/reap-all', {
      scope: 'zombies',
    });
    const count = names(before)?.length;
    expect(results).toMatchObject([
      { id: lost, outcome: 'removed', receipt: { created: count, removed: count, left: [] } },
    ]);
    expect(await witness.left(new Set([lost]))).toEqual([]);
    expect(await environments(ours.plane)).toEqual([]);
    expect((await witness.left(new Set([foreign]))).sort()).toEqual(foreignBefore);
    expect((await environments(theirs.plane)).map(({ id, state }) => [id, state])).toEqual([
      [foreign, 'active'],
    ]);
    await theirs.plane.api.post(`/api/v1/sandboxes/${foreign}/reap`, { force: true });
    expect(await witness.left(new Set([foreign]))).toEqual([]);
  });
});

/** An empty one in its place, as after a disk that was lost. */
async function replace(url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  const server = new URL(url);
  server.pathname = '/postgres';
  const sql = postgres(server.href, { max: 1, onnotice: () => undefined });
  try {
    await sql.unsafe(`drop database ${name} with (force)`);
    await sql.unsafe(`create database ${name}`);
  } finally {
    await sql.end();
  }
}
