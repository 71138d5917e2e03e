import type { EnvironmentResource } from '../backend';
import { attemptMadeAhead, environmentName, labelNames } from '../labels';
import type { Engine } from './daemon';
import type { ListedContainer } from './listings';

/** All that a list tells of a container: looking at each one would cost a call each. */
export function describeContainer(container: ListedContainer, engine: Engine['name']): EnvironmentResource {
  const given = container.Names[0]?.replace(/^\//, '') ?? container.Id;
  // Its rows have the name that it gets once it is released.
  const aheadOf = attemptMadeAhead(given, container.Labels);
  const name = aheadOf ?? given;
  const network = environmentName(container.Labels[labelNames.execution] ?? '');
  const address = container.NetworkSettings?.Networks?.[network]?.IPAddress;
  return {
    kind: 'container',
    name,
    stepId: container.Labels[labelNames.step] ?? null,
    state: container.State,
    image: shortImage(container.Image),
    health: healthIn(container.Status),
    exitCode: exitCodeIn(container.Status),
    createdAt: new Date(container.Created * 1000).toISOString(),
    address: address ? address : null,
    ports: portsOf(container),
    shell:
      container.State === 'running' && aheadOf === null
        ? `${engine.toLowerCase()} exec -it ${name} sh`
        : null,
    ...(aheadOf === null ? {} : { ahead: container.State === 'created' ? 'prepared' : 'standing' }),
  };
}

function portsOf({ Ports, Labels }: ListedContainer): number[] {
  const labelled = (Labels[labelNames.ports] ?? '').split(',').filter(Boolean).map(Number);
  return [...new Set([...Ports.map(({ PrivatePort }) => PrivatePort), ...labelled])].sort((a, b) => a - b);
}

/** As people write it: Podman puts a host before every name. */
function shortImage(image: string): string {
  return image.replace(/^localhost\//, '').replace(/^docker\.io\/(library\/)?/, '');
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
