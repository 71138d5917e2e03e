import { AppError } from '../../model/errors';
import { registryOf } from '../../model/image-reference';
import type { RegistryLogin } from '../../model/registry-login';
import type { RegistryLogins } from '../../secrets/secrets';
import type { JobHolder } from '../../store/agent-store';
import type { Store } from '../../store/store';

/**
 * The platform's login for a registry, for the agent that holds a job whose image comes from there. A job that builds
 * its image may ask for any: what the Dockerfile begins with is known to its builder alone.
 */
export async function findJobLogin(
  { store, logins }: { store: Pick<Store, 'jobs'>; logins: Pick<RegistryLogins, 'find'> },
  jobId: string,
  holder: JobHolder,
  host: string,
): Promise<RegistryLogin | null> {
  const { image, isBuilt } = await store.jobs.stepImage(jobId, holder);
  // A step without an image runs Gantry's own, which names no registry either.
  if (!isBuilt && registryOf(image ?? '') !== host) {
    throw new AppError('forbidden', `The image of job ${jobId} does not come from ${host}.`);
  }
  return logins.find(host);
}
