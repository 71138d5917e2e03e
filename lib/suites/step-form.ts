import { staysUp } from '../model/node';
import { type SuiteStep, type SuiteStepKind, suiteStepKind } from '../model/suite';
import { exportRule } from './export-form';
import { logRule } from './log-rule-form';
import { describe, type Place, quote } from './place';
import { cpu, duration, memory } from './quantities';
import { type Fields, fields, flag, list, oneOf, type Reader, set, text, whole } from './readers';
import { defaultReady, port, readyRule } from './ready-form';
import { argv } from './run-form';
import { env, headers } from './variables';

/** What a hardened container may have back. Nothing here reaches the host. */
export const safeCapabilities = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'SETUID',
  'SETGID',
  'NET_BIND_SERVICE',
  'KILL',
] as const;

export function isDnsLabel(name: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name);
}

export const image = text('an image such as node:22', (value) => /^[\w][\w.\-/:@]*$/.test(value), 500);
export const resources = fields({ cpu, memory, pids: whole('a number of processes', 1, 32_768) });

const defaultBackoffMs = 1_000;
const maxRetries = whole('a number of retries', 0, 100);
const longRetries = fields({ max: maxRetries, backoff: duration(0) }, { required: ['max'] });

/** `2` or `{max: 2, backoff: 1s}`. The backoff doubles with each attempt. */
export const retries: Reader<{ max: number; backoffMs: number }> = (value, place) => {
  if (typeof value === 'string' || Array.isArray(value) || value === null) {
    place.complain(`expected a number of retries or {max, backoff}, found ${describe(value)}`);
    return null;
  }
  if (String(value) !== '[object Object]') {
    const max = maxRetries(value, place);
    return max === null ? null : { max, backoffMs: defaultBackoffMs };
  }
  const read = longRetries(value, place);
  return read && { max: read.max ?? 0, backoffMs: read.backoff ?? defaultBackoffMs };
};

const kind = oneOf(suiteStepKind.options);

/** A folder in the container: relative ones are below /suite and stay there. */
const cwd: Reader<string> = (value, place) => {
  const folder = text('a folder')(value, place);
  if (folder === null) return null;
  if (folder.includes('\\') || folder.split('/').includes('..')) {
    place.complain(
      `expected a folder below /suite, or an absolute one, without "..", found ${describe(folder)}`,
    );
    return null;
  }
  const segments = folder.split('/').filter((segment) => segment !== '' && segment !== '.');
  return `${folder.startsWith('/') ? '/' : ''}${segments.join('/')}` || '.';
};

const stepName = text('the name of a step');
const capability: Reader<string> = (value, place) => oneOf(safeCapabilities)(value, place);

const form = fields(
  {
    name: text('a name', undefined, 200),
    kind,
    ref: stepName,
    image,
    pull: oneOf(['missing', 'always', 'never']),
    run: argv,
    cwd,
    env,
    headers,
    after: set(stepName),
    on_failure: set(stepName),
    continue_on_failure: flag,
    timeout: duration(),
    grace: duration(0),
    retries,
    expect_exit: list(whole('an exit code', 0, 255), { orOne: true, min: 1 }),
    expect_logs: list(logRule, { orOne: true, max: 100 }),
    fail_on_logs: list(logRule, { orOne: true, max: 100 }),
    export: list(exportRule, { orOne: true, max: 100 }),
    resources,
    capabilities: set(capability),
    ports: set(port),
    ready: readyRule,
    reset_mocks: set(stepName),
    tags: set(text('a tag', (value) => /^[\w.:/-]+$/.test(value), 63)),
  },
  {
    required: ['kind'],
    refused: { '<<': 'merge keys ("<<") are not supported' },
  },
);

/** A step as its suite writes it, without its id. */
export const step: Reader<Omit<SuiteStep, 'id'>> = (value, place) => {
  const read = form(value, place);
  if (!read || value === null || typeof value !== 'object') return null;
  checkKind(read, value, place);
  const ports = read.ports ?? [];
  checkProbe(read, place);
  return {
    name: read.name,
    kind: read.kind ?? 'task',
    ref: read.ref,
    // What is given and wrong has been complained of, and is not missing.
    image: read.image ?? (Object.hasOwn(value, 'image') ? '' : null),
    pull: read.pull,
    command: read.run ?? (Object.hasOwn(value, 'run') ? [] : null),
    cwd: read.cwd,
    env: read.env ?? {},
    headers: read.headers ?? {},
    after: read.after ?? [],
    onFailure: read.on_failure ?? [],
    continueOnFailure: read.continue_on_failure ?? false,
    timeoutMs: read.timeout,
    graceMs: read.grace,
    retries: read.retries,
    expectExit: read.expect_exit,
    expectLogs: read.expect_logs ?? [],
    failOnLogs: read.fail_on_logs ?? [],
    exports: read.export ?? [],
    resources: readResources(read.resources),
    capabilities: read.capabilities ?? [],
    ports,
    ready:
      read.kind && read.kind !== 'suite' && staysUp(read.kind) ? (read.ready ?? defaultReady(ports)) : null,
    resetMocks: read.reset_mocks ?? [],
    tags: read.tags ?? [],
  };
};

export function readResources(
  read: Fields<{ cpu: Reader<number>; memory: Reader<number>; pids: Reader<number> }> | null,
) {
  return { cpu: read?.cpu ?? null, memoryBytes: read?.memory ?? null, pids: read?.pids ?? null };
}

type ReadStep = NonNullable<ReturnType<typeof form>>;

/** What a suite step may say: all else is its own suite's. */
const keysOfSuite = ['kind', 'ref', 'name', 'after', 'on_failure', 'tags'];

const keysOfKind: { key: string; kinds: readonly SuiteStepKind[]; whose: string }[] = [
  { key: 'ref', kinds: ['suite'], whose: 'suites' },
  { key: 'ports', kinds: ['service', 'mock'], whose: 'services and mocks' },
  { key: 'ready', kinds: ['service', 'mock'], whose: 'services and mocks' },
  { key: 'reset_mocks', kinds: ['test'], whose: 'tests' },
];

function checkKind(read: ReadStep, value: object, place: Place): void {
  const { kind } = read;
  if (kind === null) return;
  if (kind === 'suite') {
    for (const key of Object.keys(value)) {
      if (keysOfSuite.includes(key)) continue;
      place.complainOfKey(key, `${quote(key)} is not for a suite: its own steps say it`);
    }
    if (!Object.hasOwn(value, 'ref')) place.complainOfOwnKey('expected the key "ref", found none');
    return;
  }
  for (const { key, kinds, whose } of keysOfKind) {
    if (Object.hasOwn(value, key) && !kinds.includes(kind)) {
      place.complainOfKey(key, `${quote(key)} is for ${whose}, and this step is a ${kind}`);
    }
  }
}

/** Only declared ports can be reached: a backend without names of its own gives each a number. */
function checkProbe(read: ReadStep, place: Place): void {
  const probe = read.ready?.probe;
  if (probe?.type !== 'tcp' && probe?.type !== 'http') return;
  if (read.ports?.includes(probe.port)) return;
  const declared = read.ports?.length ? read.ports.join(', ') : 'none';
  place
    .at('ready')
    .at(probe.type)
    .complain(`expected one of the step's "ports" (${declared}), found ${probe.port}`);
}
