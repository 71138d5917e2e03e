import { homedir } from 'node:os';
import path from 'node:path';

interface OwnFileSettings {
  GANTRY_DATA: string;
  VAULT_TOKEN_FILE?: string | undefined;
  GANTRY_KUBECONFIG?: string | undefined;
}

/**
 * Files with credentials of Gantry itself, and folders of them, as absolute paths. `/proc` has the environment of every
 * process, and with it the password of the database.
 */
export function ownFiles(
  settings: OwnFileSettings,
  env: Record<string, string | undefined>,
  workingFolder: string,
): string[] {
  const home = env.HOME || homedir();
  return [
    '/proc',
    '/sys',
    '/dev',
    '/run/secrets/kubernetes.io',
    '/var/run/secrets/kubernetes.io',
    settings.GANTRY_DATA,
    ...['.env', '.env.local', '.env.production', '.env.production.local'],
    ...(settings.VAULT_TOKEN_FILE ? [settings.VAULT_TOKEN_FILE] : []),
    ...(settings.GANTRY_KUBECONFIG ? [settings.GANTRY_KUBECONFIG.replace(/^~(?=\/)/, homedir())] : []),
    ...(env.KUBECONFIG ?? '').split(path.delimiter).filter((file) => file !== ''),
    path.join(env.DOCKER_CONFIG || path.join(home, '.docker'), 'config.json'),
    env.PGPASSFILE || path.join(home, '.pgpass'),
    path.join(home, '.kube', 'config'),
    path.join(home, '.vault-token'),
  ].map((file) => path.resolve(workingFolder, file));
}
