import { randomBytes } from 'node:crypto';
import { KubeConfig } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import type { Cluster } from '@/lib/backends/kubernetes/cluster';
import { refusalStatus } from '@/lib/backends/kubernetes/cluster-errors';
import { kubernetesRbac } from '@/lib/cli/kubernetes-rbac';
import { testCluster, testKubeconfig } from './kubernetes-harness';

const manifest = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
  roleRef: z.looseObject({ name: z.string() }).optional(),
  rules: z
    .array(
      z.looseObject({
        apiGroups: z.array(z.string()),
        resources: z.array(z.string()),
        verbs: z.array(z.string()),
      }),
    )
    .optional(),
});
type Manifest = z.infer<typeof manifest>;

export interface RestrictedAccount {
  /** With the account's token, for the settings. */
  kubeconfig: string;
  /** The rules of its role, as they were printed. */
  rules: NonNullable<Manifest['rules']>;
  setRules(rules: NonNullable<Manifest['rules']>): Promise<void>;
  remove(): Promise<void>;
}

/** A service account with what `gantry kubernetes rbac` prints and nothing else, in a namespace of its own. */
export async function makeRestrictedAccount(
  isShared: boolean,
): Promise<RestrictedAccount & { namespace: string }> {
  const cluster = testCluster();
  const namespace = `account-${randomBytes(4).toString('hex')}`;
  await cluster.request('make', '/api/v1/namespaces', {
    method: 'POST',
    body: { metadata: { name: namespace } },
  });
  const printed = kubernetesRbac(isShared ? namespace : null, `${namespace}/gantry`);
  const objects = parseAllDocuments(printed).map((document) => manifest.parse(document.toJS()));
  for (const object of objects) {
    // Test files run at the same time, and roles of the whole cluster have one name each.
    if (object.kind.startsWith('ClusterRole')) object.metadata.name = namespace;
    if (object.roleRef && !isShared) object.roleRef.name = namespace;
    await cluster.request('make', pathOf(object), { method: 'POST', body: object });
  }
  const role = objects.find(({ kind }) => kind === 'ClusterRole' || kind === 'Role');
  if (!role?.rules) throw new Error('no role was printed');
  const rolePath = `${pathOf(role)}/${role.metadata.name}`;
  return {
    namespace,
    kubeconfig: await kubeconfigFor(cluster, namespace),
    rules: role.rules,
    async setRules(rules) {
      await cluster.request('change', rolePath, { method: 'PUT', body: { ...role, rules } });
    },
    async remove() {
      for (const object of objects) {
        await cluster.request('remove', `${pathOf(object)}/${object.metadata.name}`, { method: 'DELETE' });
      }
      const path = `/api/v1/namespaces/${namespace}`;
      await cluster.request('remove', path, { method: 'DELETE' });
      while (await isThere(cluster, path)) await new Promise((resolve) => setTimeout(resolve, 250));
    },
  };
}

function pathOf({ kind, metadata: { namespace } }: Manifest): string {
  const inside = namespace === undefined ? '' : `/namespaces/${namespace}`;
  if (kind === 'ServiceAccount') return `/api/v1${inside}/serviceaccounts`;
  return `/apis/rbac.authorization.k8s.io/v1${inside}/${kind.toLowerCase()}s`;
}

async function kubeconfigFor(cluster: Cluster, namespace: string): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/gantry/token`;
  const answer = await cluster.request('make a token', path, {
    method: 'POST',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
  });
  const { status } = z.object({ status: z.object({ token: z.string() }) }).parse(answer);
  const admin = new KubeConfig();
  admin.loadFromFile(testKubeconfig);
  const config = new KubeConfig();
  const known = admin.getCurrentCluster();
  if (!known) throw new Error('the kubeconfig of the tests names no cluster');
  config.loadFromClusterAndUser({ ...known, name: 'test' }, { name: 'gantry', token: status.token });
  return config.exportConfig();
}

async function isThere(cluster: Cluster, path: string): Promise<boolean> {
  try {
    await cluster.request('look', path);
    return true;
  } catch (error) {
    if (refusalStatus(error) === 404) return false;
    throw error;
  }
}
