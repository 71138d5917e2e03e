import { beforeAll, expect, it, vi } from 'vitest';
import { createKubernetesBackend } from '@/lib/backends/kubernetes/kubernetes-backend';
import { systemClock } from '@/lib/clock';
import { noContainerOptions } from '@/lib/model/container-options';
import { kubernetesSettings } from '@/lib/model/kubernetes-settings';
import { makePlan } from '../../support/plan';
import { silentLogger } from '../../support/silent-logger';

const openPackage = () => Promise.reject(new Error('no package'));
const backend = createKubernetesBackend(
  { clock: systemClock, logger: silentLogger, openPackage },
  { id: 'kubernetes', installation: 'refusal-test', settings: null },
);

// A check gives up after five seconds, and a busy machine takes longer to load the client for the first time.
beforeAll(() => import('@kubernetes/client-node'));

it('refuses inputs where files of the package go, which one pod cannot have in one folder', () => {
  const inputs = [{ from: 'build', path: 'dist/**', to: '/work' }];
  const files = [{ path: '/work', from: 'work', mode: null }];
  const container = { ...noContainerOptions, files };
  const plan = (given: object) => makePlan({ nodes: [{ id: 'build' }, { id: 'check', inputs, ...given }] });
  expect(backend.refuses?.(plan({}))).toBeNull();
  expect(backend.refuses?.(plan({ container }))).toBe(
    'Kubernetes does not have these keys of steps: check (`inputs` where `files` are). Leave them out, or choose a backend on Docker.',
  );
});

it.each([
  [1000, { user: '0:5' }, "`user: 0` where the cluster's `runAsUser` is not null"],
  [null, { user: '0:5' }, null],
  [1000, { user: '4242' }, null],
  [1000, { user: '1000660000:2147483647' }, null],
  [1000, { user: '2147483648' }, 'a number in `user` above 2147483647'],
  [1000, { user: '1:2147483648' }, 'a number in `user` above 2147483647'],
  [null, { user: 'postgres' }, '`user` by name: a number is possible'],
  [1000, { hostname: 'queue-1', stopSignal: 'SIGRTMIN+3', platform: 'linux/arm64' }, null],
  [1000, { hostname: 'Queue.example' }, '`hostname` with capitals or dots'],
])('with runAsUser %s says of %o what it cannot do: %s', (runAsUser, asked, refused) => {
  const settings = kubernetesSettings.parse({ kubeconfig: { from: 'cluster' }, runAsUser });
  const other = createKubernetesBackend(
    { clock: systemClock, logger: silentLogger, openPackage },
    { id: 'kubernetes', installation: 'refusal-test', settings },
  );
  const plan = makePlan({ nodes: [{ id: 'db', container: { ...noContainerOptions, ...asked } }] });
  expect(other.refuses?.(plan)).toBe(
    refused === null
      ? null
      : `Kubernetes does not have these keys of steps: db (${refused}). Leave them out, or choose a backend on Docker.`,
  );
});

it('refuses a plan that waits for the health check of an image, naming the steps', () => {
  const ready = (type: 'tcp' | 'healthcheck') => ({
    probes: [type === 'tcp' ? { type, port: 80 } : { type }],
    forMs: 0,
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
  const healthCheck = { argv: ['true'], intervalMs: 1, timeoutMs: 1, retries: 1, startPeriodMs: 0 };
  const container = { ...noContainerOptions, healthCheck };
  const own = makePlan({ nodes: [{ id: 'db', container, ready: ready('healthcheck') }] });
  expect(backend.refuses?.(own)).toBeNull();
  const unused = makePlan({ nodes: [{ id: 'db', container, ready: ready('tcp') }] });
  expect(backend.refuses?.(unused)).toBe(
    'Kubernetes does not have these keys of steps: db (`healthcheck`). Leave them out, or choose a backend on Docker.',
  );
});

it('says how to name a cluster when none was', async () => {
  expect(await backend.check()).toEqual({
    available: false,
    reason: 'No cluster is configured: set GANTRY_KUBECONFIG, or give this backend a kubeconfig.',
  });
});

it.each([
  [
    { from: 'cluster' },
    'Gantry does not run in a pod of a cluster: give it a kubeconfig instead of `in-cluster`.',
  ],
  [{ from: 'file', path: '/nowhere/config' }, 'The kubeconfig /nowhere/config cannot be read: ENOENT'],
  [{ from: 'inline', text: 'clusters: [' }, 'The kubeconfig of the settings cannot be read: unexpected end'],
])('says in one line what is wrong with %o', async (kubeconfig, reason) => {
  // The tests themselves may run in a pod.
  vi.stubEnv('KUBERNETES_SERVICE_HOST', undefined);
  const settings = kubernetesSettings.parse({ kubeconfig });
  const other = createKubernetesBackend(
    { clock: systemClock, logger: silentLogger, openPackage },
    { id: 'kubernetes', installation: 'refusal-test', settings },
  );
  const answer = await other.check();
  vi.unstubAllEnvs();
  expect(answer).toMatchObject({ available: false, reason: expect.stringContaining(reason) });
  expect(JSON.stringify(answer)).not.toContain('\\n');
});
