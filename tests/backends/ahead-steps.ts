import type Docker from 'dockerode';
import { expect } from 'vitest';
import { type Backend, noLedger, type ResourceLedger } from '@/lib/backends/backend';
import { aheadName, attemptName, labelNames } from '@/lib/backends/labels';
import { toolboxImage } from '@/lib/cli/toolbox';
import type { PlannedNode } from '@/lib/model/node';
import type { AheadStage, PreparedStep } from '@/lib/model/prepared-step';
import type { StepSpec } from '@/lib/model/step-spec';
import { makeStepSpec } from '../support/plan';
import { newExecutionId, packageFiles } from './backend-contract';
import { createPackages } from './contract/package-content';
import { leftovers, openDockerHarness } from './docker-harness';

/** Steps on the real daemon that a test makes ready ahead, each in an environment of its own. */
export function createAheadSteps(installation: string, ledger: ResourceLedger = noLedger) {
  const packages = createPackages();
  const packageDigest = packages.add(packageFiles);
  let harness: Awaited<ReturnType<typeof openDockerHarness>> | null = null;
  let opened: string[] = [];

  function known() {
    if (!harness) throw new Error('begin() comes first');
    return harness;
  }

  const openAgain = (by: Backend, { executionId }: Pick<StepSpec, 'executionId'>) =>
    by.openEnvironment({
      executionId,
      suiteId: 'ahead',
      profile: 'default',
      owner: 'first-owner',
      deadline: '2099-01-01T00:00:00.000Z',
      services: [],
    });

  const specOf = (executionId: string, node: Partial<PlannedNode> & { id: string }): StepSpec =>
    makeStepSpec({
      executionId,
      env: { GREETING: 'hello' },
      node: { image: toolboxImage, packageDigest, ...node },
    });

  return {
    openAgain,
    specOf,
    async begin(): Promise<{ docker: Docker; backend: Backend }> {
      harness = await openDockerHarness({ ...packages, ledger }, installation);
      return harness;
    },
    /** As a control plane that comes after. */
    another: () => known().another(),
    async closeAll() {
      for (const id of opened) await known().backend.closeEnvironment(id);
      opened = [];
    },
    async end() {
      expect(await leftovers(known().docker, `${labelNames.installation}=${installation}`)).toEqual([]);
    },
    async open(script: string, node: Partial<PlannedNode> = {}): Promise<StepSpec> {
      const executionId = newExecutionId();
      opened.push(executionId);
      await openAgain(known().backend, { executionId });
      return specOf(executionId, { id: 'step', command: ['sh', '-c', script], ...node });
    },
    prepare(step: StepSpec, stage: AheadStage, by: Backend = known().backend): Promise<PreparedStep> {
      if (!by.prepareStep) throw new Error('the backend prepares nothing');
      return by.prepareStep(step, { stage, signal: new AbortController().signal });
    },
    look: (step: StepSpec) => known().docker.getContainer(attemptName(step)).inspect(),
    /** Before it is released. */
    lookAhead: (step: StepSpec) => known().docker.getContainer(aheadName(step)).inspect(),
    /** Under either name. */
    async isGone(step: StepSpec): Promise<boolean> {
      const filters = { name: [attemptName(step)] };
      return (await known().docker.listContainers({ all: true, filters })).length === 0;
    },
  };
}
