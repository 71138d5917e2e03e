import type { StepDemand } from '@/lib/backends/backend';
import type { Cluster } from '@/lib/backends/kubernetes/cluster';
import type { KubernetesSettings } from '@/lib/model/kubernetes-settings';
import type { PlannedNode } from '@/lib/model/node';
import type { ServiceAddress, StepSpec } from '@/lib/model/step-spec';
import { makeStepSpec } from '../support/plan';
import { type BackendHarness, newExecutionId } from './backend-contract';
import { type WatchedStep, watchStep } from './contract/contract-run';
import { createPackages, type PackageFile } from './contract/package-content';
import { openKubernetesHarness } from './kubernetes-harness';

export interface KubernetesSteps {
  harness: BackendHarness & { cluster: Cluster; installation: string; settings: KubernetesSettings };
  /** Opens an execution of its own, for a step that runs Node source, or a node with another command. */
  open(
    source?: string,
    step?: {
      node?: Partial<PlannedNode>;
      services?: ServiceAddress[];
      demands?: StepDemand[];
      env?: Record<string, string>;
      secrets?: Record<string, string>;
    },
  ): Promise<StepSpec>;
  /** As `open`, and runs the step. */
  start(
    source: string,
    step?: {
      node?: Partial<PlannedNode>;
      services?: ServiceAddress[];
      env?: Record<string, string>;
      secrets?: Record<string, string>;
    },
  ): Promise<{ step: StepSpec; watched: WatchedStep }>;
  /** The path of a step's pod. */
  podPath(step: StepSpec): string;
}

/** A backend on the test cluster, with a package of these files. */
export async function openKubernetesSteps(
  installation: string,
  change: Partial<KubernetesSettings> = {},
  files: PackageFile[] = [{ path: 'hello.txt', content: 'hello' }],
): Promise<KubernetesSteps> {
  const packages = createPackages();
  const packageDigest = packages.add(files);
  const harness = await openKubernetesHarness({ openPackage: packages.openPackage }, installation, change);
  const open: KubernetesSteps['open'] = async (
    source = '',
    { node, services = [], demands, env = {}, secrets = {} } = {},
  ) => {
    const executionId = newExecutionId();
    await harness.backend.openEnvironment({
      executionId,
      suiteId: 'faults',
      profile: 'default',
      owner: 'test',
      deadline: '2099-01-01T00:00:00.000Z',
      services,
      ...(demands ? { demands } : {}),
    });
    return makeStepSpec({
      executionId,
      stepId: node?.id ?? 'step',
      services,
      env,
      secrets,
      backend: { id: 'kubernetes', kind: 'kubernetes' },
      node: {
        command: ['node', '-e', source],
        image: harness.image,
        packageDigest,
        graceMs: 1_000,
        ...node,
      },
    });
  };
  return {
    harness,
    open,
    async start(source, given) {
      const step = await open(source, given);
      return { step, watched: watchStep(harness.backend, step) };
    },
    podPath({ executionId, stepId, attempt }) {
      const namespace = harness.settings.namespace ?? `gantry-${executionId}`;
      return `/api/v1/namespaces/${namespace}/pods/gantry-${executionId}-${stepId}-${attempt}`;
    },
  };
}
