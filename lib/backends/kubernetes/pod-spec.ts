import { gzipSync } from 'node:zlib';
import type { V1Container, V1Pod, V1SecurityContext, V1Volume } from '@kubernetes/client-node';
import { shareCapabilities } from '../../model/hardening';
import type { KubernetesSettings } from '../../model/kubernetes-settings';
import { type StepSpec, stepEnv } from '../../model/step-spec';
import {
  artifactsFolder,
  defaultImage,
  folderVariables,
  grantedCapabilities,
  packageFolder,
  serviceVariables,
  workingFolder,
} from '../container-facts';
import { leftProcessSeconds } from '../left-processes';
import { stepInitFor } from '../step-init/step-init';
import { literal } from './literal';
import { countedAnnotation } from './log-marks';
import { type Metadata, podName } from './names';
import { companionContainer, mainContainer } from './objects';
import { type FetchedPackage, fetcher, fetchVolumes } from './package-fetch';
import {
  hostAliases,
  hostnameOf,
  optionMounts,
  optionSysctls,
  optionVolumes,
  platformSelector,
  podUser,
  stepUser,
} from './pod-options';
import { readinessProbe } from './pod-probe';
import { companionNeeds, helperResources, stepNeeds, stepResources } from './pod-resources';
import { companionScript, gantryFolder, partsFolder, preparedScript } from './pod-scripts';
import { inputContainers, inputMounts, inputVolumes } from './step-inputs';
import { shellInit, underStepInit } from './step-scripts';

export interface PodContext {
  namespace: string;
  metadata: Metadata;
  owner: { name: string; uid: string } | null;
  /** The Secrets that hold the package's parts, in order; or how it is fetched. */
  suitePackage: string[] | FetchedPackage;
  /** The Secret that holds the step's own secrets by key, variables and files; null when it has none. */
  envSecret: string | null;
  /** The Secret with the platform's login for the registry of the step's image; null when it has none. */
  registrySecret: string | null;
  hosts: { ip: string; names: string[] }[];
  /** For the whole pod, from its start. */
  deadlineSeconds: number;
}

/** The pod of one attempt: its program and a companion, hardened, without host paths or a token of the cluster. */
export function podOf(settings: KubernetesSettings, step: StepSpec, around: PodContext): V1Pod {
  const { node } = step;
  const { labels, annotations, env: _, ...scheduling } = settings.pod;
  const { suitePackage } = around;
  const aliases = hostAliases(step, around.hosts);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: podName(step),
      labels: { ...labels, ...around.metadata.labels },
      annotations: {
        ...annotations,
        ...around.metadata.annotations,
        ...(node.command === null ? {} : { [countedAnnotation]: 'true' }),
      },
      ...(around.owner
        ? {
            ownerReferences: [
              { apiVersion: 'v1', kind: 'Secret', ...around.owner, blockOwnerDeletion: false },
            ],
          }
        : {}),
    },
    spec: {
      ...scheduling,
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      // It would set API_PORT and its like to something else than the suite expects.
      enableServiceLinks: false,
      // A program that is process 1 and has no handler ignores SIGTERM; and the companion passes signals on.
      shareProcessNamespace: true,
      terminationGracePeriodSeconds: Math.max(1, Math.ceil(node.graceMs / 1000)),
      activeDeadlineSeconds: around.deadlineSeconds,
      ...hostnameOf(step),
      ...(aliases.length > 0 ? { hostAliases: aliases } : {}),
      ...(settings.serviceAccount === null ? {} : { serviceAccountName: settings.serviceAccount }),
      nodeSelector: { ...settings.nodeSelector, ...platformSelector(step) },
      tolerations: settings.tolerations,
      imagePullSecrets: [
        ...(around.registrySecret === null ? [] : [around.registrySecret]),
        ...settings.imagePullSecrets,
      ].map((name) => ({ name })),
      securityContext: {
        seccompProfile: { type: 'RuntimeDefault' },
        ...optionSysctls(step),
        ...podUser(step, settings.runAsUser),
      },
      volumes: [
        { name: 'run', emptyDir: {} },
        { name: 'suite', emptyDir: {} },
        { name: 'artifacts', emptyDir: {} },
        ...inputVolumes(step),
        ...optionVolumes(step, around.envSecret),
        ...(Array.isArray(suitePackage) ? [partsVolume(suitePackage)] : fetchVolumes(suitePackage)),
      ],
      initContainers: [
        ...(Array.isArray(suitePackage)
          ? []
          : [fetcher(settings, suitePackage, companionSecurity(settings))]),
        ...inputContainers(settings, step, companionSecurity(settings)),
      ],
      containers: [companion(settings, step), main(settings, step, around)],
    },
  };
}

function partsVolume(secrets: readonly string[]): V1Volume {
  const sources = secrets.map((name, part) => ({
    secret: { name, items: [{ key: 'part', path: String(part).padStart(4, '0') }] },
  }));
  return { name: 'package', projected: { sources } };
}

function main(settings: KubernetesSettings, step: StepSpec, around: PodContext): V1Container {
  const { node } = step;
  const folder = workingFolder(step);
  return {
    name: mainContainer,
    image: node.image ?? defaultImage,
    imagePullPolicy: { missing: 'IfNotPresent', always: 'Always', never: 'Never' }[node.pull],
    ...entryOf(step),
    // step-init enters the folder itself: what runtimes do with one that is not there differs.
    ...(node.command === null ? (folder === null ? {} : { workingDir: folder }) : { workingDir: '/' }),
    env: [
      ...plainVariables(settings, step).map(([name, value]) => ({ name, value: literal(value) })),
      ...secretKeys(step).map((key) => ({
        name: key,
        valueFrom: { secretKeyRef: { name: around.envSecret ?? '', key } },
      })),
    ],
    ports: node.ports.map((containerPort) => ({ containerPort })),
    resources: stepResources(stepNeeds(settings, node.resources), node.resources.diskBytes ?? null),
    ...readinessProbe(node),
    securityContext: {
      allowPrivilegeEscalation: false,
      privileged: false,
      ...stepUser(step, settings.runAsUser),
      ...(node.container.readOnly ? { readOnlyRootFilesystem: true } : {}),
      capabilities: { drop: ['ALL'], add: capabilitiesOf(settings, step) },
    },
    volumeMounts: [
      { name: 'suite', mountPath: packageFolder, readOnly: true },
      { name: 'artifacts', mountPath: artifactsFolder },
      { name: 'run', mountPath: gantryFolder },
      ...inputMounts(step),
      ...optionMounts(step),
    ],
  };
}

/** The capabilities for steps that run as their image's user. Its entry point may change owners and step down, as on Docker. */
function capabilitiesOf({ runAsUser }: KubernetesSettings, step: StepSpec): string[] {
  const usual = runAsUser === null ? shareCapabilities('standard', step.node.capabilities).given : [];
  return [...new Set([...usual, ...grantedCapabilities(step)])];
}

/** Without `run` the image's own words count, but for those that the step has others for: Kubernetes reads both as Docker does. */
function entryOf(step: StepSpec): Pick<V1Container, 'command' | 'args'> {
  const { command, container } = step.node;
  if (command !== null) {
    const argv = underStepInit(workingFolder(step) ?? '/', leftProcessSeconds(step.node), command);
    return { command: argv.map(literal) };
  }
  return {
    ...(container.entrypoint ? { command: container.entrypoint.map(literal) } : {}),
    ...(container.args ? { args: container.args.map(literal) } : {}),
  };
}

/** `step-init` for the architectures that the companion asks for, in their order, and what stands in for it. */
const stepInits = [
  ...['amd64', 'arm64'].map((each) => gzipSync(stepInitFor(each) ?? '', { level: 9 }).toString('base64')),
  shellInit,
];

function companion(settings: KubernetesSettings, step: StepSpec): V1Container {
  const mode = step.node.command === null ? 'plain' : 'wrapped';
  return {
    name: companionContainer,
    image: settings.helperImage,
    imagePullPolicy: 'IfNotPresent',
    command: ['/bin/busybox', 'sh', '-c', companionScript, 'gantry', mode, ...stepInits].map(literal),
    // Kubernetes starts the step's container when this one is up and its hook has ended.
    lifecycle: { postStart: { exec: { command: ['/bin/busybox', 'sh', '-c', preparedScript] } } },
    resources: helperResources(companionNeeds),
    securityContext: companionSecurity(settings),
    volumeMounts: [
      { name: 'suite', mountPath: packageFolder },
      { name: 'artifacts', mountPath: artifactsFolder },
      { name: 'run', mountPath: gantryFolder },
      { name: 'package', mountPath: partsFolder, readOnly: true },
    ],
  };
}

/** Where steps run as whom their image says, the companion must reach processes and files of any user. */
function companionSecurity({ runAsUser }: KubernetesSettings): V1SecurityContext {
  const base = { allowPrivilegeEscalation: false, privileged: false };
  return runAsUser === null
    ? { ...base, runAsUser: 0, capabilities: { drop: ['ALL'], add: ['KILL', 'DAC_OVERRIDE'] } }
    : { ...base, capabilities: { drop: ['ALL'] } };
}

/** The keys of secrets whose values the step gets: Gantry's own variables stand above them. */
export function secretKeys(step: StepSpec): string[] {
  const values = stepEnv(step);
  return Object.keys(step.secrets).filter((key) => values[key] === step.secrets[key]);
}

function plainVariables({ pod }: KubernetesSettings, step: StepSpec): [string, string][] {
  const secret = new Set(secretKeys(step));
  const all = {
    ...pod.env,
    ...stepEnv(step),
    ...folderVariables(step),
    ...serviceVariables(step),
  };
  return Object.entries(all).filter(([name]) => !secret.has(name));
}
