import { AppError } from '../../model/errors';
import type { KubernetesSettings } from '../../model/kubernetes-settings';
import { environmentName } from '../labels';
import { retryLimitMs } from './attempt-pod';
import type { Cluster } from './cluster';
import { isPassing, refusalStatus } from './cluster-errors';
import { createResource, type NamedBody } from './creation';
import type { EnvironmentContext } from './environment-context';
import type { Metadata } from './names';
import { plainObject, pullSecret } from './objects';

/** A cluster that has been away makes accounts half a minute after it answers again. */
const accountLimitMs = retryLimitMs;
const pausesMs = { first: 50, most: 1_000 };

/** The namespace of one execution, restricted as far as its steps allow. */
export async function makeNamespace(
  make: (kind: 'namespace', collection: string, body: NamedBody) => Promise<unknown>,
  name: string,
  metadata: { labels: Record<string, string>; annotations: Record<string, string> },
  settings: KubernetesSettings,
): Promise<void> {
  const level = settings.runAsUser === null ? 'baseline' : 'restricted';
  const made = await make('namespace', '/api/v1/namespaces', {
    metadata: {
      name,
      labels: { ...metadata.labels, 'pod-security.kubernetes.io/enforce': level },
      annotations: metadata.annotations,
    },
  });
  if (plainObject.parse(made).status.phase !== 'Terminating') return;
  throw new AppError(
    'backend_failed',
    `The namespace ${name} of this execution is being deleted by somebody.`,
  );
}

/** A namespace of an execution's own begins without the credentials of registries. */
export async function copyPullSecret(
  context: EnvironmentContext,
  executionId: string,
  name: string,
  metadata: Metadata,
): Promise<void> {
  const { cluster, settings } = context;
  const from = settings.imagePullSecretsFrom;
  if (from === null) {
    throw new AppError(
      'backend_failed',
      `The pull secret ${name} is in no namespace of an execution: say where to copy it from, as imagePullSecretsFrom.`,
    );
  }
  const found = await cluster.request(
    `read the pull secret ${name}`,
    `/api/v1/namespaces/${from}/secrets/${name}`,
  );
  const { type, data } = pullSecret.parse(found);
  const own = { executionId, stepId: null, attempt: null };
  const path = `/api/v1/namespaces/${environmentName(executionId)}/secrets`;
  await createResource(context, own, 'secret', path, { metadata: { name, ...metadata }, type, data });
}

/** Pods are refused until the cluster has made the namespace's own account. */
export async function untilAccountIsThere(
  {
    clock,
    cluster,
    settings,
  }: Pick<EnvironmentContext, 'clock' | 'settings'> & { cluster: Pick<Cluster, 'request'> },
  namespaceName: string,
): Promise<void> {
  const account = settings.serviceAccount ?? 'default';
  const deadlineMs = clock.monotonicMs() + accountLimitMs;
  for (let pauseMs = pausesMs.first; ; pauseMs = Math.min(pausesMs.most, 2 * pauseMs)) {
    try {
      await cluster.request(
        `look at the service account ${account}`,
        `/api/v1/namespaces/${namespaceName}/serviceaccounts/${account}`,
      );
      return;
    } catch (error) {
      const mayCome = refusalStatus(error) === 404 || isPassing(error);
      if (!mayCome || clock.monotonicMs() > deadlineMs) throw error;
      await clock.sleep(pauseMs);
    }
  }
}
