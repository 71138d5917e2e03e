import { z } from 'zod';
import type { Clock } from '../../clock';
import type { UsageReading } from '../backend';
import type { Cluster } from './cluster';
import { refusalStatus } from './cluster-errors';
import { mainContainer, memoryLimitOf, type Pod } from './objects';
import { parseQuantity } from './quantity';

/** The cluster's own readings are seconds old: one list serves all pods for this time. */
const lifetimeMs = 5_000;
/** Until a cluster that tells no usage is asked again. */
const absenceMs = 60_000;
const limitMs = 5_000;

const quantity = z.string().transform((text, context) => {
  const parsed = parseQuantity(text);
  if (parsed !== null) return parsed;
  context.addIssue({ code: 'custom', message: 'a quantity' });
  return z.NEVER;
});
const podMetrics = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string() }),
  timestamp: z.string(),
  containers: z.array(z.object({ name: z.string(), usage: z.object({ cpu: quantity, memory: quantity }) })),
});
const podMetricsList = z.object({ items: z.array(podMetrics) });

/**
 * What steps use, from the metrics API (metrics.k8s.io) where the cluster has it and the account may ask: null
 * elsewhere, and for a pod that it has not measured yet.
 */
export function createUsageReader(
  { clock, cluster, known }: { clock: Clock; cluster: Cluster; known: () => Pod[] },
  { namespace, labelSelector }: { namespace: string | null; labelSelector: string },
): (namespace: string, pod: string) => Promise<UsageReading | null> {
  const at = '/apis/metrics.k8s.io/v1beta1';
  const path = namespace === null ? `${at}/pods` : `${at}/namespaces/${namespace}/pods`;
  let list: Promise<Map<string, UsageReading>> | null = null;
  let isOldAtMs = 0;

  async function ask(): Promise<Map<string, UsageReading>> {
    const limits = new Map(known().map((pod) => [keyOf(pod.metadata), memoryLimitOf(pod)]));
    try {
      const answer = await cluster.request('tell what its pods use', path, {
        query: { labelSelector },
        limitMs,
      });
      return new Map(
        podMetricsList.parse(answer).items.flatMap(({ metadata, timestamp, containers }) => {
          const main = containers.find(({ name }) => name === mainContainer);
          const key = keyOf(metadata);
          return main ? [[key, readingOf(timestamp, main.usage, limits.get(key) ?? null)]] : [];
        }),
      );
    } catch (error) {
      if (![403, 404, 503].includes(refusalStatus(error) ?? 0)) throw error;
      isOldAtMs = clock.monotonicMs() + absenceMs;
      return new Map();
    }
  }

  return async (ofNamespace, pod) => {
    if (!list || clock.monotonicMs() >= isOldAtMs) {
      isOldAtMs = clock.monotonicMs() + lifetimeMs;
      list = ask();
      list.catch(() => {
        list = null;
      });
    }
    return (await list).get(keyOf({ namespace: ofNamespace, name: pod })) ?? null;
  };
}

function readingOf(
  timestamp: string,
  { cpu, memory }: { cpu: number; memory: number },
  memoryLimitBytes: number | null,
): UsageReading {
  return {
    atMs: Date.parse(timestamp),
    cpuMs: null,
    cpu: Math.round(cpu * 1000) / 1000,
    memoryBytes: memory,
    memoryLimitBytes,
    receivedBytes: null,
    sentBytes: null,
    readBytes: null,
    writtenBytes: null,
  };
}

function keyOf({ namespace, name }: { namespace: string; name: string }): string {
  return `${namespace}/${name}`;
}
