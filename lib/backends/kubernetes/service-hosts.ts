import type { StepSpec } from '../../model/step-spec';
import { labelNames } from '../labels';
import type { Cluster } from './cluster';
import { keyOf, selectorOf, selectorText } from './names';
import { type Pod, serviceList } from './objects';

/**
 * The names that a step has for other services, with an address for each: names are those of the step's own scope, so
 * that the cluster's DNS, which has one name for all, cannot serve them. A service that is up is reached at its pod,
 * for a cluster IP takes a moment to lead there; one that comes later at its cluster IP.
 */
export async function serviceHosts(
  { cluster }: { cluster: Cluster },
  installation: string,
  namespace: string,
  step: StepSpec,
  pods: readonly Pod[],
): Promise<{ ip: string; names: string[] }[]> {
  const others = step.services.filter(({ stepId }) => stepId !== step.stepId);
  if (others.length === 0) return [];
  const labelSelector = selectorText(selectorOf(installation, { executionId: step.executionId }));
  const { items } = serviceList.parse(
    await cluster.request('list its services', `/api/v1/namespaces/${namespace}/services`, {
      query: { labelSelector },
    }),
  );
  const clusterIps = new Map(
    (items ?? []).map(({ metadata, spec }) => [metadata.annotations[keyOf(labelNames.step)], spec.clusterIP]),
  );
  const byIp = new Map<string, string[]>();
  for (const { stepId, name } of others) {
    const clusterIp = clusterIps.get(stepId);
    const ip = podIpOf(step.executionId, stepId, pods) ?? (clusterIp === 'None' ? undefined : clusterIp);
    if (ip !== undefined && ip !== '') byIp.set(ip, [...(byIp.get(ip) ?? []), name]);
  }
  return [...byIp].map(([ip, names]) => ({ ip, names }));
}

function podIpOf(executionId: string, stepId: string, pods: readonly Pod[]): string | undefined {
  return pods.find(
    ({ metadata, status }) =>
      metadata.annotations[keyOf(labelNames.execution)] === executionId &&
      metadata.annotations[keyOf(labelNames.step)] === stepId &&
      metadata.deletionTimestamp == null &&
      status.phase === 'Running',
  )?.status.podIP;
}
