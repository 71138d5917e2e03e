import { noContainerOptions } from '@/lib/model/container-options';
import type { PlannedNode } from '@/lib/model/node';
import type { Plan } from '@/lib/model/plan';
import { newId } from '@/lib/store/postgres/new-id';
import type { ClaimedExecution, NewExecution, Store } from '@/lib/store/store';

export function node(id: string, index: number): PlannedNode {
  return {
    id,
    name: id,
    kind: 'task',
    index,
    after: [],
    onFailure: [],
    continueOnFailure: false,
    always: false,
    build: null,
    image: 'gantry/toolbox:local',
    pull: 'missing',
    command: ['true'],
    cwd: null,
    env: {},
    headers: {},
    secrets: [],
    timeoutMs: 60_000,
    graceMs: 10_000,
    retries: { max: 0, backoffMs: 0 },
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
    packageDigest: 'sha256:0',
    source: null,
  };
}

export function planOf(suiteId: string, stepIds: string[]): Plan {
  return {
    suite: { id: suiteId, title: suiteId, repository: null, version: null },
    profile: 'default',
    packageDigest: 'sha256:0',
    failFast: false,
    timeoutMs: null,
    concurrency: null,
    nodes: stepIds.map(node),
    warnings: [],
  };
}

/** An execution as a launch hands it over; `steps` and `suiteId` go into its plan. */
export function newExecution(
  given: Partial<NewExecution> & { steps?: string[]; suiteId?: string } = {},
): NewExecution {
  const { steps = ['one', 'two'], suiteId = 'hello', ...rest } = given;
  return {
    id: newId(),
    plan: planOf(suiteId, steps),
    backend: { id: 'local', kind: 'local', label: 'Docker' },
    author: 'ada',
    labels: {},
    env: {},
    idempotencyKey: null,
    requestHash: 'hash',
    ...rest,
  };
}

/** Creates an execution and takes it for `owner`. */
export async function claimedExecution(
  store: Store,
  given: Parameters<typeof newExecution>[0] = {},
  owner = 'control-plane-1',
): Promise<ClaimedExecution> {
  const { summary } = await store.executions.create(newExecution(given));
  const claims = await store.executions.claim(owner, 60_000, 1_000);
  const claim = claims.find((candidate) => candidate.id === summary.id);
  if (!claim) throw new Error(`${summary.id} could not be claimed`);
  return claim;
}
