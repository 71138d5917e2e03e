import { randomBytes } from 'node:crypto';
import type Docker from 'dockerode';
import { labelNames } from '@/lib/backends/labels';
import { image } from './suites';

export interface Crowding {
  installation: string;
  suiteId: string;
  environments: number;
  /** In each. */
  containers: number;
}

const startedAtOnce = 6;

/** Environments as an installation's executions would have them, with containers that run and do nothing. */
export async function crowdDaemon(docker: Docker, crowding: Crowding): Promise<void> {
  const run = randomBytes(4).toString('hex');
  const networks = Array.from({ length: crowding.environments }, (_, at) => `bench${run}x${at}`);
  for (const [at, id] of networks.entries()) {
    const labels = labelsOf(crowding, id);
    await docker.createNetwork({
      Name: `gantry-${id}`,
      IPAM: { Driver: 'default', Config: [{ Subnet: `10.199.${Math.floor(at / 4)}.${(at % 4) * 64}/26` }] },
      Labels: labels,
    });
    await docker.createVolume({ Name: `gantry-${id}`, Labels: labels });
  }
  const containers = networks.flatMap((id) =>
    Array.from({ length: crowding.containers }, (_, step) => ({ id, step: `s${step}` })),
  );
  for (let started = 0; started < containers.length; started += startedAtOnce) {
    await Promise.all(
      containers.slice(started, started + startedAtOnce).map(async ({ id, step }) => {
        const container = await docker.createContainer({
          name: `gantry-${id}-${step}-1`,
          Image: image,
          Entrypoint: ['/bin/busybox', 'sleep', '100000'],
          Labels: { ...labelsOf(crowding, id), [labelNames.step]: step, [labelNames.attempt]: '1' },
          HostConfig: { NetworkMode: `gantry-${id}`, Init: true },
        });
        await container.start();
      }),
    );
  }
}

function labelsOf({ installation, suiteId }: Crowding, executionId: string): Record<string, string> {
  return {
    [labelNames.installation]: installation,
    [labelNames.execution]: executionId,
    [labelNames.suite]: suiteId,
    [labelNames.profile]: 'default',
    [labelNames.owner]: 'bench',
    [labelNames.deadline]: new Date(Date.now() + 3_600_000).toISOString(),
  };
}
