import { isMapping, type Mapping, type Places } from '../syntax/places';
import { ComposeError, type ComposeProblem } from '../syntax/problem';
import { formatGoDuration, parseBytes, parseGoDuration } from '../syntax/quantities';
import { goText, isScalar } from '../syntax/scalars';
import { splitShellWords } from '../syntax/shell-words';
import { absoluteIn } from './paths';
import { parsePorts } from './ports';
import { cleanPath, parseMount } from './volumes';

interface Canonical {
  places: Places;
  /** The folder that relative paths of the file start from. */
  folder: string;
  notices: ComposeProblem[];
}

type Convert = (value: unknown, context: Canonical, at: { service: Mapping; key: string }) => unknown;

const conversions: Record<string, Convert> = {
  ...forKeys('command entrypoint', toWords),
  ...forKeys('environment labels annotations sysctls', (value) => toVariables(value)),
  ...forKeys('dns dns_search tmpfs label_file', (value) => (typeof value === 'string' ? [value] : value)),
  ...forKeys('shm_size mem_limit mem_reservation memswap_limit', toBytes),
  ...forKeys('stop_grace_period', toDuration),
  ...forKeys('expose group_add', (value, { places }) => mapList(value, places, (item) => [String(item)])),
  ...forKeys('secrets configs', (value, { places }) =>
    mapList(value, places, (item) => [typeof item === 'string' ? { source: item } : octalMode(item)]),
  ),
  ports: (value, { places }) =>
    mapList(value, places, (item) => (isMapping(item) ? [longPort(item)] : parsePorts(String(item)))),
  volumes: (value, context) => mapList(value, context.places, (item) => [toMount(item, context)]),
  networks: toNamed(() => null),
  depends_on: toNamed(() => ({})),
  extra_hosts: (value) => toHosts(value),
  env_file: (value, { places, folder }) =>
    mapList(typeof value === 'string' ? [value] : value, places, (item) => {
      const file = isMapping(item) ? item : { path: item };
      return [{ ...file, path: absoluteIn(folder, String(file.path)) }];
    }),
  build: toBuild,
  healthcheck: (value, { places }) => toHealthcheck(value, places),
  deploy: (value, { places }) => toDeploy(value, places),
  ulimits: (value) => value,
  cpus: (value) => (typeof value === 'string' ? Number(value) : value),
  pull_policy: (value) => (value === 'if_not_present' ? 'missing' : value),
};

/**
 * Brings a service into the long form in which the Compose tool shows it, paths absolute. Defaults are not filled in, so
 * that files can still be merged. Throws ComposeError with a place.
 */
export function canonicalService(service: Mapping, context: Canonical): Mapping {
  const result: Mapping = {};
  for (const [key, value] of Object.entries(service)) {
    const convert = conversions[key];
    try {
      result[key] =
        convert && (value !== null || key === 'environment')
          ? convert(value, context, { service, key })
          : value;
    } catch (error) {
      if (!(error instanceof ComposeError) || error.place) throw error;
      throw new ComposeError(`${key}: ${error.message}`, context.places.get(service, key) ?? null);
    }
    context.places.set(result, key, context.places.get(service, key));
    const from = service[key];
    if (isMapping(from) && isMapping(result[key])) context.places.copy(from, result[key]);
    if (Array.isArray(from) && isMapping(result[key])) {
      for (const [index, item] of from.entries()) {
        context.places.set(result[key], String(item).split('=')[0] ?? '', context.places.get(from, index));
      }
    }
  }
  return result;
}

function forKeys(keys: string, convert: Convert): Record<string, Convert> {
  return Object.fromEntries(keys.split(' ').map((key) => [key, convert]));
}

function mapList(value: unknown, places: Places, convert: (item: unknown) => unknown[]): unknown {
  if (!Array.isArray(value)) return value;
  const result: unknown[] = [];
  for (const [index, item] of value.entries()) {
    for (const converted of convert(item)) {
      places.set(result, result.length, places.get(value, index));
      result.push(converted);
    }
  }
  return result;
}

function toWords(value: unknown, { notices, places }: Canonical, at: { service: Mapping; key: string }) {
  if (typeof value !== 'string') return value;
  const split = splitShellWords(value);
  if (!split)
    throw new ComposeError(
      `expected a command whose quotes and parentheses fit, found ${JSON.stringify(value)}`,
    );
  const place = places.get(at.service, at.key);
  const advice = `write it as a list: ["sh", "-c", …]`;
  if (split.dropped !== null && place) {
    notices.push({
      ...place,
      message: `${at.key}: no shell reads this text, and Compose drops ${JSON.stringify(split.dropped)} from it; ${advice}`,
    });
  }
  if (split.losesBackslash && place) {
    notices.push({
      ...place,
      message: `${at.key}: Compose takes a backslash within double quotes away; ${advice}`,
    });
  }
  return split.words;
}

/** A mapping, or a list of `KEY=value` and of bare keys, as a mapping of texts; null for a bare key. */
export function toVariables(value: unknown): Mapping | null {
  if (Array.isArray(value)) {
    return Object.fromEntries(
      value.map((item) => {
        const text = String(item);
        const at = text.indexOf('=');
        return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
      }),
    );
  }
  if (!isMapping(value)) return null;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, isScalar(item) ? goText(item) : null]),
  );
}

function toBytes(value: unknown): unknown {
  if (typeof value === 'number') return String(Math.trunc(value));
  return typeof value === 'string' ? String(parseBytes(value) ?? 0) : value;
}

function toDuration(value: unknown): unknown {
  return typeof value === 'string' ? formatGoDuration(parseGoDuration(value) ?? 0) : value;
}

function octalMode(item: unknown): unknown {
  if (!isMapping(item) || item.mode === undefined) return item;
  const mode = typeof item.mode === 'number' ? `0${item.mode.toString(8)}` : item.mode;
  return { ...item, mode };
}

function longPort(item: Mapping): Mapping {
  return item.published === undefined ? item : { ...item, published: String(item.published) };
}

function toMount(item: unknown, { folder }: Canonical): unknown {
  const mount = typeof item === 'string' ? parseMount(item) : { ...(isMapping(item) ? item : {}) };
  const { source, target, tmpfs } = mount;
  if (mount.type === 'bind' && typeof source === 'string') mount.source = absoluteIn(folder, source);
  if (typeof target === 'string') mount.target = cleanPath(target);
  if (isMapping(tmpfs) && tmpfs.size !== undefined) mount.tmpfs = { ...tmpfs, size: toBytes(tmpfs.size) };
  return mount;
}

function toNamed(entry: () => unknown): Convert {
  return (value, { places }) => {
    if (!Array.isArray(value)) return value;
    const result: Mapping = {};
    for (const [index, name] of value.entries()) {
      result[String(name)] = entry();
      places.set(result, String(name), places.get(value, index));
    }
    return result;
  };
}

function toHosts(value: unknown): unknown {
  const lines = isMapping(value)
    ? Object.entries(value).flatMap(([host, ips]) => [ips].flat().map((ip) => [host, String(ip)]))
    : (Array.isArray(value) ? value : []).map((line) => {
        const [, host = '', ip = ''] = /^([^=:]+)[=:](.*)$/.exec(String(line)) ?? [];
        if (host === '') throw new ComposeError(`expected "host=address", found ${JSON.stringify(line)}`);
        return [host, ip];
      });
  return lines.map(([host, ip]) => `${host}=${(ip ?? '').replace(/^\[(.*)\]$/, '$1')}`).sort();
}

function toBuild(value: unknown, { folder, places }: Canonical): unknown {
  const given: Mapping = typeof value === 'string' ? { context: value } : isMapping(value) ? value : {};
  const build: Mapping = { ...given };
  places.copy(given, build);
  if (typeof build.context === 'string' && !isRemote(build.context)) {
    build.context = absoluteIn(folder, build.context);
  }
  for (const key of ['args', 'labels', 'additional_contexts']) {
    if (build[key] !== undefined) build[key] = toVariables(build[key]);
  }
  if (build.shm_size !== undefined) build.shm_size = toBytes(build.shm_size);
  return build;
}

function isRemote(context: string): boolean {
  return (
    /^(?:https?|git|ssh|oci|docker-image):/.test(context) ||
    /^git@|\.git(?:#.*)?$/.test(context) ||
    context.startsWith('github.com/')
  );
}

function toHealthcheck(value: unknown, places: Places): unknown {
  if (!isMapping(value)) return value;
  const result: Mapping = { ...value };
  places.copy(value, result);
  if (typeof result.test === 'string') result.test = ['CMD-SHELL', result.test];
  for (const key of ['interval', 'timeout', 'start_period', 'start_interval']) {
    if (result[key] !== undefined) result[key] = toDuration(result[key]);
  }
  return result;
}

function toDeploy(value: unknown, places: Places): unknown {
  if (!isMapping(value)) return value;
  const deploy: Mapping = { ...value };
  places.copy(value, deploy);
  if (deploy.labels !== undefined) deploy.labels = toVariables(deploy.labels);
  if (isMapping(deploy.resources)) {
    const parts = Object.entries(deploy.resources).map(([part, limits]) => [part, toLimits(limits)]);
    deploy.resources = Object.fromEntries(parts);
  }
  return deploy;
}

function toLimits(value: unknown): unknown {
  if (!isMapping(value)) return value;
  const limits: Mapping = { ...value };
  if (limits.cpus !== undefined) limits.cpus = Number(limits.cpus);
  if (limits.memory !== undefined) limits.memory = toBytes(limits.memory);
  return limits;
}
