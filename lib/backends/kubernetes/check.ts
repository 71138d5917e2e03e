import { z } from 'zod';
import { messageOf } from '../../model/errors';
import { neededPermissions, type Permission } from '../../model/kubernetes-permissions';
import type { KubernetesSettings } from '../../model/kubernetes-settings';
import type { Availability } from '../backend';
import type { Cluster } from './cluster';
import { namespaceDemands } from './namespace-limits';
import { versionNote } from './server-version';

const limitMs = 4_500;
const version = z.object({ gitVersion: z.string() });
const nodes = z.object({
  items: z.array(
    z.object({
      status: z
        .object({ nodeInfo: z.object({ containerRuntimeVersion: z.string().default('') }).prefault({}) })
        .prefault({}),
    }),
  ),
});
const review = z.object({ status: z.object({ allowed: z.boolean() }) });

/** Asks for the version, and whether each permission is there; names what is missing. */
export async function checkCluster(
  { cluster }: { cluster: Cluster },
  settings: KubernetesSettings,
): Promise<Availability> {
  try {
    const { gitVersion } = version.parse(await cluster.request('tell its version', '/version', { limitMs }));
    const [missing, demands, runtimes] = await Promise.all([
      missingPermissions(cluster, settings),
      namespaceDemands(cluster, settings),
      runtimesOf(cluster),
    ]);
    const where =
      settings.namespace === null ? 'a namespace per execution' : `namespace ${settings.namespace}`;
    const needed = missing.filter(({ isOptional }) => !isOptional).map(({ sentence }) => sentence);
    if (needed.length === 0) {
      const unneeded = missing.map(({ sentence }) => `; the account may not ${sentence}`);
      const old = versionNote(gitVersion);
      const notes = [
        ...(old === null ? [] : [`; ${old}`]),
        ...demands.map((demand) => `; ${demand}`),
        ...unneeded,
      ].join('');
      return {
        available: true,
        detail: `${[`Kubernetes ${gitVersion.replace(/^v/, '')}`, ...runtimes, where].join(', ')}${notes}`,
      };
    }
    const account = settings.namespace === null ? '' : ` in the namespace ${settings.namespace}`;
    return {
      available: false,
      reason: `The account may not ${needed.join('; ')}${account}. \`gantry kubernetes rbac\` prints the role that it needs.`,
    };
  } catch (error) {
    return { available: false, reason: messageOf(error) };
  }
}

/** `containerd 2.1.9`, each once; nothing where the account may not look at nodes. */
async function runtimesOf(cluster: Cluster): Promise<string[]> {
  try {
    const { items } = nodes.parse(await cluster.request('list nodes', '/api/v1/nodes', { limitMs }));
    const found = items.map(({ status }) => status.nodeInfo.containerRuntimeVersion.replace('://', ' '));
    return [...new Set(found)].filter((text) => text !== '').sort();
  } catch {
    return [];
  }
}

interface Missing {
  sentence: string;
  isOptional: boolean;
}

async function missingPermissions(cluster: Cluster, settings: KubernetesSettings): Promise<Missing[]> {
  const asked = neededPermissions(settings).flatMap((permission) =>
    permission.verbs.map((verb) => ({ permission, verb })),
  );
  const answers = await Promise.all(
    asked.map(async ({ permission, verb }) => {
      const allowed = await isAllowed(cluster, settings.namespace, permission, verb);
      const { group, resource, why, isOptional } = permission;
      const of = isOptional && group !== '' ? ` of ${group}` : '';
      return allowed ? [] : [{ sentence: `${verb} ${resource}${of} (to ${why})`, isOptional }];
    }),
  );
  return answers.flat();
}

async function isAllowed(
  cluster: Cluster,
  namespace: string | null,
  { group, resource, isClusterWide }: Permission,
  verb: string,
): Promise<boolean> {
  const [name = '', subresource] = resource.split('/');
  const resourceAttributes = {
    verb,
    group,
    resource: name,
    ...(subresource === undefined ? {} : { subresource }),
    ...(isClusterWide || namespace === null ? {} : { namespace }),
  };
  const answer = await cluster.request(
    'tell what the account may do',
    '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    { method: 'POST', body: { spec: { resourceAttributes } }, limitMs },
  );
  return review.parse(answer).status.allowed;
}
