import { maxKeepMs } from '../../model/keep-alive';
import { staysUp } from '../../model/step-kind';
import type { StepSpec } from '../../model/step-spec';
import type { StepWatch } from '../backend';
import { findAttemptPod, ownPod, retryLimitMs } from './attempt-pod';
import { retryRequest } from './cluster-errors';
import { createResource, type NamedBody } from './creation';
import { type Environment, findEnvironment, ownedBy } from './environment';
import { environmentMetadata, podName, stepMetadata } from './names';
import { type Pod, pod } from './objects';
import { orderPackage } from './order-package';
import type { FetchedPackage } from './package-fetch';
import { podOf, secretKeys } from './pod-spec';
import { makeRegistrySecret } from './registry-secret';
import { resetMocksInPods } from './reset-mocks';
import type { RunContext } from './run-context';
import { serviceHosts } from './service-hosts';

/** From the engine's own deadline to the one that the cluster keeps should nobody else. */
const minDeadlineSeconds = 60;

/** The attempt's pod, adopted or made; null when the step was stopped before there was one. */
export async function providePod(context: RunContext, step: StepSpec, watch: StepWatch): Promise<Pod | null> {
  try {
    return await adoptOrMake(context, step, watch);
  } catch (error) {
    if (watch.signal.aborted) return null;
    throw error;
  }
}

async function adoptOrMake(context: RunContext, step: StepSpec, watch: StepWatch): Promise<Pod | null> {
  const { installation, ledger } = context;
  const { signal } = watch;
  const { namespace, anchor } = await findEnvironment(context, step.executionId, signal);
  if (watch.resumeAfter) {
    const found = await findAttemptPod(context, namespace, installation, step, signal);
    if (found) return found;
  }
  const own = { executionId: step.executionId, stepId: step.stepId, attempt: step.attempt };
  // Written while the package is made ready, so that the step does not wait for it.
  const intended = ledger.intend(own.executionId, [{ kind: 'pod', name: podName(step), ...own }], signal);
  intended.catch(() => undefined);
  watch.onPhase({ name: 'preparing', detail: null });
  const body = await describePod(context, step, watch, { namespace, anchor });
  await resetMocksInPods(context, step, signal);
  if (signal.aborted) return null;
  watch.onPhase({ name: 'creating', detail: null });
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const made = await createResource(context, own, 'pod', path, body, signal, intended);
  return ownPod(pod.parse(made), installation, step);
}

async function describePod(
  context: RunContext,
  step: StepSpec,
  { registryLogin }: StepWatch,
  { namespace, anchor }: Environment,
) {
  const { clock, cluster, installation, settings, packages, watch } = context;
  const owner = context.ownerOf(step.executionId);
  const ownerReferences = anchor ? ownedBy(anchor) : [];
  const path = `/api/v1/namespaces/${namespace}/secrets`;
  const makeSecret =
    (whose: { stepId: string | null; attempt: number | null }) =>
    async (secret: NamedBody): Promise<void> => {
      await createResource(context, { executionId: step.executionId, ...whose }, 'secret', path, secret);
    };
  const whole = { ...step, suiteId: step.suite.id, owner: owner ?? '' };
  const makeOwnSecret = makeSecret({ stepId: step.stepId, attempt: step.attempt });
  const ownMetadata = { ...stepMetadata(installation, step, owner), ownerReferences };
  const wholeMetadata = { ...environmentMetadata(installation, whole), ownerReferences };
  async function sendPackage(): Promise<string[] | FetchedPackage> {
    const place = {
      executionId: step.executionId,
      digest: step.node.packageDigest,
      metadata: environmentMetadata(installation, whole),
      ownerReferences,
    };
    const sent = await packages.ensure(place, makeSecret({ stepId: null, attempt: null }));
    if ('secrets' in sent) return sent.secrets;
    return orderPackage(context, step, sent.sha256, makeOwnSecret, ownMetadata);
  }
  const [suitePackage, envSecret, registrySecret, hosts] = await Promise.all([
    sendPackage(),
    makeEnvSecret(step, makeOwnSecret, ownMetadata),
    makeRegistrySecret(step, { registryLogin }, makeSecret({ stepId: null, attempt: null }), wholeMetadata),
    retryRequest({ clock }, retryLimitMs, new AbortController().signal, () =>
      serviceHosts({ cluster }, installation, namespace, step, watch.known()),
    ),
  ]);
  // A service may be kept, again and again, and the cluster takes no later end for a pod that is there.
  const keptMs = staysUp(step.node.kind) ? maxKeepMs : 0;
  const leftMs = Date.parse(step.deadline) - clock.now().getTime() + keptMs;
  return podOf(settings, step, {
    namespace,
    metadata: stepMetadata(installation, step, owner),
    owner: anchor,
    suitePackage,
    envSecret,
    registrySecret,
    hosts,
    deadlineSeconds: Math.min(2 ** 31 - 1, Math.max(minDeadlineSeconds, Math.ceil(leftMs / 1000))),
  });
}

/** Values of secrets are not in the pod, where everybody who may look at pods would read them. */
async function makeEnvSecret(
  step: StepSpec,
  makeSecret: (secret: NamedBody) => Promise<void>,
  metadata: object,
): Promise<string | null> {
  const keys = [...secretKeys(step), ...step.node.container.secretFiles];
  if (keys.length === 0) return null;
  const name = `${podName(step)}-env`;
  const data = keys.map((key) => [key, Buffer.from(step.secrets[key] ?? '').toString('base64')]);
  await makeSecret({ metadata: { name, ...metadata }, data: Object.fromEntries(data) });
  return name;
}
