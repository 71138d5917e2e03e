import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { attemptName } from '@/lib/backends/labels';
import { buildToolbox } from '@/lib/cli/toolbox';
import type { ExecutionEvent } from '@/lib/model/event';
import type { Execution, ExecutionSummary } from '@/lib/model/execution';
import type { LogLine } from '@/lib/model/log-line';
import { expectSoundHistory } from '../engine/world';
import { type OwnPostgres, startOwnPostgres } from '../support/own-postgres';
import { describeWith } from '../support/requirements';
import { startLimitMs } from '../support/server';
import { type ControlPlane, makeControlPlane, token } from './control-plane';
import { type DockerWitness, watchDocker } from './docker-witness';
import { untilEnded } from './ended';
import { pause } from './faults';

const outageMs = 30_000;
const catchUpMs = 30_000;

function counting(lines: number, after: string[] = []) {
  const run = `let n = 0; setInterval(() => { console.log('count ' + ++n); if (n === ${lines}) process.exit(0) }, 100)`;
  return { kind: 'task', image: 'gantry/toolbox:local', run: ['node', '-e', run], after };
}

/** Of how many lines: one step sees the outage begin and end, one ends during it, one can only start afterwards. */
const suites = {
  long: { through: 420, ends: 100, next: 10 },
  brief: { through: 90, ends: 30, next: 10 },
};
type SuiteId = keyof typeof suites;

describeWith('docker', 'A database that is away', () => {
  const docker = new Docker();
  const closing: (() => unknown)[] = [];
  let plane: ControlPlane;
  let database: OwnPostgres;
  let witness: DockerWitness;

  beforeAll(async () => {
    await buildToolbox({ docker, log: () => undefined });
    const folder = await mkdtemp(path.join(tmpdir(), 'gantry-outage-'));
    closing.push(() => rm(folder, { recursive: true, force: true }));
    await chmod(folder, 0o755);
    for (const [suiteId, { through, ends, next }] of Object.entries(suites)) {
      const steps = { through: counting(through), ends: counting(ends), next: counting(next, ['ends']) };
      await mkdir(path.join(folder, 'suites', suiteId), { recursive: true });
      await writeFile(path.join(folder, 'suites', suiteId, 'suite.yaml'), JSON.stringify({ steps }));
    }
    database = await startOwnPostgres(path.join(folder, 'postgres'));
    closing.push(() => database.stop());
    witness = watchDocker(docker);
    closing.push(() => witness.close());
    const env = { DATABASE_URL: database.url, GANTRY_SUITES: path.join(folder, 'suites') };
    plane = await makeControlPlane('outage', env);
    closing.push(() => plane.close());
    await plane.start();
  }, startLimitMs);
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  });

  async function launch(suiteId: SuiteId): Promise<string> {
    const { id }: ExecutionSummary = await plane.api.post('/api/v1/executions', { suiteId });
    return id;
  }

  /** As a client does: the stream comes back by itself. */
  async function untilLine(id: string, stepId: string, isIt: (line: LogLine) => boolean): Promise<void> {
    const stop = new AbortController();
    const stream = plane.api.stream(`/api/v1/executions/${id}/logs?step=${stepId}`, stop.signal);
    for await (const { data } of stream) if (isIt(JSON.parse(data))) break;
    stop.abort();
  }

  async function expectWhole(id: string, suiteId: SuiteId): Promise<void> {
    const execution: Execution = await untilEnded(plane, id);
    expect(execution, execution.cause?.sentence).toMatchObject({ status: 'passed', receipt: { left: [] } });
    const { items }: { items: ExecutionEvent[] } = await plane.api.get(
      `/api/v1/executions/${id}/events?limit=5000`,
    );
    expectSoundHistory(items);
    for (const [stepId, count] of Object.entries(suites[suiteId])) {
      const page: { items: LogLine[] } = await plane.api.get(
        `/api/v1/executions/${id}/logs?step=${stepId}&stream=stdout&limit=5000`,
      );
      const counted = Array.from({ length: count }, (_, index) => `count ${index + 1}`);
      expect(page.items.map(({ text }) => text)).toEqual(counted);
      expect(witness.starts().get(`${id} ${stepId} 1`)).toBe(1);
    }
    expect(await witness.left(new Set([id]))).toEqual([]);
  }

  function ask(at: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    return fetch(plane.api.url + at, { ...init, headers, signal: AbortSignal.timeout(10_000) });
  }

  it('for 30 s kills no step and fails no run; requests are told to come again', {
    timeout: 300_000,
  }, async () => {
    const id = await launch('long');
    await untilLine(id, 'through', ({ text }) => text === 'count 10');
    await database.stop();
    const stoppedMs = performance.now();
    const body = JSON.stringify({ suiteId: 'brief' });
    for (const answer of [
      await ask('/readyz/datastore'),
      await ask('/api/v1/executions'),
      await ask(`/api/v1/executions/${id}`),
      await ask('/api/v1/executions', { method: 'POST', body }),
    ]) {
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toBe('5');
    }
    const through = docker.getContainer(attemptName({ executionId: id, stepId: 'through', attempt: 1 }));
    await docker.getContainer(attemptName({ executionId: id, stepId: 'ends', attempt: 1 })).wait();
    await pause(outageMs - (performance.now() - stoppedMs));
    expect((await through.inspect()).State.Running).toBe(true);
    await database.start();
    const backAtMs = Date.now();
    // What was printed before the database came back is there soon, and so is what waited for it.
    await Promise.all([
      untilLine(id, 'through', ({ at }) => Date.parse(at) >= backAtMs - 100),
      untilLine(id, 'next', ({ text }) => text === 'count 1'),
    ]);
    expect(Date.now() - backAtMs).toBeLessThan(catchUpMs);
    expect((await ask('/readyz/datastore')).status).toBe(200);
    await expectWhole(id, 'long');
  });

  it('for a moment, again and again, because its sessions are ended, does no harm', {
    timeout: 300_000,
  }, async () => {
    const id = await launch('brief');
    await untilLine(id, 'through', ({ text }) => text === 'count 10');
    for (let round = 0; round < 8; round += 1) {
      expect(await database.terminateSessions()).toBeGreaterThan(0);
      await untilLine(id, 'through', ({ at }) => Date.parse(at) > Date.now() - 500);
    }
    await expectWhole(id, 'brief');
  });
});
