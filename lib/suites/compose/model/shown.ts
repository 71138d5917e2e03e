import { isMapping, listAt, type Mapping, mappingAt, textAt } from '../syntax/places';

/** Keys of a service that the Compose tool shows also when they are empty or false. */
const kept = new Set(['command', 'entrypoint', 'init', 'attach', 'scale']);

/**
 * Shows resolved files as `docker compose config --format json` does: services without a profile and those of the active
 * ones, empty values left out.
 */
export function showModel(model: Mapping, profiles: readonly string[]): Mapping {
  const services = Object.entries(mappingAt(model, 'services')).flatMap(([name, service]) =>
    isMapping(service) && isActive(service, profiles) ? [[name, showService(service)] as const] : [],
  );
  const shown: Mapping = { name: model.name, services: Object.fromEntries(services) };
  for (const kind of ['networks', 'volumes', 'configs', 'secrets']) {
    const used = usedNames(kind, services);
    const entries = Object.entries(mappingAt(model, kind)).filter(([key]) => used.has(key));
    const resources = entries.map(([key, resource]) => [
      key,
      showResource(kind, isMapping(resource) ? resource : {}),
    ]);
    if (resources.length > 0) shown[kind] = Object.fromEntries(resources);
  }
  return shown;
}

/** The tool leaves out what no active service uses. */
function usedNames(kind: string, services: readonly (readonly [string, Mapping])[]): Set<string> {
  return new Set(
    services.flatMap(([, service]) => {
      if (kind === 'networks') return Object.keys(mappingAt(service, 'networks'));
      return listAt(service, kind).flatMap((item) => (isMapping(item) ? (textAt(item, 'source') ?? []) : []));
    }),
  );
}

/** Tells whether a service runs while these profiles are active. */
export function isActive(service: Mapping, active: readonly string[]): boolean {
  const { profiles } = service;
  if (!Array.isArray(profiles) || profiles.length === 0 || active.includes('*')) return true;
  return profiles.some((profile) => active.includes(String(profile)));
}

function showService(service: Mapping): Mapping {
  const entries = Object.entries(service).filter(([key, value]) => kept.has(key) || !isEmpty(value));
  const shown: Mapping = { command: null, entrypoint: null, ...Object.fromEntries(entries) };
  if (isMapping(shown.deploy)) shown.deploy = { resources: {}, placement: {}, ...shown.deploy };
  return shown;
}

function showResource(kind: string, resource: Mapping): Mapping {
  const entries = Object.entries(resource).filter(([, value]) => !isEmpty(value));
  return { ...(kind === 'networks' ? { ipam: {} } : {}), ...Object.fromEntries(entries) };
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '' || value === false || value === 0) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
