import type { KubernetesSettings } from '../../model/kubernetes-settings';
import type { EnvironmentResource, EnvironmentSnapshot } from '../backend';
import { labelNames } from '../labels';
import type { Cluster } from './cluster';
import { keyOf, selectorOf, selectorText } from './names';
import { containerOf, mainContainer, type Pod, plainList, podList } from './objects';

interface Found {
  annotations: Record<string, string>;
  createdAt: string | null;
  resource: EnvironmentResource;
}

/** Everything with our installation's label, by execution: in one namespace, or in all. */
export async function listEnvironments(
  cluster: Cluster,
  installation: string,
  { namespace, context }: Pick<KubernetesSettings, 'namespace' | 'context'>,
): Promise<EnvironmentSnapshot[]> {
  const query = { labelSelector: selectorText(selectorOf(installation)) };
  const at = namespace === null ? '/api/v1' : `/api/v1/namespaces/${namespace}`;
  const list = async (kind: 'service' | 'secret' | 'namespace', path: string): Promise<Found[]> => {
    const { items } = plainList.parse(await cluster.request(`list its ${kind}s`, path, { query }));
    return (items ?? []).map(({ metadata }) => ({
      annotations: metadata.annotations,
      createdAt: metadata.creationTimestamp ?? null,
      resource: {
        kind,
        name: metadata.name,
        stepId: kind === 'service' ? null : (metadata.annotations[keyOf(labelNames.step)] ?? null),
        state: metadata.deletionTimestamp == null ? null : 'terminating',
        createdAt: timeOf(metadata.creationTimestamp),
      },
    }));
  };
  const found = await Promise.all([
    namespace === null ? list('namespace', '/api/v1/namespaces') : [],
    list('secret', `${at}/secrets`),
    list('service', `${at}/services`),
    cluster
      .request('list its pods', `${at}/pods`, { query })
      .then((answer) => podList.parse(answer).items.map((pod) => ofPod(pod, context))),
  ]);
  const byExecution = new Map<string, Found[]>();
  for (const each of found.flat()) {
    const executionId = each.annotations[keyOf(labelNames.execution)];
    if (executionId === undefined) continue;
    byExecution.set(executionId, [...(byExecution.get(executionId) ?? []), each]);
  }
  return [...byExecution].map(([executionId, parts]) => snapshotOf(executionId, parts));
}

function ofPod(pod: Pod, context: string | null): Found {
  const { metadata, status } = pod;
  const main = containerOf(pod, mainContainer);
  return {
    annotations: metadata.annotations,
    createdAt: metadata.creationTimestamp ?? null,
    resource: {
      kind: 'pod',
      name: metadata.name,
      stepId: metadata.annotations[keyOf(labelNames.step)] ?? null,
      state: stateOf(pod),
      image: main?.image || null,
      exitCode: main?.state.terminated?.exitCode ?? null,
      createdAt: timeOf(metadata.creationTimestamp),
      address: status.podIP ?? null,
      shell: main?.state.running
        ? `kubectl${context === null ? '' : ` --context ${context}`} exec -n ${metadata.namespace} -it ${metadata.name} -c ${mainContainer} -- sh`
        : null,
    },
  };
}

/** Of the step's own program: the pod as a whole runs on until its artifacts are read. */
function stateOf(pod: Pod): string {
  if (pod.metadata.deletionTimestamp != null) return 'terminating';
  const state = containerOf(pod, mainContainer)?.state;
  if (state?.running) return 'running';
  if (state?.terminated) return 'exited';
  return state?.waiting?.reason || pod.status.phase.toLowerCase();
}

function snapshotOf(executionId: string, parts: readonly Found[]): EnvironmentSnapshot {
  const first = (name: (typeof labelNames)[keyof typeof labelNames]) =>
    parts
      .map(({ annotations }) => annotations[keyOf(name)])
      .find((value) => value !== undefined && value !== '');
  // It is renewed on one of them.
  const deadlines = parts
    .map(({ annotations }) => annotations[keyOf(labelNames.deadline)] ?? '')
    .filter(Boolean)
    .sort();
  const times = parts.flatMap(({ createdAt }) => (createdAt === null ? [] : [createdAt])).sort();
  return {
    executionId,
    suiteId: first(labelNames.suite) ?? null,
    profile: first(labelNames.profile) ?? null,
    owner: first(labelNames.owner) ?? null,
    deadline: deadlines.at(-1) ?? null,
    createdAt: timeOf(times[0]),
    resources: parts.map(({ resource }) => resource),
  };
}

function timeOf(time: string | null | undefined): string | null {
  return time == null ? null : new Date(time).toISOString();
}
