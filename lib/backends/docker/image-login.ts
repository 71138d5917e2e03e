import { AppError, messageOf } from '../../model/errors';
import { registryOf } from '../../model/image-reference';
import type { StepWatch } from '../backend';
import type { LoginOrigin } from '../pull-refusal';

export interface ImageLogin {
  origin: NonNullable<LoginOrigin>;
  authconfig: { username: string; password: string; serveraddress: string };
}

/** The `user:password` for the host of a registry, base64; null when there is none. */
export type Credentials = (host: string) => Promise<string | null>;

/**
 * The login for the registry of an image: from the platform settings, else from `docker login` on this machine. Null if
 * there is none. Rejects with AppError `image_missing` if a credential helper fails.
 */
export async function findImageLogin(
  credentials: Credentials,
  image: string,
  registryLogin: StepWatch['registryLogin'],
): Promise<ImageLogin | null> {
  const host = registryOf(image);
  const serveraddress = host === 'docker.io' ? 'https://index.docker.io/v1/' : host;
  try {
    const own = (await registryLogin?.(host)) ?? null;
    if (own) {
      const authconfig = { username: own.user, password: own.password, serveraddress };
      return { origin: 'platform', authconfig };
    }
    const known = await credentials(host);
    if (known === null) return null;
    const text = Buffer.from(known, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    const [username, password] = [text.slice(0, colon), text.slice(colon + 1)];
    return { origin: 'docker', authconfig: { username, password, serveraddress } };
  } catch (error) {
    const reason = `the credentials for ${host} cannot be had: ${messageOf(error)}`;
    throw new AppError('image_missing', `The image ${image} cannot be pulled: ${reason}.`, { cause: error });
  }
}
