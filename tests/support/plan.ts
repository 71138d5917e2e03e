import { noContainerOptions } from '@/lib/model/container-options';
import type { PlannedNode } from '@/lib/model/node';
import type { Plan } from '@/lib/model/plan';
import type { StepSpec } from '@/lib/model/step-spec';

const digest = `sha256:${'0'.repeat(64)}`;

/** A task that runs nothing in particular; state only what matters to the test. */
export function makeNode(node: Partial<PlannedNode> & { id: string }): PlannedNode {
  return {
    name: node.id,
    kind: 'task',
    index: 0,
    after: [],
    onFailure: [],
    continueOnFailure: false,
    always: false,
    build: null,
    image: null,
    pull: 'missing',
    command: ['true'],
    cwd: null,
    env: {},
    headers: {},
    secrets: [],
    timeoutMs: 60_000,
    graceMs: 1_000,
    retries: { max: 0, backoffMs: 1_000 },
    expectExit: [0],
    expectLogs: [],
    failOnLogs: [],
    exports: [],
    resources: { cpu: null, memoryBytes: null, pids: null },
    capabilities: [],
    container: noContainerOptions,
    ports: [],
    ready: null,
    resetMocks: [],
    tags: [],
    packageDigest: digest,
    source: null,
    ...node,
  };
}

/** A plan of these nodes, indexed in the order given. */
export function makePlan(
  plan: Partial<Omit<Plan, 'nodes'>> & { nodes?: (Partial<PlannedNode> & { id: string })[] } = {},
): Plan {
  const nodes = plan.nodes ?? [{ id: 'only' }];
  return {
    suite: { id: 'suite', title: 'Suite', repository: null, version: null },
    profile: 'default',
    packageDigest: digest,
    failFast: false,
    timeoutMs: null,
    concurrency: null,
    warnings: [],
    ...plan,
    nodes: nodes.map((node, index) => makeNode({ index, ...node })),
  };
}

/** A spec for attempt 1 of a node; its command, services and so on are stated in `node`. */
export function makeStepSpec(
  spec: Partial<Omit<StepSpec, 'node'>> & { node?: Partial<PlannedNode> } = {},
): StepSpec {
  const node = makeNode({ id: spec.stepId ?? spec.node?.id ?? 'step', ...spec.node });
  return {
    executionId: 'aaaabbbbccccdddd',
    suite: { id: 'suite', title: 'Suite', repository: null, version: null },
    profile: 'default',
    runtimeProfile: 'default',
    stepId: node.id,
    attempt: 1,
    index: node.index,
    total: 1,
    env: node.env,
    secrets: {},
    headers: node.headers,
    backend: { id: 'local', kind: 'local' },
    source: node.source,
    services: [],
    deadline: '2099-01-01T00:00:00.000Z',
    ...spec,
    node,
  };
}
