import { parseEnvFile } from '../syntax/env-file';
import { isMapping, listAt, type Mapping, mappingAt, textAt } from '../syntax/places';
import { ComposeError } from '../syntax/problem';
import { folderOf, type LoadFiles, type Loading, type Scope } from './loading';
import { mergeFiles } from './merge';
import { absoluteIn } from './paths';

/** Loads what a file includes, each set of files with its own folder and variables, and puts its resources beside the file's own. */
export function includeFiles(loading: Loading, model: Mapping, scope: Scope, load: LoadFiles): Mapping {
  const { include, ...own } = model;
  loading.places.copy(model, own);
  let result: Mapping = own;
  for (const [index, item] of listAt(model, 'include').entries()) {
    const place = (Array.isArray(include) && loading.places.get(include, index)) || null;
    try {
      result = mergeFiles(loadIncluded(loading, item, scope, load), result, loading.places);
    } catch (error) {
      if (!(error instanceof ComposeError)) throw error;
      throw error.place ? error : new ComposeError(`include: ${error.message}`, place);
    }
  }
  return result;
}

function loadIncluded(loading: Loading, item: unknown, scope: Scope, load: LoadFiles): Mapping {
  const entry: Mapping = isMapping(item) ? item : { path: item };
  const files = textsOf(entry.path).map((path) => absoluteIn(scope.folder, path));
  const first = files[0];
  if (first === undefined) throw new ComposeError('expected a file to include, found none');
  const directory = textAt(entry, 'project_directory');
  const folder = directory === null ? folderOf(first) : absoluteIn(scope.folder, directory);
  const named = textsOf(entry.env_file).filter((path) => path !== '/dev/null');
  const envFiles =
    entry.env_file === undefined ? [`${folder}/.env`] : named.map((path) => absoluteIn(scope.folder, path));
  let fromFiles: Record<string, string> = {};
  for (const path of envFiles) {
    const text = loading.read(path);
    if (text === null && entry.env_file === undefined) continue;
    if (text === null) throw new ComposeError(`expected the env file ${loading.nameOf(path)}, found none`);
    const known = fromFiles;
    fromFiles = { ...known, ...parseEnvFile(text, (name) => scope.variables[name] ?? known[name]) };
  }
  const { name: _, ...included } = load(files, {
    folder,
    variables: { ...fromFiles, ...scope.variables },
  });
  return { ...included, services: mappingAt(included, 'services') };
}

function textsOf(value: unknown): string[] {
  return [value].flat().filter((item) => typeof item === 'string');
}
