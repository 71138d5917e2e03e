const hubAliases = ['index.docker.io', 'registry-1.docker.io', 'hub.docker.com'];

/** The checks of a registry's host, apart from their schema: a browser needs no schemas for them. */
export const registryHostForm = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/;
export const maxRegistryHost = 255;
export const registryHostExpected = {
  form: 'the host of a registry as images name it, with its port where it has one: ghcr.io',
  hub: 'docker.io, which is what images of Docker Hub come from',
};

export function isHubAlias(host: string): boolean {
  return hubAliases.includes(host);
}

/** What was expected of a host that is no registry as images name it; null if it is one. */
export function expectedRegistryHost(host: string): string | null {
  if (!registryHostForm.test(host)) return registryHostExpected.form;
  return isHubAlias(host) ? registryHostExpected.hub : null;
}
