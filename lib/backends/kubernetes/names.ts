import { createHash } from 'node:crypto';
import type { StepSpec } from '../../model/step-spec';
import type { EnvironmentSpec } from '../backend';
import { attemptName, environmentLabels, environmentName, labelNames, stepLabels } from '../labels';

export interface Metadata {
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/**
 * Kubernetes has its own keys: the kubelet of a cluster that runs on Docker copies a pod's labels to containers, which
 * the Docker backend would take for its own.
 */
export function keyOf(name: (typeof labelNames)[keyof typeof labelNames]): string {
  return name.replace('gantry.', 'gantry/');
}

/** Word for word as annotations; as labels so far as Kubernetes' rules let them, else as a digest. */
export function environmentMetadata(
  installation: string,
  environment: Pick<EnvironmentSpec, 'executionId' | 'suiteId' | 'profile' | 'owner' | 'deadline'>,
): Metadata {
  return metadataOf(environmentLabels(installation, environment));
}

export function stepMetadata(installation: string, step: StepSpec, owner: string | null): Metadata {
  return metadataOf(stepLabels(installation, step, owner));
}

/** A label selector for what belongs to the installation, and to one execution or step of it. */
export function selectorOf(
  installation: string,
  { executionId, stepId }: { executionId?: string; stepId?: string } = {},
): Record<string, string> {
  return {
    [keyOf(labelNames.installation)]: labelValue(installation),
    ...(executionId === undefined ? {} : { [keyOf(labelNames.execution)]: labelValue(executionId) }),
    ...(stepId === undefined ? {} : { [keyOf(labelNames.step)]: labelValue(stepId) }),
  };
}

export function selectorText(selector: Record<string, string>): string {
  return Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/** Deterministic: who comes back finds the attempt by it. */
export function podName(step: Pick<StepSpec, 'executionId' | 'stepId' | 'attempt'>): string {
  return shortened(attemptName(step), 200);
}

/** A service's name where all of the namespace is its execution's, or with the execution before it. */
export function serviceName(executionId: string, stepId: string, isShared: boolean): string {
  const own = stepId.replaceAll('/', '-');
  if (isShared) return shortened(`${environmentName(executionId)}-${own}`, 63);
  // A nested step is called by its names, not by its id; `a/b-c` and `a-b/c` must not become one.
  return /^[a-z]/.test(own) && !stepId.includes('/') ? shortened(own, 63) : `s-${digest(stepId)}`;
}

export function labelValue(value: string): string {
  return /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/.test(value) ? value : `x-${digest(value)}`;
}

function metadataOf(plain: Record<string, string>): Metadata {
  const entries = Object.entries(plain).map(([name, value]) => [name.replace('gantry.', 'gantry/'), value]);
  return {
    labels: Object.fromEntries(entries.map(([key = '', value = '']) => [key, labelValue(value)])),
    annotations: Object.fromEntries(entries),
  };
}

function shortened(name: string, limit: number): string {
  return name.length <= limit ? name : `${name.slice(0, limit - 17).replace(/[-.]+$/, '')}-${digest(name)}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
