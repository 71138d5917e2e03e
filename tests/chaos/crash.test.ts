import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
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
import { openTestDatabase } from '../support/database';
import { describeWith } from '../support/requirements';
import { startLimitMs } from '../support/server';
import { type ControlPlane, makeControlPlane } from './control-plane';
import { type DockerWitness, watchDocker } from './docker-witness';

const limitMs = 300_000;
const counted = Array.from({ length: 100 }, (_, index) => `count ${index + 1}`);
const count = `let n = 0; setInterval(() => { console.log('count ' + ++n); if (n === 100) process.exit(0) }, 50)`;
const middle = Array.from({ length: 8 }, (_, index) => `m${index}`);
const step = (run: unknown, after: string[] = []) => ({
  kind: 'task',
  image: 'gantry/toolbox:local',
  run,
  after,
});
const suites = {
  diamond: {
    steps: {
      first: step('echo first'),
      ...Object.fromEntries(middle.map((id) => [id, step(['node', '-e', count], ['first'])])),
      last: step('echo last', middle),
    },
  },
  built: {
    steps: {
      built: {
        kind: 'task',
        build: {
          // Another text each time, so that no layer of it is known.
          dockerfile_inline: `FROM gantry/toolbox:local\nRUN echo ${Date.now()}; sleep 6\nCMD ["echo", "built"]`,
        },
      },
    },
  },
  seven: { steps: { seven: step('echo begin; sleep 4; echo end; exit 7') } },
};

describeWith('docker', 'A control plane that is killed', () => {
  const docker = new Docker();
  const closing: (() => unknown)[] = [];
  let plane: ControlPlane;
  let witness: DockerWitness;

  beforeAll(async () => {
    await buildToolbox({ docker, log: () => undefined });
    const folder = await mkdtemp(path.join(tmpdir(), 'gantry-crash-'));
    closing.push(() => rm(folder, { recursive: true }));
    for (const [id, suite] of Object.entries(suites)) {
      await mkdir(path.join(folder, id));
      await writeFile(path.join(folder, id, 'suite.yaml'), JSON.stringify(suite));
    }
    const database = await openTestDatabase();
    closing.push(() => database.drop());
    witness = watchDocker(docker);
    closing.push(() => witness.close());
    plane = await makeControlPlane('crash', { DATABASE_URL: database.url, GANTRY_SUITES: folder });
    closing.push(() => plane.close());
    await plane.start();
  }, startLimitMs);
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  });

  async function launch(suiteId: string): Promise<{ id: string; events: Promise<ExecutionEvent[]> }> {
    const { id }: ExecutionSummary = await plane.api.post('/api/v1/executions', { suiteId });
    return { id, events: follow<ExecutionEvent>(id, 'events', () => false) };
  }

  /** As a client does: the stream comes back by itself. */
  async function follow<T>(id: string, what: string, isEnough: (items: T[]) => boolean): Promise<T[]> {
    const items: T[] = [];
    const stop = new AbortController();
    for await (const { data } of plane.api.stream(`/api/v1/executions/${id}/${what}`, stop.signal)) {
      items.push(JSON.parse(data));
      if (isEnough(items)) break;
    }
    stop.abort();
    return items;
  }

  const untilCounting = (id: string) =>
    follow<LogLine>(id, 'logs', (lines) => lines.some(({ text }) => text === 'count 5'));

  function containerOf(executionId: string, stepId: string): Docker.Container {
    return docker.getContainer(attemptName({ executionId, stepId, attempt: 1 }));
  }

  async function expectWholeDiamond(id: string, events: ExecutionEvent[]): Promise<void> {
    const execution: Execution = await plane.api.get(`/api/v1/executions/${id}`);
    expect(execution, execution.cause?.sentence).toMatchObject({ status: 'passed', receipt: { left: [] } });
    expectSoundHistory(events);
    for (const stepId of middle) {
      const { items }: { items: LogLine[] } = await plane.api.get(
        `/api/v1/executions/${id}/logs?step=${stepId}&stream=stdout&limit=5000`,
      );
      expect(items.map(({ text }) => text)).toEqual(counted);
      expect(witness.starts().get(`${id} ${stepId} 1`)).toBe(1);
    }
    expect(await witness.left(new Set([id]))).toEqual([]);
  }

  it('leaves its containers running and goes on with them', { timeout: limitMs }, async () => {
    const { id, events } = await launch('diamond');
    await untilCounting(id);
    await plane.kill();
    expect((await containerOf(id, 'm0').inspect()).State.Running).toBe(true);
    await plane.start();
    const upAt = Date.now();
    const history = await events;
    await expectWholeDiamond(id, history);
    const adopted = history.filter(({ type }) => type === 'execution.adopted');
    expect(adopted).toHaveLength(1);
    expect(Date.parse(adopted[0]?.at ?? '') - upAt).toBeLessThan(5_000);
  });

  it('learns how a step ended that it did not see ending', { timeout: limitMs }, async () => {
    const { id, events } = await launch('seven');
    await follow<LogLine>(id, 'logs', (lines) => lines.some(({ text }) => text === 'begin'));
    await plane.kill();
    expect(await containerOf(id, 'seven').wait()).toMatchObject({ StatusCode: 7 });
    await plane.start();
    expectSoundHistory(await events);
    const { steps }: Execution = await plane.api.get(`/api/v1/executions/${id}`);
    expect(steps).toMatchObject([{ status: 'failed', result: { exitCode: 7 }, attempts: [{ number: 1 }] }]);
    const { items }: { items: LogLine[] } = await plane.api.get(
      `/api/v1/executions/${id}/logs?stream=stdout`,
    );
    expect(items.map(({ text }) => text)).toEqual(['begin', 'end']);
  });

  it('builds again what it was building', { timeout: limitMs }, async () => {
    const { id, events } = await launch('built');
    await follow<LogLine>(id, 'logs', (lines) => lines.some(({ text }) => text.includes('sleep 6')));
    await plane.kill();
    await plane.start();
    expectSoundHistory(await events);
    const execution: Execution = await plane.api.get(`/api/v1/executions/${id}`);
    expect(execution, execution.cause?.sentence).toMatchObject({ status: 'passed', receipt: { left: [] } });
    const { items }: { items: LogLine[] } = await plane.api.get(
      `/api/v1/executions/${id}/logs?stream=stdout`,
    );
    expect(items.map(({ text }) => text)).toEqual(['built']);
    const name = execution.steps[0]?.result?.image?.name ?? '';
    expect(name).toContain('gantry/build:');
    await docker.getImage(name).remove({ force: true });
  });
});
