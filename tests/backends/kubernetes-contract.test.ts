import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, vi } from 'vitest';
import { describeWith } from '../support/requirements';
import { backendContract } from './backend-contract';
import { openKubernetesHarness, testCluster } from './kubernetes-harness';

// Ten pods at a time on a machine of two cores: what they assert does not depend on its load.
vi.setConfig({ testTimeout: 180_000 });

const installation = 'contract-test';
const namespace = `contract-${randomBytes(4).toString('hex')}`;
// Most of a test's time is the cluster's own waiting.
const atATime = 10;

/** Seen on Kubernetes 1.20 with Docker: its log API answers nothing of a line before the line has ended. */
const skips = {
  'a log probe matches a line that has no end yet, and people see it':
    'the log of a container has a line only once it has ended',
};

describeWith(['docker', 'kubernetes'], 'on a real cluster', () => {
  beforeAll(async () => {
    const body = { metadata: { name: namespace } };
    await testCluster().request('make', '/api/v1/namespaces', { method: 'POST', body });
  });
  afterAll(async () => {
    await testCluster().request('remove', `/api/v1/namespaces/${namespace}`, { method: 'DELETE' });
  });

  // A namespace of its own costs each test five seconds until it is gone.
  backendContract(
    'The Kubernetes backend in a namespace that is given',
    (dependencies) => openKubernetesHarness(dependencies, installation, { namespace }),
    skips,
    { atATime, part: 'steps' },
  );
  backendContract(
    'The Kubernetes backend with a namespace for each execution',
    (dependencies) => openKubernetesHarness(dependencies, installation),
    {},
    { atATime, part: 'environments' },
  );
});
