import { afterEach, beforeEach, expect, it } from 'vitest';
import { createObject } from '@/lib/backends/kubernetes/creation';
import { systemClock } from '@/lib/clock';
import { openScriptedCluster, type ScriptedCluster } from './scripted-cluster';

let scripted: ScriptedCluster;
beforeEach(async () => {
  scripted = await openScriptedCluster();
});
afterEach(() => scripted.close());

it('makes nothing with a field that the cluster does not know, and says which', async () => {
  const { cluster } = scripted;
  const making = createObject({ clock: systemClock, cluster }, 'test', 'pod', '/api/v1/namespaces/n/pods', {
    metadata: { name: 'p' },
  });
  making.catch(() => undefined);
  const request = await scripted.next();
  expect(request.query).toEqual({ fieldValidation: 'Strict' });
  const message =
    'Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.affinity.nodeAfinity"';
  request.answer(JSON.stringify({ kind: 'Status', reason: 'BadRequest', message }), 400);
  await expect(making).rejects.toThrow(`The cluster could not make the pod p: ${message}.`);
});
