import type {
  V1PodSecurityContext,
  V1PodSpec,
  V1SecurityContext,
  V1Volume,
  V1VolumeMount,
} from '@kubernetes/client-node';
import { podSysctls, usedContainerKeys } from '../../model/container-options';
import type { KubernetesSettings } from '../../model/kubernetes-settings';
import type { PlannedNode } from '../../model/node';
import type { StepSpec } from '../../model/step-spec';

const secretsFolder = '/run/secrets';

/** The keys of `suite.yaml` about containers that a pod can have. */
const podKeys = new Set([
  ...['args', 'entrypoint', 'files', 'tmpfs', 'shm_size', 'extra_hosts', 'read_only', 'sysctls'],
  ...['secret_files', 'user', 'stop_signal', 'hostname', 'platform'],
]);

/** The keys that a step uses and its pod cannot have, each with what it cannot have of it. */
export function refusedKeys(
  {
    container: options,
    ready,
    build,
    inputs = [],
  }: Pick<PlannedNode, 'container' | 'ready' | 'build' | 'inputs'>,
  { runAsUser }: Pick<KubernetesSettings, 'runAsUser'>,
): string[] {
  // A pod has no health check but the one by which it gets ready.
  const isAwaited = ready?.probes.some(({ type }) => type === 'healthcheck') ?? false;
  const refused = usedContainerKeys(options).filter(
    (key) => !podKeys.has(key) && !(key === 'healthcheck' && isAwaited),
  );
  const sysctls = Object.keys(options.sysctls).filter((name) => !podSysctls.some((each) => each === name));
  return [
    // Whoever builds would have to push the image to a registry that the nodes can reach.
    ...(build === null ? [] : ['`build`']),
    ...refused.map((key) => `\`${key}\``),
    ...(inputs.some(({ to }) => options.files.some(({ path }) => path === to))
      ? ['`inputs` where `files` are']
      : []),
    ...(options.files.some(({ mode }) => mode !== null) ? ['`mode` of `files`'] : []),
    ...refusedUser(options.user, runAsUser),
    ...(options.hostname === null || podHostname.test(options.hostname)
      ? []
      : ['`hostname` with capitals or dots']),
    ...sysctls.map((name) => `\`${name}\` of \`sysctls\``),
  ];
}

/** The largest user id that Kubernetes accepts. OpenShift assigns ids above 1,000,000,000. */
const maxUser = 2 ** 31 - 1;

const podHostname = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Why the cluster cannot run the step as its `user`; null if it can. Kubernetes takes numbers only. */
function refusedUser(user: string | null, runAsUser: number | null): string[] {
  if (user === null) return [];
  const { uid } = usersOf(user) ?? {};
  if (uid === undefined && /^\d+(?::\d+)?$/.test(user)) return [`a number in \`user\` above ${maxUser}`];
  if (uid === undefined) return ['`user` by name: a number is possible'];
  return uid === 0 && runAsUser !== null ? ["`user: 0` where the cluster's `runAsUser` is not null"] : [];
}

function usersOf(user: string | null): { uid: number; gid: number | null } | null {
  const [, uid, gid] = /^(\d{1,10})(?::(\d{1,10}))?$/.exec(user ?? '') ?? [];
  if (uid === undefined || Math.max(Number(uid), Number(gid ?? 0)) > maxUser) return null;
  return { uid: Number(uid), gid: gid === undefined ? null : Number(gid) };
}

/** The user of the whole pod if the cluster's settings name one: that of the step, else that of the settings. */
export function podUser({ node }: StepSpec, runAsUser: number | null): V1PodSecurityContext {
  if (runAsUser === null) return {};
  const { uid, gid } = usersOf(node.container.user) ?? { uid: runAsUser, gid: null };
  return { runAsNonRoot: true, runAsUser: uid, runAsGroup: gid ?? uid, fsGroup: gid ?? uid };
}

/** The user of the step's container alone, for clusters where the image's own user is the default. */
export function stepUser({ node }: StepSpec, runAsUser: number | null): V1SecurityContext {
  const users = usersOf(node.container.user);
  if (users === null || runAsUser !== null) return {};
  return { runAsUser: users.uid, ...(users.gid === null ? {} : { runAsGroup: users.gid }) };
}

/** The node selector for a step's `platform`. The variant is left to the node. */
export function platformSelector({ node }: StepSpec): Record<string, string> {
  const [os, arch] = node.container.platform?.split('/') ?? [];
  return os && arch ? { 'kubernetes.io/os': os, 'kubernetes.io/arch': arch } : {};
}

/** The pod's host name. The kubelet maps it to the pod's address. */
export function hostnameOf({ node, services, stepId }: StepSpec): Pick<V1PodSpec, 'hostname'> {
  const hostname = node.container.hostname ?? services.find((each) => each.stepId === stepId)?.name;
  return hostname ? { hostname } : {};
}

/** The volumes of a pod that its step's keys ask for. */
export function optionVolumes({ node }: StepSpec, secret: string | null): V1Volume[] {
  const { tmpfs, shmBytes, secretFiles } = node.container;
  return [
    ...tmpfs.map((_, index) => ({ name: `memory-${index}`, emptyDir: { medium: 'Memory' } })),
    ...(shmBytes === null
      ? []
      : [{ name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: String(shmBytes) } }]),
    ...(secretFiles.length === 0 || secret === null
      ? []
      : [
          {
            name: 'secrets',
            secret: {
              secretName: secret,
              defaultMode: 0o444,
              items: secretFiles.map((key) => ({ key, path: key })),
            },
          },
        ]),
  ];
}

/** Where the step's container has them, and the files of the package beside /suite: the volume of that is unpacked before it starts. */
export function optionMounts({ node }: StepSpec): V1VolumeMount[] {
  const { tmpfs, shmBytes, secretFiles, files } = node.container;
  return [
    ...tmpfs.map((mountPath, index) => ({ name: `memory-${index}`, mountPath })),
    ...(shmBytes === null ? [] : [{ name: 'shm', mountPath: '/dev/shm' }]),
    ...(secretFiles.length === 0 ? [] : [{ name: 'secrets', mountPath: secretsFolder, readOnly: true }]),
    ...files.map(({ path, from }) => ({
      name: 'suite',
      mountPath: path,
      readOnly: true,
      ...(from === '.' ? {} : { subPath: from }),
    })),
  ];
}

export function optionSysctls({ node }: StepSpec): Pick<V1PodSecurityContext, 'sysctls'> {
  const sysctls = Object.entries(node.container.sysctls).map(([name, value]) => ({ name, value }));
  return sysctls.length === 0 ? {} : { sysctls };
}

/** Addresses of services, and those of the step's own beside them. */
export function hostAliases(
  { node, services: visible, stepId }: StepSpec,
  services: readonly { ip: string; names: string[] }[],
): { ip: string; hostnames: string[] }[] {
  const own = visible.find((each) => each.stepId === stepId)?.name;
  const { hostname } = node.container;
  return [
    // A pod with its own host name cannot resolve the name under which others reach it.
    ...(own && hostname && hostname !== own ? [{ ip: '127.0.0.1', hostnames: [own] }] : []),
    ...services.map(({ ip, names }) => ({ ip, hostnames: names })),
    ...Object.entries(node.container.extraHosts).map(([name, ip]) => ({ ip, hostnames: [name] })),
  ];
}
