import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

/** The `user:password` for the host of a registry, base64; null when there is none. */
export type RegistryCredentials = (host: string) => Promise<string | null>;

const dockerConfig = z.object({
  auths: z.record(z.string(), z.object({ auth: z.string().optional() })).optional(),
  credsStore: z.string().optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
});

const helperAnswer = z.object({ Username: z.string(), Secret: z.string() });
const helperName = /^[\w.-]+$/;
const helperLimitMs = 30_000;
/** The name under which `docker login` keeps the credentials of Docker Hub. */
const hubKey = 'https://index.docker.io/v1/';

/**
 * What `docker login` has stored in Docker's own file, or has given to a credential helper that the file names: read
 * and asked anew each time. Rejects with an Error in whole words when file or helper cannot be used.
 */
export function dockerCredentials(env: Readonly<Record<string, string | undefined>>): RegistryCredentials {
  const folder = env.DOCKER_CONFIG ?? path.join(env.HOME ?? '/', '.docker');
  const file = path.join(folder, 'config.json');
  return async (host) => {
    const text = await readFile(file, 'utf8').catch(() => null);
    if (text === null) return null;
    const { auths = {}, credHelpers = {}, credsStore } = parseConfig(file, text);
    const keys = host === 'docker.io' ? [hubKey, host] : [host, `https://${host}`];
    for (const key of keys) {
      const helper = credHelpers[key] ?? credsStore;
      const known = helper ? await runHelper(helper, key, env) : null;
      if (known !== null) return known;
      const { auth } = auths[key] ?? {};
      if (auth) return auth;
    }
    return null;
  };
}

function parseConfig(file: string, text: string): z.infer<typeof dockerConfig> {
  try {
    return dockerConfig.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(`${file} is not what "docker login" writes`, { cause: error });
  }
}

/** Null when the helper knows no credentials for the server, or only a token of another kind. */
async function runHelper(
  helper: string,
  server: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  const program = `docker-credential-${helper}`;
  if (!helperName.test(helper))
    throw new Error(`${JSON.stringify(helper)} is no name of a credential helper`);
  const { exitCode, output } = await new Promise<{ exitCode: number | null; output: string }>(
    (resolve, reject) => {
      const child = spawn(program, ['get'], {
        env: Object.assign(Object.create(null), withoutOwn(env)),
        stdio: ['pipe', 'pipe', 'ignore'],
        timeout: helperLimitMs,
      });
      let printed = '';
      child.stdout.on('data', (chunk) => {
        printed += String(chunk);
      });
      child.on('error', (error) => reject(new Error(`${program} cannot be run: ${error.message}`)));
      child.on('close', (code) => resolve({ exitCode: code, output: printed }));
      // A helper that does not read what it is asked ends by itself.
      child.stdin.on('error', () => undefined);
      child.stdin.end(server);
    },
  );
  if (exitCode !== 0) {
    // The protocol of credential helpers has no code for this, only these words.
    if (/credentials not found/i.test(output)) return null;
    throw new Error(`${program} failed with exit code ${exitCode}: ${output.trim().slice(0, 200)}`);
  }
  const answer = helperAnswer.safeParse(jsonOf(output));
  if (!answer.success) throw new Error(`${program} gave no user and password for ${server}`);
  const { Username: user, Secret: secret } = answer.data;
  return user === '' || user === '<token>' ? null : Buffer.from(`${user}:${secret}`).toString('base64');
}

/** A helper is not shown the settings of Gantry, which have secrets among them. */
function withoutOwn(env: Readonly<Record<string, string | undefined>>) {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(GANTRY_|VAULT_|DATABASE_URL$|REDIS_URL$)/.test(name)),
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
