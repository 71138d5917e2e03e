import { createKubernetesBackend } from '@/lib/backends/kubernetes/kubernetes-backend';
import { systemClock } from '@/lib/clock';
import { kubernetesSettings } from '@/lib/model/kubernetes-settings';
import { makeStepSpec } from '../support/plan';
import { silentLogger } from '../support/silent-logger';
import { watchStep } from './contract/contract-run';
import { createPackages } from './contract/package-content';

// Runs in a pod: a whole step with nothing but the account that the pod was given.
const [namespace = '', executionId = '', image = ''] = process.argv.slice(2);
const packages = createPackages();
const packageDigest = packages.add([{ path: 'hello.txt', content: 'from a pod' }]);
const backend = createKubernetesBackend(
  { clock: systemClock, logger: silentLogger, openPackage: packages.openPackage },
  {
    id: 'kubernetes',
    installation: 'in-cluster-test',
    settings: kubernetesSettings.parse({ kubeconfig: { from: 'cluster' }, namespace }),
  },
);
// The answer of a cluster that is busy with other tests is late now and then; Gantry asks again, too.
let availability = await backend.check();
for (let tries = 1; !availability.available && tries < 5; tries += 1) availability = await backend.check();
await backend.openEnvironment({
  executionId,
  suiteId: 'in-cluster',
  profile: 'default',
  owner: 'test',
  deadline: '2099-01-01T00:00:00.000Z',
  services: [],
});
const watched = watchStep(
  backend,
  makeStepSpec({
    executionId,
    stepId: 'step',
    backend: { id: 'kubernetes', kind: 'kubernetes' },
    node: {
      command: ['sh', '-c', 'cat hello.txt; echo made > $GANTRY_ARTIFACTS/a.txt'],
      image,
      packageDigest,
      exports: [{ path: 'a.txt', format: 'file', on: 'always', required: true }],
    },
  }),
);
const outcome = await watched.outcome;
const receipt = await backend.closeEnvironment(executionId);
const { artifacts } = watched;
console.log(JSON.stringify({ availability, outcome, lines: watched.texts(), artifacts, receipt }));
