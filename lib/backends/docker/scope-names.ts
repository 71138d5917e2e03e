import type { ContainerCreateOptions } from 'dockerode';
import type { StepSpec } from '../../model/step-spec';

/** Reserved for private use: no server outside answers for it. */
const root = 'gantry.internal';

/**
 * All containers of an execution share one network, and two nested suites may each have an `api`. So a service
 * carries, for its own suite and each one above, the name that is used there below that suite's domain, and a step
 * looks names up in its own suite's domain first. Its `aliases` are names in its own suite alone. Without nested services the plain name is enough.
 */
export function aliasesOf(step: StepSpec): string[] {
  const labels = step.stepId.split('/');
  const { aliases } = step.node.container;
  if (!isScoped(step)) return [step.stepId, ...aliases];
  const own = aliases.map((alias) => `${alias}.${domainOf(labels.slice(0, -1))}`);
  const names = labels.map(
    (_, depth) => `${labels.slice(depth).join('-')}.${domainOf(labels.slice(0, depth))}`,
  );
  return [...names, ...own];
}

export function nameSearchOf(
  step: StepSpec,
): Pick<NonNullable<ContainerCreateOptions['HostConfig']>, 'DnsSearch' | 'DnsOptions'> {
  if (!isScoped(step)) return {};
  // Engines write `ndots:0` into a container's resolver file: then the machine's own resolver is asked for `api` before
  // `api` of the suite is looked for, and answers for somebody else, or not at all.
  return { DnsSearch: [domainOf(step.stepId.split('/').slice(0, -1))], DnsOptions: ['ndots:1'] };
}

/** The outermost suite sees every service: its steps agree on the answer, and nested ones know it of themselves. */
function isScoped(step: StepSpec): boolean {
  return step.stepId.includes('/') || step.services.some(({ stepId }) => stepId.includes('/'));
}

function domainOf(scope: string[]): string {
  return [...[...scope].reverse(), root].join('.');
}
