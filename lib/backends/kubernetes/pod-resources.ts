import type { V1ResourceRequirements } from '@kubernetes/client-node';
import type { KubernetesSettings } from '../../model/kubernetes-settings';

const mib = 1024 * 1024;

/**
 * What the container beside a step takes, and the one that fetches its package. A quota that counts limits refuses each
 * container that states none.
 */
export const companionNeeds = { cpu: 0.01, maxCpu: 1, memoryBytes: 16 * mib, mostMemoryBytes: 128 * mib };
export const fetcherNeeds = { cpu: 0.01, maxCpu: 1, memoryBytes: 64 * mib, mostMemoryBytes: 256 * mib };

interface Amounts {
  cpu: number | null;
  memoryBytes: number | null;
}

/** What a step's own container gets, in cores and bytes. */
export function stepNeeds(
  { resources }: Pick<KubernetesSettings, 'resources'>,
  { cpu, memoryBytes }: Amounts,
): Amounts {
  return { cpu: cpu ?? resources.cpu, memoryBytes: memoryBytes ?? resources.memoryBytes };
}

/** What a step may have at most is also what it is promised. */
export function stepResources(needs: Amounts, diskBytes: number | null): V1ResourceRequirements {
  const amounts = {
    ...(needs.cpu === null ? {} : { cpu: cpuText(needs.cpu) }),
    ...(needs.memoryBytes === null ? {} : { memory: String(needs.memoryBytes) }),
  };
  if (diskBytes === null) return { requests: amounts, limits: amounts };
  // Nothing of it is promised: a node has no more disk because a step may use some.
  return {
    requests: { ...amounts, 'ephemeral-storage': '0' },
    limits: { ...amounts, 'ephemeral-storage': String(diskBytes) },
  };
}

export function helperResources({
  cpu,
  maxCpu,
  memoryBytes,
  mostMemoryBytes,
}: typeof companionNeeds): V1ResourceRequirements {
  return {
    requests: { cpu: cpuText(cpu), memory: String(memoryBytes) },
    limits: { cpu: cpuText(maxCpu), memory: String(mostMemoryBytes) },
  };
}

/** Kubernetes knows thousandths of a core. */
export function milliCpu(cpu: number): number {
  return Math.max(1, Math.round(cpu * 1000));
}

export function cpuText(cpu: number): string {
  return `${milliCpu(cpu)}m`;
}
