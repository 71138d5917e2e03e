import { posix } from 'node:path';
import type { ContainerCreateOptions } from 'dockerode';
import type { ContainerOptions } from '../../model/container-options';
import type { Hardening } from '../../model/hardening';
import { type StepSpec, stepEnv } from '../../model/step-spec';
import { grantedCapabilities } from '../capabilities';
import {
  artifactsFolder,
  defaultImage,
  folderVariables,
  packageFolder,
  serviceVariables,
  workingFolder,
} from '../container-facts';
import { labelNames, stepLabels, volumeName } from '../labels';
import { leftProcessSeconds } from '../left-processes';
import { stepInitFolder, underStepInit } from '../step-init/step-init';
import type { Engine } from './daemon';
import { aliasesOf, nameSearchOf } from './scope-names';
import { secretsMount } from './secret-files';
import type { StepVolumes } from './step-volumes';

const defaultPids = 512;
const artifactsTmpfsBytes = 256 * 1024 * 1024;

/** What a step's container is called, belongs to and may do. */
export interface ContainerNames {
  installation: string;
  owner: string | null;
  network: string;
  volumes: StepVolumes;
  hardening: Hardening;
  /** When it is made ahead of need: the word that opens its gate, or null where it has none. */
  ahead?: { gate: string | null };
}

/**
 * The container of one attempt: hardened, without host paths, published ports or the Docker socket. Throws
 * AppError `backend_failed` when the step asks for a capability that its backend does not give.
 */
export function containerConfig(
  step: StepSpec,
  names: ContainerNames,
  engine: Engine['name'],
): ContainerCreateOptions {
  const { node } = step;
  const folder = workingFolder(step);
  const { volumes } = names;
  return {
    Image: node.image ?? defaultImage,
    ...entryOf(step, volumes.stepInit !== null, names.ahead?.gate ?? null),
    Env: Object.entries(environmentOf(step)).map(([name, value]) => `${name}=${value}`),
    // Docker would make a working folder that is not there; step-init enters it instead.
    ...(volumes.stepInit === null && folder !== null ? { WorkingDir: folder } : {}),
    Labels: {
      ...stepLabels(names.installation, step, names.owner),
      // A list of Podman 5.4.2 does not tell the ports that are published nowhere.
      ...(node.ports.length === 0 ? {} : { [labelNames.ports]: node.ports.join(',') }),
      ...(names.ahead ? { [labelNames.ahead]: names.ahead.gate === null ? 'plain' : 'gate' } : {}),
    },
    ...(names.ahead?.gate ? { OpenStdin: true } : {}),
    AttachStdout: true,
    AttachStderr: true,
    // Published nowhere: it tells people who look what the container listens on.
    ExposedPorts: Object.fromEntries(node.ports.map((port) => [`${port}/tcp`, {}])),
    ...(node.container.user === null ? {} : { User: node.container.user }),
    ...(node.container.stopSignal === null ? {} : { StopSignal: node.container.stopSignal }),
    StopTimeout: Math.ceil(node.graceMs / 1000),
    ...(node.container.hostname === null ? {} : { Hostname: node.container.hostname }),
    ...healthCheckOf(node.container, engine),
    HostConfig: {
      ...hostOptions(node.container),
      NetworkMode: names.network,
      ...nameSearchOf(step),
      CapDrop: ['ALL'],
      CapAdd: grantedCapabilities(step, names.hardening),
      SecurityOpt: ['no-new-privileges'],
      Privileged: false,
      // Docker's own default: a user that is not root opens port 80. Podman's is another one.
      Sysctls: { 'net.ipv4.ip_unprivileged_port_start': '0', ...node.container.sysctls },
      PidsLimit: node.resources.pids ?? defaultPids,
      ...(node.resources.memoryBytes === null
        ? {}
        : { Memory: node.resources.memoryBytes, MemorySwap: node.resources.memoryBytes }),
      ...(node.resources.cpu === null ? {} : { NanoCpus: Math.round(node.resources.cpu * 1e9) }),
      // Without one a program that is process 1 and has no handler ignores SIGTERM.
      Init: volumes.stepInit === null && node.container.init,
      // No rotation: followers of a rotated log lose lines without notice.
      LogConfig: { Type: 'json-file', Config: {} },
      Mounts: [
        readOnly(volumes.package, packageFolder),
        ...(volumes.stepInit === null ? [] : [readOnly(volumes.stepInit, stepInitFolder)]),
        ...artifactsMount(step),
        ...secretsMount(step),
        ...node.container.volumes.map((volume) => shared(step, volume)),
      ],
    },
    NetworkingConfig: { EndpointsConfig: { [names.network]: { Aliases: aliasesOf(step) } } },
  };
}

const nanosecondsPerMs = 1_000_000;

function healthCheckOf(
  { healthCheck }: ContainerOptions,
  engine: Engine['name'],
): Pick<ContainerCreateOptions, 'Healthcheck'> {
  if (healthCheck === null) return {};
  const { argv, intervalMs, timeoutMs, retries, startPeriodMs } = healthCheck;
  return {
    Healthcheck: {
      // Podman 5.4.2 cuts each word at its blanks, so that `sh -c "exit 1"` would be `sh -c exit`, which succeeds.
      Test:
        engine === 'Podman' && argv.some((word) => /\s/.test(word))
          ? ['CMD-SHELL', argv.map(quoted).join(' ')]
          : ['CMD', ...argv],
      Interval: intervalMs * nanosecondsPerMs,
      Timeout: timeoutMs * nanosecondsPerMs,
      Retries: retries,
      // To engines zero is what the image says.
      StartPeriod: Math.max(1, startPeriodMs) * nanosecondsPerMs,
    },
  };
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function hostOptions({ tmpfs, shmBytes, extraHosts, readOnly, ulimits, gpus }: ContainerOptions) {
  return {
    ReadonlyRootfs: readOnly,
    ...(gpus === null
      ? {}
      : { DeviceRequests: [{ Count: gpus === 'all' ? -1 : gpus, Capabilities: [['gpu']] }] }),
    Ulimits: Object.entries(ulimits).map(([Name, { soft, hard }]) => ({ Name, Soft: soft, Hard: hard })),
    ...(tmpfs.length === 0 ? {} : { Tmpfs: Object.fromEntries(tmpfs.map((folder) => [folder, ''])) }),
    ...(shmBytes === null ? {} : { ShmSize: shmBytes }),
    ...(Object.keys(extraHosts).length === 0
      ? {}
      : { ExtraHosts: Object.entries(extraHosts).map(([name, address]) => `${name}:${address}`) }),
  };
}

/** With `run` the argv replaces the image's entry point too: what runs is what the suite says, on every backend. */
function entryOf(
  step: StepSpec,
  hasStepInit: boolean,
  gate: string | null,
): Pick<ContainerCreateOptions, 'Entrypoint' | 'Cmd'> {
  const { command } = step.node;
  if (command === null) {
    const { entrypoint, args } = step.node.container;
    return { ...(entrypoint ? { Entrypoint: entrypoint } : {}), ...(args ? { Cmd: args } : {}) };
  }
  const folder = workingFolder(step) ?? '/';
  const leftSeconds = leftProcessSeconds(step.node);
  const [program, ...words] = hasStepInit ? underStepInit({ folder, leftSeconds, command, gate }) : command;
  return program === undefined ? {} : { Entrypoint: [program], Cmd: words };
}

function readOnly(volume: string, folder: string) {
  return {
    Type: 'volume' as const,
    Source: volume,
    Target: folder,
    ReadOnly: true,
    VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: '', Options: {} } },
  };
}

/** A volume that is empty yet gets what the image has at its place, as with `docker run -v`. */
function shared({ executionId }: StepSpec, { path, name, readOnly }: ContainerOptions['volumes'][number]) {
  return {
    Type: 'volume' as const,
    Source: volumeName(executionId, name),
    Target: path,
    ReadOnly: readOnly,
  };
}

/** Same container, same attempt: what tells ours from a foreign one of the same name. */
export function isContainerOf(
  labels: Record<string, string> | null | undefined,
  installation: string,
  step: StepSpec,
): boolean {
  return (
    labels?.[labelNames.installation] === installation &&
    labels[labelNames.execution] === step.executionId &&
    labels[labelNames.step] === step.stepId &&
    labels[labelNames.attempt] === String(step.attempt)
  );
}

/** Nothing where the folder is made in the container itself, from which it is read after the end. */
function artifactsMount({ node }: StepSpec) {
  if (node.exports.length === 0) return [artifactsTmpfs];
  return node.container.readOnly ? [artifactsVolume] : [];
}

/** Without a name it goes with the container. An engine sets who may write only to a folder within a volume. */
const artifactsVolume = {
  Type: 'volume' as const,
  Source: '',
  Target: posix.dirname(artifactsFolder),
  VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: '', Options: {} } },
};

const artifactsTmpfs = {
  Type: 'tmpfs' as const,
  Source: '',
  Target: artifactsFolder,
  TmpfsOptions: { SizeBytes: artifactsTmpfsBytes, Mode: 0o1777 },
};

function environmentOf(step: StepSpec): Record<string, string> {
  return {
    ...stepEnv(step),
    ...folderVariables(step),
    ...serviceVariables(step),
  };
}
