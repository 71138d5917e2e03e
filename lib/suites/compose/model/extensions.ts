import { isMapping, type Mapping, type Places } from '../syntax/places';

/** Mappings whose keys are the user's own words: a name there may begin with `x-`. */
const ownWords = new Set([
  ...['environment', 'labels', 'args', 'annotations', 'sysctls', 'extra_hosts', 'options', 'driver_opts'],
  ...['services', 'depends_on', 'additional_contexts', 'ulimits', 'storage_opt'],
]);

/** Returns a copy of a Compose file without its extensions: the keys that begin with `x-`. */
export function collectExtensionless(value: Mapping, places: Places): Mapping {
  const walk = (node: unknown, key: string): unknown => {
    if (Array.isArray(node)) {
      const list = node.map((item) => walk(item, ''));
      places.copy(node, list);
      return list;
    }
    if (!isMapping(node)) return node;
    const entries = Object.entries(node).filter(([name]) => ownWords.has(key) || !name.startsWith('x-'));
    const mapping: Mapping = Object.fromEntries(entries.map(([name, item]) => [name, walk(item, name)]));
    places.copy(node, mapping);
    return mapping;
  };
  const result = walk(value, '');
  return isMapping(result) ? result : {};
}
