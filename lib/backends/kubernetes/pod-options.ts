import type { V1PodSecurityContext, V1Volume, V1VolumeMount } from '@kubernetes/client-node';
import { podSysctls, usedContainerKeys } from '../../model/container-options';
import type { PlannedNode } from '../../model/node';
import type { StepSpec } from '../../model/step-spec';

const secretsFolder = '/run/secrets';

/** The keys of `suite.yaml` about containers that a pod can have. */
const podKeys = new Set([
  ...['args', 'entrypoint', 'files', 'tmpfs', 'shm_size', 'extra_hosts', 'read_only', 'sysctls'],
  'secret_files',
]);

/** The keys that a step uses and its pod cannot have, each with what it cannot have of it. */
export function refusedKeys({
  container: options,
  ready,
  build,
  inputs = [],
}: Pick<PlannedNode, 'container' | 'ready' | 'build' | 'inputs'>): string[] {
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
    ...sysctls.map((name) => `\`${name}\` of \`sysctls\``),
  ];
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
  { node }: StepSpec,
  services: readonly { ip: string; names: string[] }[],
): { ip: string; hostnames: string[] }[] {
  return [
    ...services.map(({ ip, names }) => ({ ip, hostnames: names })),
    ...Object.entries(node.container.extraHosts).map(([name, ip]) => ({ ip, hostnames: [name] })),
  ];
}
