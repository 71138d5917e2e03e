import { isMapping, type Mapping, type Place, type Places } from './places';
import { ComposeError, type ComposeProblem } from './problem';
import { substitute, type Variables } from './substitute';

type Cast = 'integer' | 'number' | 'boolean';

/** Keys whose texts become numbers or booleans once their variables are replaced. `*` stands for any one key or index. */
const casts: readonly [path: string, Cast][] = [
  ...[
    ...[
      'cpu_count',
      'cpu_period',
      'cpu_quota',
      'cpu_rt_period',
      'cpu_rt_runtime',
      'cpu_shares',
      'pids_limit',
    ],
    ...['oom_score_adj', 'scale', 'deploy.replicas', 'healthcheck.retries', 'ports.*.target', 'ulimits.*'],
    ...['ulimits.*.hard', 'ulimits.*.soft', 'deploy.restart_policy.max_attempts'],
  ].map((path): [string, Cast] => [`services.*.${path}`, 'integer']),
  ...['cpus', 'cpu_percent'].map((path): [string, Cast] => [`services.*.${path}`, 'number']),
  ...[
    ...['init', 'depends_on.*.required', 'depends_on.*.restart', 'healthcheck.disable', 'oom_kill_disable'],
    ...['privileged', 'read_only', 'stdin_open', 'tty', 'volumes.*.read_only', 'volumes.*.volume.nocopy'],
  ].map((path): [string, Cast] => [`services.*.${path}`, 'boolean']),
  ...['networks.*.external', 'networks.*.internal', 'networks.*.attachable', 'networks.*.enable_ipv6'].map(
    (path): [string, Cast] => [path, 'boolean'],
  ),
  ...['volumes', 'secrets', 'configs'].map((key): [string, Cast] => [`${key}.*.external`, 'boolean']),
];

interface Interpolation {
  places: Places;
  variables(at: Place): Variables;
  problems: ComposeProblem[];
  top: Place;
}

/** Replaces the variables in every text of a document, and turns texts into numbers and booleans where those belong. */
export function interpolate(value: Mapping, options: Interpolation): Mapping {
  const walk = (node: unknown, path: readonly string[], place: Place): unknown => {
    if (typeof node === 'string') return replace(node, path, place, options);
    if (Array.isArray(node)) {
      const list = node.map((item, index) =>
        walk(item, [...path, '*'], options.places.get(node, index) ?? place),
      );
      options.places.copy(node, list);
      return list;
    }
    if (!isMapping(node)) return node;
    const entries = Object.entries(node).map(([key, item]) => [
      key,
      walk(item, [...path, key], options.places.get(node, key) ?? place),
    ]);
    const mapping: Mapping = Object.fromEntries(entries);
    options.places.copy(node, mapping);
    return mapping;
  };
  const result = walk(value, [], options.top);
  return isMapping(result) ? result : {};
}

function replace(text: string, path: readonly string[], place: Place, options: Interpolation): unknown {
  try {
    const result = text.includes('$') ? substitute(text, options.variables(place)) : text;
    return castTo(result, castAt(path));
  } catch (error) {
    if (!(error instanceof ComposeError)) throw error;
    options.problems.push({ ...place, message: `${path.join('.')}: ${error.message}` });
    return '';
  }
}

function castAt(path: readonly string[]): Cast | null {
  const found = casts.find(([pattern]) => {
    const parts = pattern.split('.');
    return parts.length === path.length && parts.every((part, index) => part === '*' || part === path[index]);
  });
  return found?.[1] ?? null;
}

function castTo(text: string, cast: Cast | null): unknown {
  if (cast === 'integer') {
    if (/^[-+]?\d+$/.test(text)) return Number(text);
    throw new ComposeError(`expected a whole number, found ${JSON.stringify(text)}`);
  }
  if (cast === 'number') {
    if (text !== '' && Number.isFinite(Number(text))) return Number(text);
    throw new ComposeError(`expected a number, found ${JSON.stringify(text)}`);
  }
  if (cast !== 'boolean') return text;
  if (/^(?:true|y|yes|on)$/i.test(text)) return true;
  if (/^(?:false|n|no|off)$/i.test(text)) return false;
  throw new ComposeError(`expected true or false, found ${JSON.stringify(text)}`);
}
