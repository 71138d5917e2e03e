import { parseBy } from '../../file/parse';
import { interpolate } from '../syntax/interpolate';
import { parseComposeFile } from '../syntax/parse-file';
import { isMapping, type Mapping, mappingAt, type Place, type Places, textAt } from '../syntax/places';
import { ComposeError } from '../syntax/problem';
import { canonicalService, toVariables } from './canonical';
import { extendServices } from './extends';
import { collectExtensionless } from './extensions';
import { includeFiles } from './include';
import type { Loading, Scope } from './loading';
import { mergeFiles, uniteLists } from './merge';
import { absoluteIn } from './paths';
import { composeFile } from './schema';

const maxFiles = 100;

/** Loads files in order, the later over the earlier, each with what it includes and extends. */
export function loadFiles(
  loading: Loading,
  files: readonly string[],
  scope: Scope,
  including: readonly string[] = [],
): Mapping {
  let model: Mapping = {};
  for (const file of files) {
    const cycle = including.indexOf(file);
    if (cycle >= 0) {
      const names = [...including.slice(cycle), file].map(loading.nameOf).join(' → ');
      throw new ComposeError(`expected files that do not include each other, found a cycle: ${names}`);
    }
    if (including.length > maxFiles) throw new ComposeError(`expected at most ${maxFiles} included files`);
    for (const document of readDocuments(loading, file)) {
      const { value } = prepare(loading, file, document.value, scope);
      const included = includeFiles(loading, value, scope, (files, own) =>
        loadFiles(loading, files, own, [...including, file]),
      );
      const extended = extendServices(loading, included, { file, scope }, (path, own) =>
        loadForExtends(loading, path, own),
      );
      model = mergeFiles(withoutPaths(model, document.resets, loading.places), extended, loading.places);
      model = uniteServices(model, loading.places);
    }
  }
  return model;
}

/** Loads the services of a file that a service of another one extends: neither included nor extended yet. */
function loadForExtends(loading: Loading, file: string, scope: Scope): Mapping {
  let model: Mapping = {};
  for (const document of readDocuments(loading, file)) {
    model = mergeFiles(model, prepare(loading, file, document.value, scope).value, loading.places);
  }
  return model;
}

function readDocuments(loading: Loading, file: string) {
  const text = loading.read(file);
  if (text === null) throw new ComposeError(`expected the file ${loading.nameOf(file)}, found none`);
  const parsed = parseComposeFile(loading.nameOf(file), text, loading.places);
  loading.problems.push(...parsed.problems);
  return parsed.documents;
}

/** Replaces variables, checks the form and brings the file into the long form. */
function prepare(loading: Loading, file: string, document: Mapping, scope: Scope): { value: Mapping } {
  const top: Place = { file: loading.nameOf(file), line: 1, column: 1 };
  const { places, problems, notices } = loading;
  const interpolated = interpolate(document, {
    places,
    problems,
    top,
    variables: (place) => ({
      lookup: (name) => (Object.hasOwn(scope.variables, name) ? scope.variables[name] : undefined),
      onMissing: (name) => {
        const message = `the variable ${name} is not set, so it is empty; set it in .env, or give it a default: \${${name}:-…}`;
        notices.push({ ...place, message });
      },
    }),
  });
  const value = collectExtensionless(interpolated, places);
  const { issues } = parseBy(composeFile, value);
  for (const { path, message } of issues) problems.push({ ...places.find(value, path, top), message });
  if (issues.length > 0) return { value: {} };
  delete value.version;
  return { value: toLongForm(loading, value, scope) };
}

function toLongForm(loading: Loading, value: Mapping, { folder }: Scope): Mapping {
  const { places, notices, problems } = loading;
  const services: Mapping = {};
  const given = mappingAt(value, 'services');
  places.copy(given, services);
  for (const [name, service] of Object.entries(given)) {
    if (!isMapping(service)) {
      services[name] = {};
      continue;
    }
    try {
      services[name] = canonicalService(service, { places, folder, notices });
    } catch (error) {
      if (!(error instanceof ComposeError) || !error.place) throw error;
      problems.push({ ...error.place, message: `services.${name}.${error.message}` });
    }
  }
  const result: Mapping = { ...value, ...(value.services === undefined ? {} : { services }) };
  places.copy(value, result);
  for (const key of ['configs', 'secrets', 'networks', 'volumes']) {
    for (const resource of Object.values(mappingAt(result, key))) {
      if (!isMapping(resource)) continue;
      const file = textAt(resource, 'file');
      if (file !== null) resource.file = absoluteIn(folder, file);
      for (const own of ['labels', 'driver_opts']) {
        if (resource[own] !== undefined) resource[own] = toVariables(resource[own]);
      }
    }
  }
  return result;
}

function uniteServices(model: Mapping, places: Places): Mapping {
  const services = mappingAt(model, 'services');
  const united: Mapping = {};
  places.copy(services, united);
  for (const [name, service] of Object.entries(services)) {
    united[name] = isMapping(service) ? uniteLists(service, places) : service;
  }
  const result: Mapping = { ...model, ...(model.services === undefined ? {} : { services: united }) };
  places.copy(model, result);
  return result;
}

/** Takes what a later file resets away from the earlier ones. */
function withoutPaths(model: Mapping, paths: readonly string[][], places: Places): Mapping {
  const remove = (value: unknown, [key = '', ...rest]: string[]): unknown => {
    if (!isMapping(value) || !Object.hasOwn(value, key)) return value;
    const copy: Mapping = { ...value };
    places.copy(value, copy);
    if (rest.length === 0) delete copy[key];
    else copy[key] = remove(copy[key], rest);
    return copy;
  };
  let result: unknown = model;
  for (const path of paths) result = remove(result, path);
  return isMapping(result) ? result : {};
}
