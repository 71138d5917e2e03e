import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildToolbox } from '@/lib/cli/toolbox';
import type { ExecutionEvent } from '@/lib/model/event';
import type { ExecutionSummary } from '@/lib/model/execution';
import type { LogLine } from '@/lib/model/log-line';
import { expectSoundHistory } from '../engine/world';
import { openTestDatabase } from '../support/database';
import { openPrivateRedis, type PrivateRedis } from '../support/private-redis';
import { describeWith } from '../support/requirements';
import { startLimitMs } from '../support/server';
import { type ControlPlane, startTwo } from './control-plane';
import { type DockerWitness, watchDocker } from './docker-witness';
import { untilEnded } from './ended';

/** Ten seconds on a machine that is not loaded. */
const takeoverMs = 30_000;
const lines = 150;
const count = `let n = 0; setInterval(() => { console.log('count ' + ++n); if (n === ${lines}) process.exit(0) }, 100)`;
const suite = {
  steps: { counting: { kind: 'task', image: 'gantry/toolbox:local', run: ['node', '-e', count] } },
};

describeWith(['docker', 'redis'], 'Two control planes with a Redis', () => {
  const closing: (() => unknown)[] = [];
  let planes: [ControlPlane, ControlPlane];
  let redis: PrivateRedis;
  let witness: DockerWitness;

  beforeAll(async () => {
    const docker = new Docker();
    await buildToolbox({ docker, log: () => undefined });
    const folder = await mkdtemp(path.join(tmpdir(), 'gantry-replicas-'));
    closing.push(() => rm(folder, { recursive: true, force: true }));
    await mkdir(path.join(folder, 'counting'));
    await writeFile(path.join(folder, 'counting', 'suite.yaml'), JSON.stringify(suite));
    const database = await openTestDatabase();
    closing.push(() => database.drop());
    redis = await openPrivateRedis();
    closing.push(() => redis.kill());
    witness = watchDocker(docker);
    closing.push(() => witness.close());
    // The lease is the usual one.
    const env = { DATABASE_URL: database.url, REDIS_URL: redis.url, GANTRY_SUITES: folder };
    planes = await startTwo(closing, env);
  }, startLimitMs);
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  });

  async function launch(): Promise<string> {
    const { id }: ExecutionSummary = await planes[0].api.post('/api/v1/executions', { suiteId: 'counting' });
    return id;
  }

  /** The first item of a stream that is the one; the stream comes back by itself. */
  async function until<T>(plane: ControlPlane, what: string, isIt: (item: T) => boolean): Promise<T> {
    const stop = new AbortController();
    try {
      for await (const { data } of plane.api.stream(`/api/v1/executions/${what}`, stop.signal)) {
        const item: T = JSON.parse(data);
        if (isIt(item)) return item;
      }
      throw new Error(`the stream ${what} has ended`);
    } finally {
      stop.abort();
    }
  }

  async function ownerOf(id: string): Promise<{ owner: ControlPlane; other: ControlPlane }> {
    const started = await until<ExecutionEvent>(
      planes[0],
      `${id}/events`,
      ({ type }) => type === 'execution.started',
    );
    const name = started.type === 'execution.started' ? started.owner : '';
    const index = planes.findIndex((plane) => name.includes(`-${plane.pid()}-`));
    const [owner, other] = index === 0 ? planes : [planes[1], planes[0]];
    return { owner, other };
  }

  async function expectWhole(id: string): Promise<void> {
    const counted = Array.from({ length: lines }, (_, index) => `count ${index + 1}`);
    for (const plane of planes.filter((each) => each.isUp())) {
      const execution = await untilEnded(plane, id);
      expect(execution, execution.cause?.sentence).toMatchObject({ status: 'passed', receipt: { left: [] } });
      const base = `/api/v1/executions/${id}`;
      const events: { items: ExecutionEvent[] } = await plane.api.get(`${base}/events?limit=5000`);
      expectSoundHistory(events.items);
      const log: { items: LogLine[] } = await plane.api.get(`${base}/logs?stream=stdout&limit=5000`);
      expect(log.items.map(({ text }) => text)).toEqual(counted);
    }
    expect(witness.starts().get(`${id} counting 1`)).toBe(1);
  }

  async function cacheOf(plane: ControlPlane): Promise<unknown> {
    const answer = await fetch(`${plane.api.url}/readyz/cache`);
    expect(answer.status).toBe(200);
    return answer.json();
  }

  it('go on as if nothing were when it is killed in the middle of a run', async () => {
    const id = await launch();
    const { other } = await ownerOf(id);
    await until<LogLine>(other, `${id}/logs`, ({ text }) => text === 'count 10');
    expect(await cacheOf(other)).toMatchObject({ checks: [{ status: 'ok' }] });
    await redis.kill();
    // Each line comes to whoever reads it from the one that does not run it as soon as before.
    let latest = 0;
    await until<LogLine>(other, `${id}/logs?after=20`, ({ text, at }) => {
      latest = Math.max(latest, Date.now() - Date.parse(at));
      return text === 'count 60';
    });
    // That Redis is gone is noticed within two seconds, on a machine that is not loaded.
    expect(latest).toBeLessThan(10_000);
    expect(await cacheOf(other)).toMatchObject({ status: 'ready', checks: [{ status: 'degraded' }] });
    await redis.start();
    await expectWhole(id);
  });

  it('take over from one that is killed, soon after its lease has ended', async () => {
    const id = await launch();
    const { owner, other } = await ownerOf(id);
    await until<LogLine>(other, `${id}/logs`, ({ text }) => text === 'count 5');
    await owner.kill();
    const killedAtMs = Date.now();
    const adopted = await until<ExecutionEvent>(
      other,
      `${id}/events`,
      ({ type }) => type === 'execution.adopted',
    );
    const tookMs = Date.parse(adopted.at) - killedAtMs;
    expect(tookMs).toBeLessThan(takeoverMs);
    await expectWhole(id);
  });
});
