import { expect, it } from 'vitest';
import { createKubernetesBackend } from '@/lib/backends/kubernetes/kubernetes-backend';
import { systemClock } from '@/lib/clock';
import { makePlan } from '../../support/plan';
import { silentLogger } from '../../support/silent-logger';

const openPackage = () => Promise.reject(new Error('no package'));
const backend = createKubernetesBackend(
  { clock: systemClock, logger: silentLogger, openPackage },
  { id: 'kubernetes', installation: 'refusal-test', settings: null },
);

it('refuses a plan that waits for the health check of an image, naming the steps', () => {
  const ready = (type: 'tcp' | 'healthcheck') => ({
    probe: type === 'tcp' ? { type, port: 80 } : { type },
    intervalMs: 100,
    timeoutMs: 1_000,
  });
  const plan = makePlan({
    nodes: [
      { id: 'db', ready: ready('healthcheck') },
      { id: 'api', ready: ready('tcp') },
    ],
  });
  expect(backend.refuses?.(plan)).toBe(
    'Kubernetes does not run the health check of an image, for which db waits: use tcp, http, exec or log.',
  );
  expect(backend.refuses?.(makePlan({ nodes: [{ id: 'api', ready: ready('tcp') }] }))).toBeNull();
});

it('says how to name a cluster when none was', async () => {
  expect(await backend.check()).toEqual({
    available: false,
    reason: 'No cluster is configured: set GANTRY_KUBECONFIG, or give this backend a kubeconfig.',
  });
});
