import { z } from 'zod';
import type { Cluster } from './cluster';

const limitMs = 5_000;
const nodes = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      spec: z
        .object({
          taints: z
            .array(z.object({ key: z.string(), value: z.string().default(''), effect: z.string() }))
            .default([]),
        })
        .prefault({}),
    }),
  ),
});

/**
 * The taints of the cluster's nodes, for a scheduler that complains about them and names none, as it does from 1.36 on:
 * in words, or null where it is about something else, has named them, or the account may not look.
 */
export async function nameTaints(cluster: Cluster, complaint: string): Promise<string | null> {
  if (!/\btaint/.test(complaint) || complaint.includes('{')) return null;
  try {
    const { items } = nodes.parse(await cluster.request('list nodes', '/api/v1/nodes', { limitMs }));
    const byTaint = new Map<string, string[]>();
    for (const { metadata, spec } of items) {
      for (const { key, value, effect } of spec.taints) {
        // The scheduler's own filter is for these alone.
        if (effect === 'PreferNoSchedule') continue;
        const taint = `${key}${value === '' ? '' : `=${value}`}:${effect}`;
        byTaint.set(taint, [...(byTaint.get(taint) ?? []), metadata.name]);
      }
    }
    if (byTaint.size === 0) return null;
    return [...byTaint].map(([taint, names]) => `${taint} on ${shortList(names)}`).join('; ');
  } catch {
    return null;
  }
}

function shortList(names: readonly string[]): string {
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  return `${names.slice(0, 3).join(', ')}${more}`;
}
