import { createHash } from 'node:crypto';
import { AppError, messageOf } from '../../model/errors';
import { registryOf } from '../../model/image-reference';
import type { RegistryLogin } from '../../model/registry-login';
import type { StepSpec } from '../../model/step-spec';
import type { StepWatch } from '../backend';
import { defaultImage } from '../container-facts';
import { environmentName } from '../labels';
import type { NamedBody } from './creation';
import type { Metadata } from './names';

/**
 * The pull secret for the registry of a step's image, made once in an execution and removed with it; null where the
 * platform has no login for it. The step's pod alone names it.
 */
export async function makeRegistrySecret(
  step: StepSpec,
  { registryLogin }: Pick<StepWatch, 'registryLogin'>,
  makeSecret: (secret: NamedBody) => Promise<void>,
  metadata: Metadata & { ownerReferences: object[] },
): Promise<string | null> {
  const image = step.node.image ?? defaultImage;
  const host = registryOf(image);
  if (!registryLogin || step.node.pull === 'never') return null;
  const login = await registryLogin(host).catch((error: unknown) => {
    const why = `the login for ${host} cannot be had: ${messageOf(error)}`;
    throw new AppError('image_missing', `The image ${image} cannot be pulled: ${why}.`, { cause: error });
  });
  if (login === null) return null;
  const name = registrySecretName(step.executionId, login);
  await makeSecret({
    metadata: { name, ...metadata },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from(JSON.stringify(dockerConfigOf(login))).toString('base64') },
  });
  return name;
}

/** Another user or password becomes another secret: what is there is not changed. */
/** Whether a pod's pull secret is one of these. */
export function isRegistrySecret(name: string): boolean {
  return /-registry-[0-9a-f]{16}$/.test(name);
}

function registrySecretName(executionId: string, { host, user, password }: RegistryLogin): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([executionId, host, user, password]))
    .digest('hex');
  return `${environmentName(executionId)}-registry-${digest.slice(0, 16)}`;
}

function dockerConfigOf({ host, user, password }: RegistryLogin): object {
  const auth = Buffer.from(`${user}:${password}`).toString('base64');
  const key = host === 'docker.io' ? 'https://index.docker.io/v1/' : host;
  return { auths: { [key]: { username: user, password, auth } } };
}
