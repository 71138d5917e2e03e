import { afterAll, expect } from 'vitest';
import type { Backend } from '@/lib/backends/backend';
import type { AheadStage } from '@/lib/model/prepared-step';
import { staysUp } from '@/lib/model/step-kind';
import type { StepSpec } from '@/lib/model/step-spec';
import { describeWith } from '../support/requirements';
import { backendContract } from './backend-contract';
import { openDockerHarness } from './docker-harness';

/** How many steps were run from what was made of them. */
const released = new Map<AheadStage, number>();

/** As the backend, but every step that begins was made ready before, as far as it can be. */
function ahead(backend: Backend): Backend {
  return {
    ...backend,
    async runStep(step, watch) {
      if (watch.resumeAfter) return backend.runStep(step, watch);
      const { signal } = new AbortController();
      const made = await backend.prepareStep?.(step, { stage: 'standing', signal });
      let from: AheadStage | undefined;
      const outcome = await backend.runStep(step, {
        ...watch,
        onRunning(stage) {
          from = stage;
          watch.onRunning(stage);
        },
      });
      expect(made, `${step.stepId}: ${made?.reason}`).toMatchObject({ stage: furthest(step) });
      if (from) released.set(from, (released.get(from) ?? 0) + 1);
      return outcome;
    },
  };
}

/** Of a step that could be run. */
function furthest({ node, inputs = [] }: StepSpec): AheadStage | null {
  if (node.build !== null || node.container.volumes.length > 0 || inputs.length > 0) return null;
  const canStand = !staysUp(node.kind) && node.command !== null && node.container.aliases.length === 0;
  return canStand && node.container.healthCheck === null ? 'standing' : 'prepared';
}

describeWith(['docker'], 'on a real daemon', () => {
  backendContract('The Docker backend, ahead of need,', async (dependencies) => {
    const harness = await openDockerHarness(dependencies, 'ahead-contract-test');
    return { ...harness, backend: ahead(harness.backend), another: () => ahead(harness.another()) };
  });
  afterAll(() => {
    expect(released.get('standing') ?? 0).toBeGreaterThan(0);
    expect(released.get('prepared') ?? 0).toBeGreaterThan(0);
  });
});
