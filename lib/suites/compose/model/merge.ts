import { isMapping, type Mapping, type Places } from '../syntax/places';
import { ComposeError } from '../syntax/problem';

/** Lists in which a later item replaces an earlier one of the same name instead of standing beside it. */
const uniqueLists: Record<string, (item: unknown) => string> = {
  cap_add: itemKey,
  cap_drop: itemKey,
  dns: itemKey,
  dns_opt: itemKey,
  dns_search: itemKey,
  env_file: (item) => field(item, 'path'),
  expose: itemKey,
  links: itemKey,
  ports: portKey,
  profiles: itemKey,
  tmpfs: itemKey,
  extra_hosts: (item) => String(item),
  volumes: (item) => field(item, 'target'),
  devices: itemKey,
  configs: (item) => field(item, 'target') || `/${field(item, 'source')}`,
  secrets: (item) => field(item, 'target') || `/run/secrets/${field(item, 'source')}`,
  aliases: itemKey,
  tags: itemKey,
};

/** Keys of a service whose later value replaces the earlier one as a whole. */
const replaced = new Set(['command', 'entrypoint', 'healthcheck.test']);

/** Merges the later of two files, both in the long form, into the earlier one. Neither is changed. */
export function mergeFiles(earlier: Mapping, later: Mapping, places: Places): Mapping {
  return mergeMappings(earlier, later, [], places);
}

/** Merges what a service says itself into the service that it extends. */
export function mergeServices(base: Mapping, own: Mapping, places: Places): Mapping {
  return mergeMappings(base, own, ['services', 'x'], places);
}

function mergeMappings(earlier: Mapping, later: Mapping, path: string[], places: Places): Mapping {
  const result: Mapping = { ...earlier };
  places.copy(earlier, result);
  for (const [key, value] of Object.entries(later)) {
    const isMerged = Object.hasOwn(earlier, key);
    result[key] = isMerged ? mergeValues(earlier[key], value, [...path, key], places) : value;
    if (!isMerged || value !== null) places.set(result, key, places.get(later, key));
  }
  return result;
}

function mergeValues(earlier: unknown, later: unknown, path: string[], places: Places): unknown {
  const key = path[0] === 'services' ? path.slice(2).join('.') : '';
  if (replaced.has(key) || /^ulimits\./.test(key)) return later;
  if (later === null) return earlier;
  if (earlier === null) return later;
  if (isMapping(earlier)) {
    if (!isMapping(later)) throw new ComposeError(`expected a mapping at ${path.join('.')} in every file`);
    // Another driver has other options.
    if (key === 'logging' && earlier.driver && later.driver && earlier.driver !== later.driver) return later;
    return mergeMappings(earlier, later, path, places);
  }
  if (!Array.isArray(earlier)) return later;
  if (!Array.isArray(later)) throw new ComposeError(`expected a list at ${path.join('.')} in every file`);
  return unite(path.at(-1) ?? '', [earlier, later], places);
}

/** Keeps each item of a service's list once, at its first position and with its last value. */
export function uniteLists(service: Mapping, places: Places): Mapping {
  const result: Mapping = { ...service };
  places.copy(service, result);
  for (const key of Object.keys(uniqueLists)) {
    const list = service[key];
    if (Array.isArray(list)) result[key] = unite(key, [list], places);
  }
  return result;
}

function unite(key: string, lists: readonly unknown[][], places: Places): unknown[] {
  const name = uniqueLists[key];
  const result: unknown[] = [];
  const positions = new Map<string, number>();
  for (const list of lists) {
    for (const [index, item] of list.entries()) {
      const known = name && positions.get(name(item));
      const position = known ?? result.length;
      result[position] = item;
      places.set(result, position, places.get(list, index));
      if (name) positions.set(name(item), position);
    }
  }
  return result;
}

function itemKey(item: unknown): string {
  return typeof item === 'string' ? (item.split('=')[0] ?? '') : JSON.stringify(item);
}

function portKey(item: unknown): string {
  if (!isMapping(item)) return String(item);
  const { host_ip, published, target, protocol } = item;
  return [host_ip ?? '0.0.0.0', published ?? '', target, protocol ?? 'tcp'].join(':');
}

function field(item: unknown, key: string): string {
  return isMapping(item) && typeof item[key] === 'string' ? item[key] : '';
}
