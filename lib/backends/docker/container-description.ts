import type { ContainerInfo } from 'dockerode';
import type { EnvironmentResource } from '../backend';
import { environmentName, labelNames } from '../labels';

/** All that a list tells of a container: looking at each one would cost a call each. */
export function describeContainer(container: ContainerInfo): EnvironmentResource {
  const name = container.Names[0]?.replace(/^\//, '') ?? container.Id;
  const network = environmentName(container.Labels[labelNames.execution] ?? '');
  const address = container.NetworkSettings?.Networks[network]?.IPAddress;
  return {
    kind: 'container',
    name,
    stepId: container.Labels[labelNames.step] ?? null,
    state: container.State,
    image: container.Image,
    health: healthIn(container.Status),
    exitCode: exitCodeIn(container.Status),
    createdAt: new Date(container.Created * 1000).toISOString(),
    address: address ? address : null,
    ports: [...new Set(container.Ports.map((port) => port.PrivatePort))].sort((a, b) => a - b),
    shell: container.State === 'running' ? `docker exec -it ${name} sh` : null,
  };
}

/** Docker's sentence, e.g. `Up 3 minutes (healthy)`, is the only place of a list where these stand. */
function healthIn(status: string): EnvironmentResource['health'] {
  const word = /\((health: starting|healthy|unhealthy)\)$/.exec(status)?.[1];
  if (word === 'healthy' || word === 'unhealthy') return word;
  return word === undefined ? null : 'starting';
}

function exitCodeIn(status: string): number | null {
  const code = /^Exited \((\d+)\)/.exec(status)?.[1];
  return code === undefined ? null : Number(code);
}
