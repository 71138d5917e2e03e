import { z } from 'zod';
import { messageOf } from '../../model/errors';
import { neededPermissions, type Permission } from '../../model/kubernetes-permissions';
import type { KubernetesSettings } from '../../model/kubernetes-settings';
import type { Availability } from '../backend';
import type { Cluster } from './cluster';

const limitMs = 4_500;
const version = z.object({ gitVersion: z.string() });
const review = z.object({ status: z.object({ allowed: z.boolean() }) });

/** Asks for the version, and whether each permission is there; names what is missing. */
export async function checkCluster(
  { cluster }: { cluster: Cluster },
  settings: KubernetesSettings,
): Promise<Availability> {
  try {
    const { gitVersion } = version.parse(await cluster.ask('tell its version', '/version', { limitMs }));
    const missing = await missingPermissions(cluster, settings);
    const where =
      settings.namespace === null ? 'a namespace per execution' : `namespace ${settings.namespace}`;
    if (missing.length === 0) return { available: true, detail: `Kubernetes ${gitVersion}, ${where}` };
    const account = settings.namespace === null ? '' : ` in the namespace ${settings.namespace}`;
    return {
      available: false,
      reason: `The account may not ${missing.join('; ')}${account}. \`gantry kubernetes rbac\` prints the role that it needs.`,
    };
  } catch (error) {
    return { available: false, reason: messageOf(error) };
  }
}

async function missingPermissions(cluster: Cluster, settings: KubernetesSettings): Promise<string[]> {
  const asked = neededPermissions(settings).flatMap((permission) =>
    permission.verbs.map((verb) => ({ permission, verb })),
  );
  const answers = await Promise.all(
    asked.map(async ({ permission, verb }) => {
      const allowed = await isAllowed(cluster, settings.namespace, permission, verb);
      return allowed ? [] : [`${verb} ${permission.resource} (to ${permission.why})`];
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
  const answer = await cluster.ask(
    'tell what the account may do',
    '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    { method: 'POST', body: { spec: { resourceAttributes } }, limitMs },
  );
  return review.parse(answer).status.allowed;
}
