import { afterEach, beforeEach, expect, it } from 'vitest';
import { pod } from '@/lib/backends/kubernetes/objects';
import { createUsageReader } from '@/lib/backends/kubernetes/usage';
import type { Clock } from '@/lib/clock';
import { systemClock } from '@/lib/clock';
import { openScriptedCluster, type ScriptedCluster } from './scripted-cluster';

/** As metrics-server 0.6 answers, shortened. */
const answer = {
  kind: 'PodMetricsList',
  apiVersion: 'metrics.k8s.io/v1beta1',
  metadata: {},
  items: [
    {
      metadata: { name: 'api', namespace: 'one', creationTimestamp: '2026-01-02T03:04:05Z' },
      timestamp: '2026-01-02T03:04:00Z',
      window: '15.1s',
      containers: [
        { name: 'gantry', usage: { cpu: '0', memory: '412Ki' } },
        { name: 'main', usage: { cpu: '251234567n', memory: '52000Ki' } },
      ],
    },
  ],
};
const limited = pod.parse({
  metadata: { name: 'api', namespace: 'one' },
  spec: { containers: [{ name: 'main', resources: { limits: { memory: '128Mi' } } }] },
});

let scripted: ScriptedCluster;
let nowMs: number;
beforeEach(async () => {
  scripted = await openScriptedCluster();
  nowMs = 1_000_000;
});
afterEach(() => scripted.close());

function open() {
  const clock: Clock = { ...systemClock, monotonicMs: () => nowMs };
  const { cluster } = scripted;
  return createUsageReader(
    { clock, cluster, known: () => [limited] },
    { namespace: null, labelSelector: 'a=b' },
  );
}

it('reads what steps use from one list for all of them', async () => {
  const read = open();
  const readings = Promise.all([read('one', 'api'), read('one', 'new')]);
  const request = await scripted.next();
  expect(request).toMatchObject({
    path: '/apis/metrics.k8s.io/v1beta1/pods',
    query: { labelSelector: 'a=b' },
  });
  request.answer(JSON.stringify(answer));
  expect(await readings).toEqual([
    {
      atMs: Date.parse('2026-01-02T03:04:00Z'),
      cpuMs: null,
      cpu: 0.251,
      memoryBytes: 52_000 * 1024,
      memoryLimitBytes: 128 * 1024 * 1024,
      receivedBytes: null,
      sentBytes: null,
      readBytes: null,
      writtenBytes: null,
    },
    null,
  ]);
  // Of a moment ago.
  expect(await read('one', 'api')).toMatchObject({ cpu: 0.251 });
  nowMs += 5_000;
  const later = read('one', 'api');
  (await scripted.next()).answer(JSON.stringify({ ...answer, items: [] }));
  expect(await later).toBeNull();
});

it.each([404, 403, 503])(
  'says nothing where the cluster answers %i, and asks a minute later',
  async (status) => {
    const read = open();
    const reading = read('one', 'api');
    (await scripted.next()).answer('{}', status);
    expect(await reading).toBeNull();
    nowMs += 59_000;
    expect(await read('one', 'api')).toBeNull();
    nowMs += 1_000;
    const later = read('one', 'api');
    (await scripted.next()).answer(JSON.stringify(answer));
    expect(await later).toMatchObject({ cpu: 0.251 });
  },
);

it('does not take an answer that cannot be read for an absence', async () => {
  const read = open();
  const reading = read('one', 'api');
  const refused = expect(reading).rejects.toThrow();
  (await scripted.next()).answer(JSON.stringify({ items: [{ ...answer.items[0], timestamp: 5 }] }));
  await refused;
  const later = read('one', 'api');
  (await scripted.next()).answer(JSON.stringify(answer));
  expect(await later).toMatchObject({ cpu: 0.251 });
});
