import { systemClock } from '../clock';
import { loadProcessConfig } from '../config';
import type { RegistryOptions } from '../dependencies/oci-registry';
import { createOutgoingClient } from '../outgoing/client';
import { dockerCredentials } from '../registries/docker-credentials';

/** Registries as the settings of this process say. */
export function registryOptions(): RegistryOptions {
  const { environment, outgoing, fetchLimitMs, insecureRegistries } = loadProcessConfig();
  return {
    outgoing: createOutgoingClient({ clock: systemClock }, outgoing),
    limitMs: fetchLimitMs,
    credentials: dockerCredentials(environment),
    insecure: insecureRegistries,
  };
}
