import { z } from 'zod';
import type { KubernetesSettings } from '../../model/kubernetes-settings';
import type { Cluster } from './cluster';

const limitMs = 4_500;
const amounts = z.record(z.string(), z.string()).default({});
const quotas = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      spec: z.object({ hard: amounts, scopes: z.array(z.string()).default([]) }).prefault({}),
    }),
  ),
});
const ranges = z.object({
  items: z.array(
    z.object({
      spec: z
        .object({
          limits: z
            .array(z.object({ type: z.string(), default: amounts, defaultRequest: amounts }))
            .default([]),
        })
        .prefault({}),
    }),
  ),
});

/**
 * What a shared namespace refuses by its quotas, one sentence for each: with an amount in a quota the cluster takes no
 * container that does not state it, unless a LimitRange does. Nothing where the account may not look.
 */
export async function namespaceDemands(
  cluster: Cluster,
  { namespace, resources }: Pick<KubernetesSettings, 'namespace' | 'resources'>,
): Promise<string[]> {
  if (namespace === null) return [];
  const list = (resource: string) =>
    cluster.request(`list ${resource}`, `/api/v1/namespaces/${namespace}/${resource}`, { limitMs });
  try {
    const [foundQuotas, foundRanges] = await Promise.all([list('resourcequotas'), list('limitranges')]);
    const containers = ranges
      .parse(foundRanges)
      .items.flatMap(({ spec }) => spec.limits.filter(({ type }) => type === 'Container'));
    const isStated = (name: string): boolean => {
      const [, kind = 'requests', amount] = /^(?:(requests|limits)\.)?(cpu|memory)$/.exec(name) ?? [];
      if (amount === undefined) return true;
      if ((amount === 'cpu' ? resources.cpu : resources.memoryBytes) !== null) return true;
      return containers.some(
        (each) => amount in each.default || (kind === 'requests' && amount in each.defaultRequest),
      );
    };
    return quotas.parse(foundQuotas).items.flatMap(({ metadata, spec }) => {
      // Steps have an end, and what they state is not known here.
      if (spec.scopes.some((scope) => scope !== 'Terminating')) return [];
      const missing = Object.keys(spec.hard).filter((name) => !isStated(name));
      if (missing.length === 0) return [];
      return [
        `its ResourceQuota ${metadata.name} counts ${missing.join(', ')} and refuses each step that does not state it: in the suite's \`resources\` or in those of the cluster's settings`,
      ];
    });
  } catch {
    return [];
  }
}
