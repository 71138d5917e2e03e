import { isMapping, type Mapping, mappingAt, textAt } from '../syntax/places';
import { ComposeError } from '../syntax/problem';
import { folderOf, type Loading, type Scope } from './loading';
import { mergeServices } from './merge';
import { absoluteIn } from './paths';

/** Loads one file whose services are neither included nor extended yet. */
type LoadOne = (file: string, scope: Scope) => Mapping;

interface Source {
  file: string;
  scope: Scope;
}

/** Merges every service into the one that it extends, of the same file or of another one. */
export function extendServices(loading: Loading, model: Mapping, source: Source, load: LoadOne): Mapping {
  const services = mappingAt(model, 'services');
  if (Object.keys(services).length === 0) return model;
  const result: Mapping = {};
  loading.places.copy(services, result);
  for (const name of Object.keys(services))
    result[name] = extended({ loading, load }, services, name, source, []);
  const copy: Mapping = { ...model, services: result };
  loading.places.copy(model, copy);
  return copy;
}

function extended(
  context: { loading: Loading; load: LoadOne },
  services: Mapping,
  name: string,
  source: Source,
  chain: readonly string[],
): Mapping {
  const { loading, load } = context;
  const service = mappingAt(services, name);
  const { extends: base, ...own } = service;
  loading.places.copy(service, own);
  if (base === undefined) return own;
  const place = loading.places.get(service, 'extends') ?? null;
  const ref = typeof base === 'string' ? base : isMapping(base) ? textAt(base, 'service') : null;
  const file = isMapping(base) ? textAt(base, 'file') : null;
  const link = `${loading.nameOf(source.file)}#${name}`;
  if (chain.includes(link)) {
    const names = [...chain.slice(chain.indexOf(link)), link].join(' → ');
    throw new ComposeError(`expected services that do not extend each other, found a cycle: ${names}`, place);
  }
  const path = file === null ? source.file : absoluteIn(source.scope.folder, file);
  const scope = file === null ? source.scope : { ...source.scope, folder: folderOf(path) };
  const others = file === null ? services : mappingAt(load(path, scope), 'services');
  if (ref === null || !Object.hasOwn(others, ref)) {
    const message = `services.${name}.extends: expected a service of ${loading.nameOf(path)}, found ${JSON.stringify(ref)}`;
    throw new ComposeError(message, place);
  }
  const parent = extended(context, others, ref, { file: path, scope }, [...chain, link]);
  return mergeServices(parent, own, loading.places);
}
