import type { Execution } from '../model/execution';
import type { PlannedNode } from '../model/node';
import type { Plan } from '../model/plan';
import { staysUp } from '../model/step-kind';
import type { ServiceAddress, StepSpec } from '../model/step-spec';
import type { StepTracing } from '../model/telemetry';

const maxRunMs = 24 * 60 * 60 * 1000;

/** When the resources of an execution may be removed by anyone who finds them. */
export function deadlineOf(plan: Plan, createdAt: string): string {
  const keptMs = plan.keep?.forMs ?? 0;
  const runMs = plan.timeoutMs ?? maxRunMs;
  return new Date(Date.parse(createdAt) + runMs + keptMs + 60 * 60 * 1000).toISOString();
}

/** What each step of a plan can see: worked out once a scope. */
export interface ServiceDirectory {
  /** As the outermost suite calls them. */
  all: readonly ServiceAddress[];
  visibleTo(stepId: string): ServiceAddress[];
}

export function createServiceDirectory(plan: Plan): ServiceDirectory {
  const services = plan.nodes.filter((node) => staysUp(node.kind));
  const scopes = new Map<string, ServiceAddress[]>();

  function scope(name: string): ServiceAddress[] {
    const known = scopes.get(name);
    if (known) return known;
    const made = services
      .filter(({ id }) => id.startsWith(name))
      .map(({ id, ports }) => ({
        stepId: id,
        name: id.slice(name.length).replaceAll('/', '-'),
        ports,
      }));
    scopes.set(name, made);
    return made;
  }

  return {
    all: scope(''),
    visibleTo: (stepId) => scope(stepId.slice(0, stepId.lastIndexOf('/') + 1)),
  };
}

export function makeStepSpec(
  plan: Plan,
  {
    services,
    secrets,
    tracing,
  }: { services: ServiceAddress[]; secrets: Record<string, string>; tracing: StepTracing },
  execution: Pick<Execution, 'id' | 'backend' | 'createdAt'>,
  node: PlannedNode,
  attempt: number,
): StepSpec {
  return {
    executionId: execution.id,
    suite: plan.suite,
    profile: plan.profile,
    runtimeProfile: node.source?.profile ?? plan.profile,
    stepId: node.id,
    attempt,
    index: node.index,
    total: plan.nodes.length,
    env: {
      ...tracing.variablesOf(execution.id, node.id, attempt),
      ...node.env,
      GANTRY_EXECUTION_ID: execution.id,
      GANTRY_SUITE: plan.suite.id,
      GANTRY_STEP: node.id,
      GANTRY_PROFILE: plan.profile,
      GANTRY_ATTEMPT: String(attempt),
      GANTRY_BACKEND: execution.backend.kind,
      GANTRY_HEADERS: JSON.stringify(node.headers),
      CI: 'true',
    },
    secrets,
    headers: node.headers,
    backend: { id: execution.backend.id, kind: execution.backend.kind },
    source: node.source,
    services,
    deadline: deadlineOf(plan, execution.createdAt),
    node,
    ...pinOf(node),
    ...resetsOf(plan, node),
    ...(plan.waitTimeoutMs === undefined ? {} : { waitTimeoutMs: plan.waitTimeoutMs }),
  };
}

/** Replaces the image by the pinned one, and keeps its name for a fallback. */
function pinOf(node: PlannedNode): Partial<Pick<StepSpec, 'node' | 'namedImage'>> {
  const { image, pinnedImage } = node;
  if (pinnedImage === undefined || image === null) return {};
  return { node: { ...node, image: pinnedImage }, namedImage: image };
}

/** A mock that this run leaves out has nothing to forget. */
function resetsOf(plan: Plan, { resetMocks }: PlannedNode): Pick<StepSpec, 'resets'> {
  if (resetMocks.length === 0) return {};
  const named = plan.nodes.filter(({ id }) => resetMocks.includes(id));
  return { resets: named.flatMap(({ id, reset }) => (reset ? [{ ...reset, stepId: id }] : [])) };
}
