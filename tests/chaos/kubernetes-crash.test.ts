import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { getPod } from '@/lib/backends/kubernetes/attempt-pod';
import { buildToolbox } from '@/lib/cli/toolbox';
import type { ExecutionEvent } from '@/lib/model/event';
import type { Execution, ExecutionSummary } from '@/lib/model/execution';
import type { LogLine } from '@/lib/model/log-line';
import { testCluster, testKubeconfig } from '../backends/kubernetes-harness';
import { expectSoundHistory } from '../engine/world';
import { openTestDatabase } from '../support/database';
import { describeWith } from '../support/requirements';
import { startLimitMs } from '../support/server';
import { type ControlPlane, makeControlPlane } from './control-plane';

const counted = Array.from({ length: 200 }, (_, index) => `count ${index + 1}`);
const count = `let n = 0; setInterval(() => { console.log('count ' + ++n); if (n === 200) process.exit(0) }, 50)`;
const task = { kind: 'task', image: 'gantry/toolbox:local', run: ['node', '-e', count] };
const suite = {
  steps: {
    one: task,
    two: { ...task, export: [{ path: 'a.txt' }] },
    last: { ...task, run: 'echo last', after: ['one', 'two'] },
  },
};

describeWith(['docker', 'kubernetes'], 'A control plane that is killed while its pods run', () => {
  const closing: (() => unknown)[] = [];
  let plane: ControlPlane;

  beforeAll(async () => {
    await buildToolbox({ log: () => undefined });
    const folder = await mkdtemp(path.join(tmpdir(), 'gantry-crash-'));
    closing.push(() => rm(folder, { recursive: true }));
    await mkdir(path.join(folder, 'counters'));
    await writeFile(path.join(folder, 'counters', 'suite.yaml'), JSON.stringify(suite));
    const database = await openTestDatabase();
    closing.push(() => database.drop());
    plane = await makeControlPlane('kubernetes', {
      DATABASE_URL: database.url,
      GANTRY_SUITES: folder,
      GANTRY_KUBECONFIG: testKubeconfig,
    });
    closing.push(() => plane.close());
    await plane.start();
  }, startLimitMs);
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  });

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

  it('finds its pods, and goes on with them without a line lost or doubled', {
    timeout: 300_000,
  }, async () => {
    const { id }: ExecutionSummary = await plane.api.post('/api/v1/executions', {
      suiteId: 'counters',
      backend: 'kubernetes',
    });
    const events = follow<ExecutionEvent>(id, 'events', () => false);
    await follow<LogLine>(id, 'logs', (lines) => lines.some(({ text }) => text === 'count 5'));
    const cluster = testCluster();
    const pods = () =>
      Promise.all(['one', 'two'].map((step) => getPod(cluster, `gantry-${id}`, `gantry-${id}-${step}-1`)));
    await expect
      .poll(async () => (await pods()).every((pod) => pod !== null), { timeout: 60_000 })
      .toBe(true);
    const before = (await pods()).map((pod) => pod?.metadata.uid);
    await plane.kill();
    await plane.start();
    await follow<LogLine>(id, 'logs', (lines) => lines.some(({ text }) => text === 'count 60'));
    expect((await pods()).map((pod) => pod?.metadata.uid)).toEqual(before);
    const history = await events;
    expectSoundHistory(history);
    expect(history.filter(({ type }) => type === 'execution.adopted')).toHaveLength(1);
    const execution: Execution = await plane.api.get(`/api/v1/executions/${id}`);
    expect(execution).toMatchObject({ status: 'passed', cause: null, receipt: { left: [] } });
    for (const stepId of ['one', 'two']) {
      const { items }: { items: LogLine[] } = await plane.api.get(
        `/api/v1/executions/${id}/logs?step=${stepId}&stream=stdout&limit=5000`,
      );
      expect(items.map(({ text }) => text)).toEqual(counted);
    }
  });
});
