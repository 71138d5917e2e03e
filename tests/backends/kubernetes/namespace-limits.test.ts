import { afterEach, beforeEach, expect, it } from 'vitest';
import { namespaceDemands } from '@/lib/backends/kubernetes/namespace-limits';
import { openScriptedCluster, type ScriptedCluster } from './scripted-cluster';

let scripted: ScriptedCluster;
beforeEach(async () => {
  scripted = await openScriptedCluster();
});
afterEach(() => scripted.close());

const open = { namespace: 'tests', resources: { cpu: null, memoryBytes: null } };
const quota = {
  items: [{ metadata: { name: 'team' }, spec: { hard: { pods: '9', 'limits.cpu': '4', memory: '8Gi' } } }],
};

async function demands(settings: Parameters<typeof namespaceDemands>[1], ranges: object): Promise<string[]> {
  const asked = namespaceDemands(scripted.cluster, settings);
  for (const _ of [1, 2]) {
    const request = await scripted.next();
    request.answer(JSON.stringify(request.path.endsWith('/limitranges') ? ranges : quota));
  }
  return asked;
}

it('names what a quota wants every step to state', async () => {
  expect(await demands(open, { items: [] })).toEqual([
    "its ResourceQuota team counts limits.cpu, memory and refuses each step that does not state it: in the suite's `resources` or in those of the cluster's settings",
  ]);
});

it('names nothing that a LimitRange or the settings state', async () => {
  const limits = [{ type: 'Container', default: { cpu: '1' }, defaultRequest: { memory: '64Mi' } }];
  expect(await demands(open, { items: [{ spec: { limits } }] })).toEqual([]);
  const stated = { ...open, resources: { cpu: 1, memoryBytes: 1_000_000 } };
  expect(await demands(stated, { items: [] })).toEqual([]);
});

it('says nothing where the account may not look', async () => {
  const asked = namespaceDemands(scripted.cluster, open);
  for (const _ of [1, 2]) (await scripted.next()).answer('{"reason":"Forbidden"}', 403);
  expect(await asked).toEqual([]);
});
