import type { StepSpec } from '../model/step-spec';
import type { EnvironmentSpec } from './backend';

/** What every resource of ours carries. A backend touches nothing without its own installation's label. */
export const labelNames = {
  installation: 'gantry.installation',
  execution: 'gantry.execution',
  suite: 'gantry.suite',
  profile: 'gantry.profile',
  step: 'gantry.step',
  attempt: 'gantry.attempt',
  owner: 'gantry.owner',
  deadline: 'gantry.deadline',
  /** The ports that a container listens on, with commas between. */
  ports: 'gantry.ports',
  /** Of a container that was made before its step could run: `gate` if its first process waits for the release, else `plain`. */
  ahead: 'gantry.ahead',
} as const;

export function environmentLabels(
  installation: string,
  environment: Pick<EnvironmentSpec, 'executionId' | 'suiteId' | 'profile' | 'owner' | 'deadline'>,
): Record<string, string> {
  return {
    [labelNames.installation]: installation,
    [labelNames.execution]: environment.executionId,
    [labelNames.suite]: environment.suiteId,
    [labelNames.profile]: environment.profile,
    [labelNames.owner]: environment.owner,
    [labelNames.deadline]: environment.deadline,
  };
}

/** `owner` is null when the environment was opened by a process that is gone. */
export function stepLabels(
  installation: string,
  step: StepSpec,
  owner: string | null,
): Record<string, string> {
  return {
    [labelNames.installation]: installation,
    [labelNames.execution]: step.executionId,
    [labelNames.suite]: step.suite.id,
    [labelNames.profile]: step.profile,
    [labelNames.step]: step.stepId,
    [labelNames.attempt]: String(step.attempt),
    ...(owner === null ? {} : { [labelNames.owner]: owner }),
    [labelNames.deadline]: step.deadline,
  };
}

/** The name of everything that belongs to a whole execution. */
export function environmentName(executionId: string): string {
  return `gantry-${executionId}`;
}

/** Deterministic: who comes back finds the attempt by it. */
export function attemptName(step: Pick<StepSpec, 'executionId' | 'stepId' | 'attempt'>): string {
  return `gantry-${step.executionId}-${stepSlug(step.stepId)}-${step.attempt}`;
}

/**
 * The name of a container that was made ahead, until its program is released: no control plane adopts it, and an engine
 * gives the attempt's name to one container only.
 */
export function aheadName(step: Pick<StepSpec, 'executionId' | 'stepId' | 'attempt'>): string {
  return `${attemptName(step)}${aheadSuffix}`;
}

const aheadSuffix = '-ahead';

/** The name of the attempt that a container was made for ahead, and that was not released; null for any other one. */
export function attemptMadeAhead(name: string, labels: Record<string, string>): string | null {
  return labels[labelNames.ahead] !== undefined && name.endsWith(aheadSuffix)
    ? name.slice(0, -aheadSuffix.length)
    : null;
}

/** The name of a volume that steps of an execution share. */
export function volumeName(executionId: string, name: string): string {
  return `${environmentName(executionId)}-volume-${stepSlug(name)}`;
}

/** A step's id as a part of a name: `payments/db` becomes `payments.db`, which no other id becomes. */
export function stepSlug(stepId: string): string {
  return stepId.replaceAll('/', '.');
}
