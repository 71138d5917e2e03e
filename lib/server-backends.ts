import path from 'node:path';
import type { BackendRegistry } from './backends/backend';
import { createDockerBackend } from './backends/docker/docker-backend';
import { createKubernetesBackend } from './backends/kubernetes/kubernetes-backend';
import { createProcessBackend } from './backends/process/process-backend';
import { createBackendRegistry } from './backends/registry';
import { createRemoteBackend } from './backends/remote/remote-backend';
import type { Clock } from './clock';
import type { Config } from './config';
import { createLedgers } from './engine/environments/ledger';
import { newPackageToken } from './identity/package-token';
import type { Logger } from './model/logger';
import type { dockerCredentials } from './registries/docker-credentials';
import type { Store } from './store/store';

/** The backends of this process: the adapters are named here alone. */
export function createServerBackends(
  {
    clock,
    logger,
    store,
    credentials,
  }: { clock: Clock; logger: Logger; store: Store; credentials: ReturnType<typeof dockerCredentials> },
  { config, offlineAfterMs }: { config: Config; offlineAfterMs: number },
  closing: AbortSignal,
): BackendRegistry {
  const openPackage = (digest: string) => store.packages.open(digest);
  const issuePackageToken = (digest: string, expiresAt: string) =>
    newPackageToken({ store }, digest, expiresAt);
  const installation = store.installation.id;
  const ledgerOf = createLedgers({ clock, logger, store }, closing);
  return createBackendRegistry(
    { clock, settings: store.settings, hasAgents: () => store.agents.any(), kubernetes: config.kubernetes },
    {
      local: ({ id, hardening = 'standard' }) =>
        createDockerBackend(
          { clock, logger, openPackage, ledger: ledgerOf(id), credentials },
          {
            id,
            installation,
            hardening,
            subnets: config.subnets ?? undefined,
            watchdogSocket: config.watchdogSocket,
          },
        ),
      process: ({ id }) =>
        createProcessBackend(
          { clock, logger, openPackage, ledger: ledgerOf(id) },
          { id, installation, folder: path.join(config.dataFolder, 'process') },
        ),
      kubernetes: ({ id, kubernetes }) =>
        createKubernetesBackend(
          { clock, logger, openPackage, ledger: ledgerOf(id), issuePackageToken },
          {
            id,
            installation,
            settings: kubernetes ?? config.kubernetes,
            isVetted: kubernetes !== config.kubernetes && !config.allowsPrivateAddresses,
          },
        ),
      'remote-agent': ({ id, hardening }) =>
        createRemoteBackend({ clock, logger, ...store }, { id, offlineAfterMs, hardening }),
    },
    config.processBackend,
  );
}
