import { afterEach, beforeEach, expect, it } from 'vitest';
import { pod } from '@/lib/backends/kubernetes/objects';
import { recentWarning } from '@/lib/backends/kubernetes/pod-events';
import { openScriptedCluster, type ScriptedCluster } from './scripted-cluster';

let scripted: ScriptedCluster;
beforeEach(async () => {
  scripted = await openScriptedCluster();
});
afterEach(() => scripted.close());

const found = pod.parse({ metadata: { name: 'p', namespace: 'n', uid: 'u' } });

async function ask(items: object[]): Promise<string | null> {
  const asking = recentWarning(scripted, found);
  const request = await scripted.next();
  expect(request.path).toBe('/api/v1/namespaces/n/events');
  expect(request.query).toEqual({
    fieldSelector: 'involvedObject.name=p,involvedObject.uid=u,type=Warning',
  });
  request.answer(JSON.stringify({ items }));
  return asking;
}

it('is the last warning of a pod, whether it came by the old or the new kind of events', async () => {
  const kubelet = { reason: 'FailedMount', message: 'no such secret', lastTimestamp: '2026-01-02T03:04:05Z' };
  const scheduler = {
    reason: 'FailedScheduling',
    message: '0/1 nodes are available.',
    eventTime: '2026-01-02T03:04:06.123456Z',
    lastTimestamp: null,
  };
  expect(await ask([kubelet, scheduler])).toBe('FailedScheduling: 0/1 nodes are available');
});

it('is one that came again and again by the last time that it came', async () => {
  const first = { eventTime: '2026-01-02T03:04:01.000000Z', lastTimestamp: null };
  const again = { ...first, series: { count: 9, lastObservedTime: '2026-01-02T03:09:00.000000Z' } };
  const once = { reason: 'Failed', message: 'once', lastTimestamp: '2026-01-02T03:05:00Z' };
  expect(await ask([{ ...again, reason: 'FailedScheduling', message: 'again' }, once])).toBe(
    'FailedScheduling: again',
  );
});

it('is none where the cluster has not complained', async () => {
  expect(await ask([])).toBeNull();
});
