import { systemClock } from '../clock';
import { loadProcessConfig } from '../config';
import type { RegistryOptions } from '../dependencies/oci-registry';
import { dockerCredentials } from '../dependencies/registry-credentials';

/** Registries as the settings of this process say. */
export function registryOptions(): RegistryOptions {
  const { environment, fetchLimitMs, insecureRegistries } = loadProcessConfig();
  return {
    clock: systemClock,
    limitMs: fetchLimitMs,
    credentials: dockerCredentials(environment),
    insecure: insecureRegistries,
  };
}
