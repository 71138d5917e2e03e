import type { Backend } from '@/lib/backends/backend';
import { describeWith } from '../support/requirements';
import { backendContract } from './backend-contract';
import { openDockerHarness } from './docker-harness';

/** As the backend, but every step that begins was made ready before, as far as it can be. */
function ahead(backend: Backend): Backend {
  return {
    ...backend,
    async runStep(step, watch) {
      const { signal } = new AbortController();
      if (!watch.resumeAfter) await backend.prepareStep?.(step, { stage: 'standing', signal });
      return backend.runStep(step, watch);
    },
  };
}

describeWith(['docker'], 'on a real daemon', () => {
  backendContract('The Docker backend, ahead of need,', async (dependencies) => {
    const harness = await openDockerHarness(dependencies, 'ahead-contract-test');
    return { ...harness, backend: ahead(harness.backend), another: () => ahead(harness.another()) };
  });
});
