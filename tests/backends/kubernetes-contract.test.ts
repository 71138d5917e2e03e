import { describeWith } from '../support/requirements';
import { backendContract } from './backend-contract';
import { openKubernetesHarness } from './kubernetes-harness';

describeWith(['docker', 'kubernetes'], 'on a real cluster', () => {
  backendContract(
    'The Kubernetes backend',
    (dependencies) => openKubernetesHarness(dependencies, 'contract-test'),
    {},
    // Most of a test's time is the cluster's own waiting.
    { concurrent: true },
  );
});
