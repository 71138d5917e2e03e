import { afterEach, beforeEach, expect, it } from 'vitest';
import { nameTaints } from '@/lib/backends/kubernetes/taints';
import { openScriptedCluster, type ScriptedCluster } from './scripted-cluster';

let scripted: ScriptedCluster;
beforeEach(async () => {
  scripted = await openScriptedCluster();
});
afterEach(() => scripted.close());

/** The words of the scheduler of Kubernetes 1.36, and of 1.20. */
const unnamed = '0/2 nodes are available: 2 node(s) had untolerated taint(s). no new claims to deallocate.';
const named = "0/1 nodes are available: 1 node(s) had taint {dedicated: db}, that the pod didn't tolerate.";

it('names the taints of the nodes where the scheduler does not', async () => {
  const naming = nameTaints(scripted.cluster, unnamed);
  const request = await scripted.next();
  expect(request.path).toBe('/api/v1/nodes');
  const taint = { key: 'dedicated', value: 'db', effect: 'NoSchedule' };
  request.answer(
    JSON.stringify({
      items: [
        { metadata: { name: 'node-1' }, spec: { taints: [taint] } },
        {
          metadata: { name: 'node-2' },
          spec: {
            taints: [taint, { key: 'gpu', effect: 'NoExecute' }, { key: 'x', effect: 'PreferNoSchedule' }],
          },
        },
        { metadata: { name: 'node-3' } },
      ],
    }),
  );
  expect(await naming).toBe('dedicated=db:NoSchedule on node-1, node-2; gpu:NoExecute on node-2');
});

it('says nothing where the account may not look', async () => {
  const naming = nameTaints(scripted.cluster, unnamed);
  (await scripted.next()).answer('{"reason":"Forbidden","message":"nodes is forbidden"}', 403);
  expect(await naming).toBeNull();
});

it('asks nobody where the scheduler has named them, or speaks of something else', async () => {
  expect(await nameTaints(scripted.cluster, named)).toBeNull();
  expect(await nameTaints(scripted.cluster, '0/1 nodes are available: 1 Insufficient cpu.')).toBeNull();
});
