import type { ResourceKind } from '../../model/receipt';
import { type Cluster, quickMs } from './cluster';
import { refusalStatus } from './cluster-errors';
import { selectorOf, selectorText } from './names';
import { type PlainObject, type Pod, plainList, plainObject, podList } from './objects';

export interface OwnedResources {
  pods: Pod[];
  others: OwnedResource[];
  /** The execution's own; null where namespaces are shared or it is not there. */
  namespace: PlainObject | null;
}

export interface OwnedResource {
  kind: ResourceKind | 'network policy';
  name: string;
  path: string;
}

/** All that an execution has in a namespace. */
export async function listOwnedResources(
  cluster: Cluster,
  { installation, executionId, namespace, isShared }: ResourceScope,
): Promise<OwnedResources> {
  const query = { labelSelector: selectorText(selectorOf(installation, { executionId })) };
  const at = `/api/v1/namespaces/${namespace}`;
  const list = async (kind: OwnedResource['kind'], path: string) => {
    const { items } = plainList.parse(
      await cluster.request(`list its ${kind}s`, path, { query, limitMs: quickMs }),
    );
    return (items ?? []).map(({ metadata: { name } }) => ({ kind, name, path: `${path}/${name}` }));
  };
  const [pods, others, found] = await Promise.all([
    cluster.request('list its pods', `${at}/pods`, { query }).then((answer) => podList.parse(answer).items),
    Promise.all([
      list('service', `${at}/services`),
      list('secret', `${at}/secrets`),
      isShared
        ? list('network policy', `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`)
        : [],
    ]),
    isShared ? null : findNamespace(cluster, namespace, installation),
  ]);
  return { pods, others: others.flat(), namespace: found };
}

export interface ResourceScope {
  installation: string;
  executionId: string;
  namespace: string;
  isShared: boolean;
}

async function findNamespace(
  cluster: Cluster,
  name: string,
  installation: string,
): Promise<PlainObject | null> {
  try {
    const found = plainObject.parse(
      await cluster.request(`look at the namespace ${name}`, `/api/v1/namespaces/${name}`),
    );
    const [[key = '', value] = []] = Object.entries(selectorOf(installation));
    return found.metadata.labels[key] === value ? found : null;
  } catch (error) {
    if (refusalStatus(error) === 404) return null;
    throw error;
  }
}
