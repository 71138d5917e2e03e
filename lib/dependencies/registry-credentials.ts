import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const dockerConfig = z.object({
  auths: z.record(z.string(), z.object({ auth: z.string().optional() })).optional(),
});

/** What `docker login` has stored in Docker's own file, read anew each time. Credential helpers are not asked. */
export function dockerCredentials(
  env: Readonly<Record<string, string | undefined>>,
): (host: string) => Promise<string | null> {
  const folder = env.DOCKER_CONFIG ?? path.join(env.HOME ?? '/', '.docker');
  return async (host) => {
    const text = await readFile(path.join(folder, 'config.json'), 'utf8').catch(() => null);
    if (text === null) return null;
    const { auths = {} } = dockerConfig.parse(JSON.parse(text));
    return (auths[host] ?? auths[`https://${host}`])?.auth || null;
  };
}
