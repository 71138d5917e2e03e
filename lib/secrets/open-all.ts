import type { OutgoingClient } from '../outgoing/client';
import { createEnvSource } from './env-source';
import { createFileSource } from './file-source';
import { createLaunchSource } from './launch-source';
import { openSecrets } from './open-secrets';
import { createRegistryLogins } from './registry-logins';
import { createSeal, loadSealKey } from './seal';
import type { RegistryLogins, SecretSeal, Secrets } from './secrets';
import { createVaultSource } from './vault-source';

const vaultLimitMs = 5_000;

export interface SecretSettings {
  environment: Parameters<typeof createEnvSource>[0];
  secretFolders: Parameters<typeof createFileSource>[0];
  ownFiles: Parameters<typeof createFileSource>[1];
  vault: Omit<NonNullable<Parameters<typeof createVaultSource>[1]>, 'limitMs'> | null;
  /** Null: a key of the data folder. */
  secretKey: string | null;
  dataFolder: string;
}

/** All places of secrets that the settings of this process name, and the key with which others are sealed. */
export async function openAllSecrets(
  { outgoing }: { outgoing: Pick<OutgoingClient, 'request'> },
  config: SecretSettings,
  stored: {
    launchSecret: Parameters<typeof createLaunchSource>[1];
    settings: Parameters<typeof createRegistryLogins>[0];
  },
): Promise<{ secrets: Secrets; seal: SecretSeal; logins: RegistryLogins }> {
  const seal = createSeal(config.secretKey ?? (await loadSealKey(config.dataFolder)));
  const secrets = openSecrets({
    launch: createLaunchSource(seal, stored.launchSecret),
    env: createEnvSource(config.environment),
    file: createFileSource(config.secretFolders, config.ownFiles),
    vault: createVaultSource({ outgoing }, config.vault && { ...config.vault, limitMs: vaultLimitMs }),
  });
  return { secrets, seal, logins: createRegistryLogins(stored.settings, seal) };
}
