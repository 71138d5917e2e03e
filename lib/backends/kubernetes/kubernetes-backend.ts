import { type Clock, untilAborted } from '../../clock';
import { type KubernetesSettings, kubernetesSettings } from '../../model/kubernetes-settings';
import type { Logger } from '../../model/logger';
import type { PlannedNode } from '../../model/node';
import type { Plan } from '../../model/plan';
import type { ResourceKind } from '../../model/receipt';
import { kubernetesVariablePattern } from '../../model/variable-name';
import { type Backend, noLedger, type OpenPackage, type ResourceLedger } from '../backend';
import { explainContainerKeys } from '../container-keys';
import { checkCluster } from './check';
import { openCluster } from './cluster';
import { namespaceOf, openEnvironment } from './environment';
import { execInStep } from './exec-in-step';
import { guardConnections } from './guard-connections';
import { listEnvironments } from './inventory';
import { loadKubeconfig } from './kubeconfig';
import { readLastLines } from './last-lines';
import { createNodeLookUp } from './look-up-images';
import { selectorOf, selectorText } from './names';
import type { Pod } from './objects';
import type { OwnPod } from './own-pod';
import { createPackages } from './packages';
import { refusedKeys } from './pod-options';
import { createPodReleases } from './pod-release';
import { createPodWatch } from './pod-watch';
import { keyOf, removeEnvironment } from './removal';
import { renewEnvironment } from './renewal';
import type { IssuePackageToken, RunContext } from './run-context';
import { runStep } from './run-step';
import { createServerVersion } from './server-version';
import { createUsageReader } from './usage';

export interface KubernetesBackendDependencies {
  clock: Clock;
  logger: Logger;
  openPackage: OpenPackage;
  ledger?: ResourceLedger;
  issuePackageToken?: IssuePackageToken;
}

export interface KubernetesBackendOptions {
  id: string;
  installation: string;
  /** Null when nobody has said which cluster. */
  settings: KubernetesSettings | null;
  /** The settings came over the API: their kubeconfig leads nowhere near this machine. */
  isVetted?: boolean;
}

/** Runs steps as pods of a cluster: in a namespace of each execution's own, or in one that is given. */
export function createKubernetesBackend(
  { clock, logger, openPackage, ledger = noLedger, issuePackageToken }: KubernetesBackendDependencies,
  { id, installation, settings: given, isVetted = false }: KubernetesBackendOptions,
): Backend {
  const settings = given ?? nowhere;
  const cluster = openCluster({ clock }, async () => {
    const config = await loadKubeconfig(given);
    return isVetted && given?.kubeconfig.from === 'inline' ? guardConnections(config) : config;
  });
  const { namespace } = settings;
  const owners = new Map<string, string>();
  const made = new Map<string, Set<string>>();
  const releases = createPodReleases({ clock, cluster });
  const context: RunContext = {
    clock,
    logger,
    cluster,
    installation,
    settings,
    ledger,
    packages: createPackages({ openPackage }),
    issuePackageToken,
    version: createServerVersion(cluster),
    watch: createPodWatch(
      { clock, cluster, logger },
      {
        path: namespace === null ? '/api/v1/pods' : `/api/v1/namespaces/${namespace}/pods`,
        labelSelector: selectorText(selectorOf(installation)),
      },
    ),
    ownerOf: (executionId) => owners.get(executionId) ?? null,
    onCreated(executionId: string, kind: ResourceKind, name: string) {
      made.set(executionId, (made.get(executionId) ?? new Set()).add(keyOf(kind, name)));
      ledger.made(executionId, kind, name);
    },
  };

  const readUsage = createUsageReader(
    { clock, cluster, known: context.watch.known },
    { namespace, labelSelector: selectorText(selectorOf(installation)) },
  );

  function ownPod(executionId: string, pod: string): OwnPod {
    return { installation, executionId, namespace: namespaceOf(settings, executionId), pod };
  }

  return {
    id,
    kind: 'kubernetes',
    check: () => checkCluster({ cluster }, settings),
    refuses: (plan) => whyRefused(plan, settings),
    missingImages: createNodeLookUp({ clock, cluster, logger }),
    openEnvironment(environment) {
      owners.set(environment.executionId, environment.owner);
      return openEnvironment(context, environment);
    },
    runStep: (step, watch) => runStep(context, step, watch, (pod: Pod) => releases.add(step, pod)),
    async closeEnvironment(executionId, onRemoved) {
      releases.forget(executionId);
      const place = {
        installation,
        executionId,
        namespace: namespaceOf(settings, executionId),
        isShared: namespace !== null,
      };
      const known = made.get(executionId) ?? new Set<string>();
      const receipt = await removeEnvironment(context, place, known, onRemoved);
      context.packages.forget(executionId);
      owners.delete(executionId);
      made.delete(executionId);
      if (receipt.left.length > 0)
        logger.warn({ executionId, left: receipt.left }, 'an environment is not gone');
      return receipt;
    },
    listEnvironments: () => listEnvironments(cluster, installation, settings),
    readUsage: (executionId, resource) => readUsage(namespaceOf(settings, executionId), resource),
    renewEnvironment: (executionId, until) => renewEnvironment(context, executionId, until),
    exec: (executionId, resource, command, onOutput, signal) =>
      execInStep(context, ownPod(executionId, resource), command, onOutput, signal),
    readLastLines: (executionId, resource, lines) =>
      readLastLines(cluster, ownPod(executionId, resource), lines),
    async watchEnvironments(onChange, signal) {
      const stop = context.watch.followAll(onChange);
      onChange();
      await untilAborted(signal);
      stop();
    },
  };
}

/** What stands in for settings that nobody has made: the check then says so. */
const nowhere = kubernetesSettings.parse({ kubeconfig: { from: 'cluster' } });

/** How many probes the kubelet would have to make. */
function kubeletProbes({ ready, container }: Pick<PlannedNode, 'ready' | 'container'>): number {
  const asked = new Set(['tcp', 'http', 'exec', ...(container.healthCheck ? ['healthcheck'] : [])]);
  return ready?.probes.filter(({ type }) => asked.has(type)).length ?? 0;
}

/** Kubernetes does not know the health checks of images, and has one probe a container. */
function whyRefused(plan: Plan, settings: KubernetesSettings): string | null {
  const beyond = explainContainerKeys(plan, 'Kubernetes', (node) => refusedKeys(node, settings));
  if (beyond !== null) return beyond;
  const names = plan.nodes.flatMap(({ env }) => Object.keys(env));
  const unfit = names.find((name) => !kubernetesVariablePattern.test(name));
  if (unfit !== undefined) {
    return `Kubernetes takes no variable called ${JSON.stringify(unfit)}: letters, digits, "_", "-" and ".", without a digit first.`;
  }
  const probed = plan.nodes.filter((node) => kubeletProbes(node) > 1).map(({ id }) => id);
  if (probed.length > 0) {
    return `A pod has one readiness probe: give ${probed.join(', ')} at most one of tcp, http, exec and a health check of its own in \`ready\`, beside any number of logs.`;
  }
  const waiting = plan.nodes
    .filter(
      ({ ready, container }) =>
        !container.healthCheck && ready?.probes.some(({ type }) => type === 'healthcheck'),
    )
    .map(({ id }) => id);
  if (waiting.length === 0) return null;
  return `Kubernetes does not run the health check of an image, for which ${waiting.join(', ')} ${waiting.length === 1 ? 'waits' : 'wait'}: use tcp, http, exec or log.`;
}
