import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { describeWith } from '../support/requirements';
import { backendContract } from './backend-contract';
import { openKubernetesHarness, testCluster } from './kubernetes-harness';

const installation = 'contract-test';
const namespace = `contract-${randomBytes(4).toString('hex')}`;
// Most of a test's time is the cluster's own waiting.
const concurrent = true;

describeWith(['docker', 'kubernetes'], 'on a real cluster', () => {
  beforeAll(async () => {
    const body = { metadata: { name: namespace } };
    await testCluster().ask('make', '/api/v1/namespaces', { method: 'POST', body });
  });
  afterAll(async () => {
    await testCluster().ask('remove', `/api/v1/namespaces/${namespace}`, { method: 'DELETE' });
  });

  // A namespace of its own costs each test five seconds until it is gone.
  backendContract(
    'The Kubernetes backend in a namespace that is given',
    (dependencies) => openKubernetesHarness(dependencies, installation, { namespace }),
    {},
    { concurrent, part: 'steps' },
  );
  backendContract(
    'The Kubernetes backend with a namespace for each execution',
    (dependencies) => openKubernetesHarness(dependencies, installation),
    {},
    { concurrent, part: 'environments' },
  );
});
