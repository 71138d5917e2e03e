import { describeWith } from '../support/requirements';
import { backendContract } from './backend-contract';
import { openDockerHarness } from './docker-harness';

describeWith(['docker'], 'on a real daemon', () => {
  backendContract(
    'The Docker backend',
    (dependencies) => openDockerHarness(dependencies, 'contract-test'),
    {},
    // A container that starts or ends keeps one core busy, and one that runs none.
    { atATime: 3 },
  );
});
