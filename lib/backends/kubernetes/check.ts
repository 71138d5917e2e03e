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
    const needed = missing.filter(({ isOptional }) => !isOptional).map(({ sentence }) => sentence);
    if (needed.length === 0) {
      const unneeded = missing.map(({ sentence }) => `; the account may not ${sentence}`);
      return { available: true, detail: `Kubernetes ${gitVersion}, ${where}${unneeded.join('')}` };
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
      const of = isOptional ? ` of ${group}` : '';
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
  const answer = await cluster.ask(
    'tell what the account may do',
    '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    { method: 'POST', body: { spec: { resourceAttributes } }, limitMs },
  );
  return review.parse(answer).status.allowed;
}
