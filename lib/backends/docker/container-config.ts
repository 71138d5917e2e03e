import path from 'node:path';
import type { ContainerCreateOptions } from 'dockerode';
import { type StepSpec, stepEnv } from '../../model/step-spec';
import {
  artifactsFolder,
  defaultImage,
  grantedCapabilities,
  packageFolder,
  serviceVariables,
} from '../container-facts';
import { labelNames, stepLabels } from '../labels';
import { aliasesOf, nameSearchOf } from './scope-names';

const defaultPids = 512;
const artifactsTmpfsBytes = 256 * 1024 * 1024;

/**
 * The container of one attempt: hardened, without host paths, published ports or the Docker socket. Throws
 * AppError `backend_failed` when the step asks for a capability that reaches beyond its container.
 */
export function containerConfig(
  step: StepSpec,
  names: { installation: string; owner: string | null; network: string; packageVolume: string },
): ContainerCreateOptions {
  const { node } = step;
  const [program, ...parameters] = node.command ?? [];
  return {
    Image: node.image ?? defaultImage,
    // The argv replaces the image's entry point too: what runs is what the suite says, on every backend.
    ...(program === undefined ? {} : { Entrypoint: [program], Cmd: parameters }),
    Env: Object.entries(environmentOf(step)).map(([name, value]) => `${name}=${value}`),
    WorkingDir: path.posix.resolve(packageFolder, node.cwd ?? '.'),
    Labels: stepLabels(names.installation, step, names.owner),
    AttachStdout: true,
    AttachStderr: true,
    // Published nowhere: it tells people who look what the container listens on.
    ExposedPorts: Object.fromEntries(node.ports.map((port) => [`${port}/tcp`, {}])),
    StopTimeout: Math.ceil(node.graceMs / 1000),
    HostConfig: {
      NetworkMode: names.network,
      ...nameSearchOf(step),
      CapDrop: ['ALL'],
      CapAdd: grantedCapabilities(step),
      SecurityOpt: ['no-new-privileges'],
      Privileged: false,
      PidsLimit: node.resources.pids ?? defaultPids,
      ...(node.resources.memoryBytes === null
        ? {}
        : { Memory: node.resources.memoryBytes, MemorySwap: node.resources.memoryBytes }),
      ...(node.resources.cpu === null ? {} : { NanoCpus: Math.round(node.resources.cpu * 1e9) }),
      // Without it a program that is process 1 and has no handler ignores SIGTERM.
      Init: true,
      // No rotation: followers of a rotated log lose lines without notice.
      LogConfig: { Type: 'json-file', Config: {} },
      Mounts: [
        {
          Type: 'volume',
          Source: names.packageVolume,
          Target: packageFolder,
          ReadOnly: true,
          VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: '', Options: {} } },
        },
        ...(node.exports.length > 0 ? [] : [artifactsTmpfs]),
      ],
    },
    NetworkingConfig: { EndpointsConfig: { [names.network]: { Aliases: aliasesOf(step) } } },
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

const artifactsTmpfs = {
  Type: 'tmpfs' as const,
  Source: '',
  Target: artifactsFolder,
  TmpfsOptions: { SizeBytes: artifactsTmpfsBytes, Mode: 0o1777 },
};

function environmentOf(step: StepSpec): Record<string, string> {
  return { ...stepEnv(step), GANTRY_ARTIFACTS: artifactsFolder, ...serviceVariables(step) };
}
