import { posix } from 'node:path';
import { parseEnvFile, parseRawEnvFile } from '../syntax/env-file';
import { parseComposeFile } from '../syntax/parse-file';
import { isMapping, listAt, type Mapping, mappingAt, type Place, Places, textAt } from '../syntax/places';
import { ComposeError, type ComposeProblem } from '../syntax/problem';
import { substitute } from '../syntax/substitute';
import { loadFiles } from './load';
import type { Loading } from './loading';
import { normalizeModel } from './normalize';

export interface ComposeRequest {
  /** Absolute: the package's folder, or a name that stands for it. */
  root: string;
  /** Absolute; the later over the earlier. The folder of the first is where relative paths start. */
  files: readonly string[];
  /** Reads a file by its absolute path; null when it is not there. Throws ComposeError when it must not be read. */
  read(path: string): string | null;
  /** The name of the project where no file gives one. */
  projectName: string;
}

/** Compose files brought together, as `docker compose config` shows them, all profiles included. */
export interface ResolvedCompose {
  model: Mapping;
  places: Places;
  /** What stops the suite from running. */
  problems: ComposeProblem[];
  /** What is as the Compose tool does it and hardly ever meant. */
  notices: ComposeProblem[];
  /** The profiles that `COMPOSE_PROFILES` of `.env` makes active. */
  activeProfiles: string[];
}

/** Resolves Compose files: pure but for `read`. */
export function resolveCompose({ root, files, read, projectName }: ComposeRequest): ResolvedCompose {
  const places = new Places();
  const nameOf = (path: string) => (path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path);
  const loading: Loading = { read, nameOf, places, problems: [], notices: [] };
  const top: Place = { file: nameOf(files[0] ?? root), line: 1, column: 1 };
  const folder = posix.dirname(files[0] ?? root);
  const outcome = { places, problems: loading.problems, notices: loading.notices };
  try {
    const dotEnv = readDotEnv(loading, folder);
    const name = nameProject(loading, files, dotEnv) || normalizeName(projectName);
    const variables = { ...dotEnv, COMPOSE_PROJECT_NAME: name };
    const loaded = loadFiles(loading, files, { folder, variables });
    const model = normalizeModel(loaded, { name, variables }, places);
    readEnvFiles(loading, model, variables);
    const activeProfiles = (dotEnv.COMPOSE_PROFILES ?? '').split(',').filter((profile) => profile !== '');
    return { ...outcome, model, activeProfiles };
  } catch (error) {
    if (!(error instanceof ComposeError)) throw error;
    loading.problems.push({ ...(error.place ?? top), message: error.message });
    return { ...outcome, model: {}, activeProfiles: [] };
  }
}

function readDotEnv({ read, nameOf }: Loading, folder: string): Record<string, string> {
  const path = `${folder}/.env`;
  const text = read(path);
  return text === null ? {} : parseAt(nameOf(path), () => parseEnvFile(text, () => undefined));
}

/** The last file with a name gives it. */
function nameProject(
  { read, nameOf }: Loading,
  files: readonly string[],
  variables: Readonly<Record<string, string>>,
): string {
  let name = variables.COMPOSE_PROJECT_NAME ?? '';
  if (name !== '') return normalizeName(name);
  for (const file of files) {
    const { documents } = parseComposeFile(nameOf(file), read(file) ?? '', new Places());
    for (const { value } of documents) name = textAt(value, 'name') ?? name;
  }
  return normalizeName(substitute(name, { lookup: (key) => variables[key] }));
}

function normalizeName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '');
}

/** Puts the variables of env files below those of `environment`. */
function readEnvFiles(loading: Loading, model: Mapping, variables: Readonly<Record<string, string>>): void {
  const { read, nameOf, places, problems } = loading;
  for (const service of Object.values(mappingAt(model, 'services'))) {
    if (!isMapping(service)) continue;
    const files = listAt(service, 'env_file');
    let merged: Record<string, string> = {};
    for (const [index, item] of files.entries()) {
      if (!isMapping(item)) continue;
      const path = textAt(item, 'path') ?? '';
      const place = places.get(files, index) ?? places.get(service, 'env_file');
      try {
        const text = read(path);
        if (text === null && item.required !== false) {
          throw new ComposeError(
            `expected the env file ${nameOf(path)}, found none; add it, or say "required: false"`,
          );
        }
        if (text === null) continue;
        const known = merged;
        const lookup = (name: string) => variables[name] ?? known[name];
        const own = parseAt(nameOf(path), () =>
          item.format === 'raw' ? parseRawEnvFile(text) : parseEnvFile(text, lookup),
        );
        merged = { ...known, ...own };
      } catch (error) {
        if (!(error instanceof ComposeError)) throw error;
        problems.push({
          file: '',
          line: 1,
          column: 1,
          ...(error.place ?? place),
          message: `env_file: ${error.message}`,
        });
      }
    }
    delete service.env_file;
    if (files.length > 0) service.environment = { ...merged, ...mappingAt(service, 'environment') };
  }
}

/** Gives an error of an env file its place, which its message begins with. */
function parseAt<T>(file: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ComposeError)) throw error;
    const [, line, message] = /^line (\d+): ([\s\S]*)$/.exec(error.message) ?? [];
    throw new ComposeError(message ?? error.message, { file, line: Number(line ?? 1), column: 1 });
  }
}
