import Docker from 'dockerode';
import { noLedger, type OpenPackage, type ResourceLedger } from '@/lib/backends/backend';
import { createDockerBackend } from '@/lib/backends/docker/docker-backend';
import { labelNames } from '@/lib/backends/labels';
import { buildToolbox, toolboxImage } from '@/lib/cli/toolbox';
import { systemClock } from '@/lib/clock';
import type { BackendHarness } from './backend-contract';

export const quietLogger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** The real daemon, under an installation of the test's own. */
export async function openDockerHarness(
  { openPackage, ledger = noLedger }: { openPackage: OpenPackage; ledger?: ResourceLedger },
  installation: string,
): Promise<BackendHarness & { docker: Docker; installation: string }> {
  const docker = new Docker();
  await buildToolbox({ docker, log: () => {} });
  const make = () =>
    createDockerBackend(
      { clock: systemClock, logger: quietLogger, openPackage, ledger },
      { id: 'local', installation },
    );
  return {
    docker,
    installation,
    backend: make(),
    another: make,
    command: ({ source }) => ['node', '-e', source],
    image: toolboxImage,
    leftovers: (executionId) => leftovers(docker, `${labelNames.execution}=${executionId}`),
    killSlackMs: 5_000,
    keepsLedger: true,
    close: async () => {},
  };
}

/** Names of all that carries the label, as Docker itself tells. */
export async function leftovers(docker: Docker, label: string): Promise<string[]> {
  const filters = { label: [label] };
  const [containers, networks, { Volumes: volumes }] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
    docker.listVolumes({ filters }),
  ]);
  return [
    ...containers.map(({ Names }) => Names[0] ?? 'container'),
    ...networks.map(({ Name }) => Name),
    ...volumes.map(({ Name }) => Name),
  ];
}
