import type { KubernetesSettings } from '../../model/kubernetes-settings';
import type { StepDemand } from '../backend';
import { companionNeeds, fetcherNeeds, milliCpu, stepNeeds } from './pod-resources';

/**
 * The most that an execution's own namespace may hold, for a ResourceQuota: every attempt of every step at once, for
 * the pod of an attempt may still end while the next one starts. With an amount in a quota the cluster refuses each
 * container that states none, so that there is none of what some step does not state; and none where a runtime class
 * adds to pods what no suite knows.
 */
export function quotaOf(
  settings: Pick<KubernetesSettings, 'resources' | 'pod'>,
  demands: readonly StepDemand[],
): Record<string, string> {
  const needs = demands.map((demand) => ({ ...stepNeeds(settings, demand), attempts: demand.attempts }));
  const isKnown = settings.pod.runtimeClassName === undefined;
  const hasCpu = isKnown && needs.every(({ cpu }) => cpu !== null);
  const hasMemory = isKnown && needs.every(({ memoryBytes }) => memoryBytes !== null);
  const sum = (amountOf: (need: (typeof needs)[number]) => number) =>
    needs.reduce((total, need) => total + need.attempts * amountOf(need), 0);
  // What an init container takes is had by the pod for its start, if it is more than all the others take.
  const cpuOf = (cpu: number) =>
    Math.max(milliCpu(fetcherNeeds.cpu), milliCpu(companionNeeds.cpu) + milliCpu(cpu));
  const memoryOf = (bytes: number, needed: 'memoryBytes' | 'mostMemoryBytes') =>
    Math.max(fetcherNeeds[needed], companionNeeds[needed] + bytes);
  return {
    pods: String(sum(() => 1)),
    ...(hasCpu ? { 'requests.cpu': `${sum(({ cpu }) => cpuOf(cpu ?? 0))}m` } : {}),
    ...(hasMemory
      ? {
          'requests.memory': String(sum(({ memoryBytes }) => memoryOf(memoryBytes ?? 0, 'memoryBytes'))),
          'limits.memory': String(sum(({ memoryBytes }) => memoryOf(memoryBytes ?? 0, 'mostMemoryBytes'))),
        }
      : {}),
  };
}
