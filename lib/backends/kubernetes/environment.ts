import { AppError } from '../../model/errors';
import type { KubernetesSettings } from '../../model/kubernetes-settings';
import type { ResourceKind } from '../../model/receipt';
import type { EnvironmentSpec } from '../backend';
import { environmentName, labelNames } from '../labels';
import { retryLimitMs } from './attempt-pod';
import { refusalStatus, retryRequest } from './cluster-errors';
import { createObject, createResource, type NamedBody } from './creation';
import type { EnvironmentContext } from './environment-context';
import { environmentMetadata, keyOf, selectorOf, serviceName } from './names';
import { networkPolicy } from './network-policy';
import { plainObject } from './objects';
import { copyPullSecret, makeNamespace, untilAccountIsThere } from './own-namespace';
import { quotaOf } from './quota';

export interface Environment {
  namespace: string;
  /** In a shared namespace: the Secret that owns everything of the execution, so that one delete takes all. */
  anchor: { name: string; uid: string } | null;
}

export function namespaceOf(settings: KubernetesSettings, executionId: string): string {
  return settings.namespace ?? environmentName(executionId);
}

/** Idempotent. What the execution's steps need before the first of them starts. */
export async function openEnvironment(context: EnvironmentContext, spec: EnvironmentSpec): Promise<void> {
  const { installation, settings } = context;
  const metadata = environmentMetadata(installation, spec);
  const name = environmentName(spec.executionId);
  const make = (kind: ResourceKind, collection: string, body: NamedBody) =>
    createResource(
      context,
      { executionId: spec.executionId, stepId: null, attempt: null },
      kind,
      collection,
      body,
    );
  const isShared = settings.namespace !== null;
  if (!isShared) await makeNamespace(make, name, metadata, settings);
  const at = `/api/v1/namespaces/${settings.namespace ?? name}`;
  const anchor = isShared
    ? plainObject.parse(
        await make('secret', `${at}/secrets`, { metadata: { name, ...metadata }, type: 'Opaque' }),
      )
    : null;
  const ownerReferences = anchor ? ownedBy(anchor.metadata) : [];
  await Promise.all([
    // It is no resource of its own to people.
    createObject(
      context,
      installation,
      'network policy',
      `/apis/networking.k8s.io/v1/namespaces/${settings.namespace ?? name}/networkpolicies`,
      {
        metadata: { name, ...metadata, ownerReferences },
        spec: networkPolicy(selectorOf(installation, { executionId: spec.executionId }), settings),
      },
    ),
    settings.quota && !isShared && spec.demands
      ? createObject(context, installation, 'resource quota', `${at}/resourcequotas`, {
          metadata: { name, ...metadata },
          spec: { hard: quotaOf(settings, spec.demands) },
        })
      : null,
    ...spec.services.map(({ stepId, ports }) => {
      const { labels, annotations } = metadata;
      return make('service', `${at}/services`, {
        metadata: {
          name: serviceName(spec.executionId, stepId, isShared),
          labels,
          annotations: { ...annotations, [keyOf(labelNames.step)]: stepId },
          ownerReferences,
        },
        spec: {
          selector: selectorOf(installation, { executionId: spec.executionId, stepId }),
          // Who waits for a service waits for Gantry's word, and others may call it as early as they like.
          publishNotReadyAddresses: true,
          ...(ports.length === 0
            ? { clusterIP: 'None' }
            : { ports: ports.map((port) => ({ name: `port-${port}`, port, targetPort: port })) }),
        },
      });
    }),
    isShared ? null : untilAccountIsThere(context, name),
    ...(isShared
      ? []
      : settings.imagePullSecrets.map((secret) =>
          copyPullSecret(context, spec.executionId, secret, metadata),
        )),
  ]);
}

/** The environment that `openEnvironment` made, whoever called it. */
export async function findEnvironment(
  { clock, cluster, settings }: EnvironmentContext,
  executionId: string,
  signal: AbortSignal,
): Promise<Environment> {
  if (settings.namespace === null) return { namespace: environmentName(executionId), anchor: null };
  const name = environmentName(executionId);
  const path = `/api/v1/namespaces/${settings.namespace}/secrets/${name}`;
  try {
    const found = await retryRequest({ clock }, retryLimitMs, signal, () =>
      cluster.request(`look at the secret ${name}`, path),
    );
    const { uid } = plainObject.parse(found).metadata;
    return { namespace: settings.namespace, anchor: { name, uid } };
  } catch (error) {
    if (refusalStatus(error) !== 404) throw error;
    throw new AppError('backend_failed', `Execution ${executionId} has no environment on this cluster.`, {
      cause: error,
    });
  }
}

export function ownedBy({ name, uid }: { name: string; uid: string }): object[] {
  return [{ apiVersion: 'v1', kind: 'Secret', name, uid, blockOwnerDeletion: false }];
}
