import { isActive } from '../model/shown';
import { isMapping, listAt, type Mapping, mappingAt, textAt } from '../syntax/places';
import { parseGoDuration } from '../syntax/quantities';
import { buildOf } from './build';
import type { Classified } from './classify';
import { type Mounts, mountsOf } from './mounts';
import { durationText, readinessOf } from './readiness';
import type { ServiceReport } from './report';
import { verdicts } from './verdicts';

export interface ServiceContext {
  name: string;
  id: string;
  classified: Classified;
  /** By the names of services. */
  ids: ReadonlyMap<string, string>;
  /** The conditions under which other services wait for it. */
  conditions: ReadonlySet<string>;
  /** Further names that lead to it, beside its id. */
  aliases: readonly string[];
  /** The profiles that are active unless others are chosen. */
  activeProfiles: readonly string[];
  model: Mapping;
  root: string;
  report: ServiceReport;
}

/** Keys of a service that a step's keys stand for. */
const understood = new Set([
  ...[
    'image',
    'build',
    'command',
    'entrypoint',
    'working_dir',
    'user',
    'environment',
    'depends_on',
    'links',
    'ports',
  ],
  ...[
    'expose',
    'healthcheck',
    'restart',
    'volumes',
    'tmpfs',
    'configs',
    'secrets',
    'shm_size',
    'stop_signal',
    'networks',
  ],
  ...[
    'stop_grace_period',
    'hostname',
    'container_name',
    'extra_hosts',
    'cap_add',
    'init',
    'deploy',
    'cpus',
    'mem_limit',
  ],
  ...['pids_limit', 'scale', 'pull_policy'],
]);

/** Keys that a step has under the same name and in the same form. */
const sameKeys = ['read_only', 'ulimits', 'sysctls', 'platform'];

/** Makes the step of a service, as `suite.yaml` has it. */
export function stepOf(service: Mapping, context: ServiceContext): Mapping {
  const { classified, report, aliases, ids, name } = context;
  checkKeys(service, report);
  const staysUp = classified.kind === 'service' || classified.kind === 'mock';
  const mounts = mountsOf(service, context);
  const ports = portsOf(service, report);
  const after = Object.keys(mappingAt(service, 'depends_on')).flatMap((other) => ids.get(other) ?? []);
  const isAlways = isActive(service, context.activeProfiles);
  const own = isAlways ? [] : listAt(service, 'profiles').map(String);
  const step: Mapping = {
    kind: classified.kind,
    ...(name === context.id ? {} : { name }),
    ...programOf(service, context),
    ...environmentOf(service),
    ...containerOf(service, mounts, report),
    ...limitsOf(service, report),
    ...(after.length > 0 ? { after } : {}),
    ...(own.length > 0 ? { profiles: own } : {}),
    ...restartOf(service, staysUp, report),
  };
  if (staysUp) {
    if (ports.length > 0) step.ports = ports;
    Object.assign(step, readinessOf(service, { ports, conditions: context.conditions, report }));
  } else if (ports.length > 0) {
    report.notice(['ports'], `a ${classified.kind} is not reached by others: its ports do not count`);
  }
  // Only what stays up is reached by others, so a task or a test needs no further names.
  if (staysUp && aliases.length > 0) step.aliases = [...aliases];
  return step;
}

function checkKeys(service: Mapping, report: ServiceReport): void {
  for (const [key, value] of Object.entries(service)) {
    if (understood.has(key) || value === null || sameKeys.includes(key)) continue;
    const verdict = verdicts[key];
    if (!verdict) report.problem([key], 'not supported; leave it out');
    else if (verdict.level === 'silent' || (verdict.when && !verdict.when(value))) continue;
    else if (verdict.level === 'error') report.problem([key], verdict.message);
    else report.notice([key], verdict.message);
  }
}

function programOf(service: Mapping, context: ServiceContext): Mapping {
  const { report } = context;
  const image = textAt(service, 'image');
  const build = buildOf(service, context);
  const command = listAt(service, 'command').map(String);
  const { entrypoint } = service;
  const isCleared = Array.isArray(entrypoint) && entrypoint.filter((word) => word !== '').length === 0;
  if (service.build === undefined && image === null) {
    report.problem([], 'expected "image" or "build", found neither');
  }
  if (isCleared && command.length === 0) {
    report.problem(
      ['entrypoint'],
      "an empty entrypoint leaves the image's command alone; name the program in command",
    );
  }
  const argv = isCleared ? command : Array.isArray(entrypoint) ? entrypoint.map(String) : [];
  return {
    ...(build ? { build } : image === null ? {} : { image }),
    ...pullOf(service, report),
    ...(argv.length > 0 ? { entrypoint: argv } : {}),
    ...(command.length > 0 && !isCleared ? { args: command } : {}),
    ...(service.working_dir ? { cwd: service.working_dir } : {}),
  };
}

function pullOf(service: Mapping, report: ServiceReport): Mapping {
  const policy = textAt(service, 'pull_policy');
  const isPulled = isMapping(service.build) && service.build.pull === true;
  if (policy === null || policy === 'missing') return isPulled ? { pull: 'always' } : {};
  if (policy === 'always' || policy === 'never') return { pull: policy };
  if (policy === 'build') return {};
  report.notice(['pull_policy'], `${JSON.stringify(policy)} counts as "always"`);
  return { pull: 'always' };
}

/** A variable without a value comes from outside, so the step does not set it. */
function environmentOf(service: Mapping): Mapping {
  const set = Object.entries(mappingAt(service, 'environment')).filter(([, value]) => value !== null);
  return set.length > 0 ? { env: Object.fromEntries(set) } : {};
}

function containerOf(service: Mapping, { files, tmpfs, volumes }: Mounts, report: ServiceReport): Mapping {
  const step: Mapping = {};
  if (service.user !== undefined && service.user !== '') step.user = service.user;
  if (service.hostname) step.hostname = service.hostname;
  if (service.init === false) step.init = false;
  if (Object.keys(files).length > 0) step.files = files;
  if (tmpfs.length > 0) step.tmpfs = tmpfs;
  if (Object.keys(volumes).length > 0) step.volumes = volumes;
  if (service.shm_size) step.shm_size = Number(service.shm_size);
  if (service.stop_signal) step.stop_signal = signalName(String(service.stop_signal));
  const grace = parseGoDuration(textAt(service, 'stop_grace_period') ?? '');
  if (grace !== null) step.grace = durationText(grace);
  const hosts = listAt(service, 'extra_hosts').map((line) => String(line).split(/=(.*)/s));
  for (const [index, [host, ip]] of hosts.entries()) {
    if (ip === 'host-gateway') {
      report.problem(
        ['extra_hosts', index],
        `${host} leads to the machine itself, which steps do not reach; make it a service of the suite`,
      );
    }
  }
  if (hosts.length > 0) step.extra_hosts = Object.fromEntries(hosts.map(([host, ip]) => [host, ip]));
  const capabilities = listAt(service, 'cap_add').map((name) => String(name).replace(/^CAP_/, ''));
  if (capabilities.length > 0) step.capabilities = capabilities;
  for (const key of sameKeys) {
    if (service[key]) step[key] = service[key];
  }
  return step;
}

function limitsOf(service: Mapping, report: ServiceReport): Mapping {
  const deploy = mappingAt(service, 'deploy');
  const limits = mappingAt(mappingAt(deploy, 'resources'), 'limits');
  const replicas = service.scale ?? deploy.replicas ?? 1;
  if (Number(replicas) !== 1) {
    const path = service.scale === undefined ? ['deploy', 'replicas'] : ['scale'];
    report.problem(
      path,
      `not supported yet: a step is one container, found ${replicas}; write the service as often as you need it`,
    );
  }
  const reservations = mappingAt(mappingAt(deploy, 'resources'), 'reservations');
  if (reservations.devices !== undefined) {
    report.problem(
      ['deploy', 'resources'],
      'a step has no devices of the machine; run what needs them elsewhere',
    );
  }
  const cpu = Number(limits.cpus ?? service.cpus ?? 0);
  const memory = Number(limits.memory ?? service.mem_limit ?? 0);
  const pids = Number(limits.pids ?? service.pids_limit ?? 0);
  const resources = {
    ...(cpu > 0 ? { cpu } : {}),
    ...(memory > 0 ? { memory } : {}),
    ...(pids > 0 ? { pids } : {}),
  };
  return Object.keys(resources).length > 0 ? { resources } : {};
}

const restartsUntilReady = 10;

function restartOf(service: Mapping, staysUp: boolean, report: ServiceReport): Mapping {
  const [policy = 'no', times] = (textAt(service, 'restart') ?? 'no').split(':');
  if (policy === 'no' || policy === '') return {};
  const max = Math.min(times === undefined ? restartsUntilReady : Number(times), 100);
  if (staysUp) {
    report.notice(
      ['restart'],
      `it is started again up to ${max} times until it is ready; if it ends later while others need it, the execution fails`,
    );
  } else if (policy !== 'on-failure') {
    report.notice(['restart'], `it runs to its end: it is started again up to ${max} times after a failure`);
  }
  return { retries: max };
}

function portsOf(service: Mapping, report: ServiceReport): number[] {
  const published = listAt(service, 'ports').filter(isMapping);
  const tcp = published.filter(({ protocol }) => protocol === undefined || protocol === 'tcp');
  if (published.some((port) => port.published !== undefined)) {
    report.notice(
      ['ports'],
      'nothing is published on the machine: other steps reach it by its name and the port in the container',
    );
  }
  if (tcp.length < published.length)
    report.notice(['ports'], 'ports of UDP are reached by name as well, and not listed');
  const exposed = listAt(service, 'expose').flatMap((item) => {
    const [, first, last, protocol] = /^(\d+)(?:-(\d+))?(?:\/(\w+))?$/.exec(String(item)) ?? [];
    if (first === undefined || (protocol ?? 'tcp') !== 'tcp') return [];
    const count = Math.max(1, Number(last ?? first) - Number(first) + 1);
    return Array.from({ length: Math.min(count, 1000) }, (_, index) => Number(first) + index);
  });
  return [...new Set([...tcp.map(({ target }) => Number(target)), ...exposed])];
}

function signalName(signal: string): string {
  const numbers: Record<string, string> = {
    1: 'HUP',
    2: 'INT',
    3: 'QUIT',
    10: 'USR1',
    12: 'USR2',
    15: 'TERM',
    28: 'WINCH',
  };
  const name = (numbers[signal] ?? signal).toUpperCase();
  return name.startsWith('SIG') ? name : `SIG${name}`;
}
