/** What becomes of a key of a service that no key of a step stands for. */
interface Verdict {
  level: 'error' | 'notice' | 'silent';
  /** The reason, and what to do instead. */
  message: string;
  /** Only these values are meant; any other is silent. */
  when?: (value: unknown) => boolean;
}

const silent: Verdict = { level: 'silent', message: '' };
const isHost = (value: unknown) => typeof value === 'string' && value !== '' && value !== 'private';

function refuse(message: string, when?: Verdict['when']): Verdict {
  return { level: 'error', message, ...(when ? { when } : {}) };
}

function note(message: string): Verdict {
  return { level: 'notice', message };
}

const shares = 'steps share nothing but the network; leave it out';
const unsafe = 'it gives the container power over the machine; leave it out';
const notYet = (instead: string) => `not supported yet; ${instead}`;

/** By key of a service. A key that is neither here nor understood is an error. */
export const verdicts: Readonly<Record<string, Verdict>> = {
  ...Object.fromEntries(
    [
      'labels',
      'annotations',
      'logging',
      'develop',
      'stdin_open',
      'attach',
      'label_file',
      'extends',
      'env_file',
    ]
      .concat(['profiles', 'version', 'volume_driver', 'isolation'])
      .map((key) => [key, silent]),
  ),
  tty: note('output is captured without a terminal'),
  domainname: note('only "hostname" is set'),
  cap_drop: note(
    'a step has few capabilities to begin with; "capabilities: none" in overrides takes these away too',
  ),
  oom_score_adj: note('the engine decides which step ends when memory runs out'),
  mem_reservation: note('only the limit counts'),
  memswap_limit: note('only "mem_limit" counts'),
  mem_swappiness: note('the machine decides when memory is swapped'),
  blkio_config: note('input and output of disks are not limited'),
  storage_opt: note('the engine decides about storage'),
  ...Object.fromEntries(
    [
      'cpu_count',
      'cpu_percent',
      'cpu_period',
      'cpu_quota',
      'cpu_rt_period',
      'cpu_rt_runtime',
      'cpu_shares',
      'cpuset',
    ].map((key) => [key, note('only "cpus" limits the processor')]),
  ),
  privileged: refuse(`${unsafe}, or add single capabilities with cap_add`, (value) => value === true),
  use_api_socket: refuse(`${unsafe}; a step never reaches the engine`, (value) => value === true),
  devices: refuse('a step has no devices of the machine; run what needs them elsewhere'),
  device_cgroup_rules: refuse('a step has no devices of the machine; leave it out'),
  gpus: refuse(notYet('run what needs a GPU on a machine of its own')),
  pid: refuse(shares, isHost),
  ipc: refuse(shares, isHost),
  uts: refuse(shares, isHost),
  cgroup: refuse(shares, isHost),
  cgroup_parent: refuse(shares),
  userns_mode: refuse(unsafe, isHost),
  runtime: refuse('the engine decides how containers run; leave it out'),
  network_mode: refuse(
    'every step is in the network of its execution and reaches the others by name; leave it out',
    (value) => value !== 'bridge' && value !== '',
  ),
  mac_address: refuse('addresses are given by the engine; leave it out'),
  external_links: refuse('nothing outside the suite can be linked; make it a service of the suite'),
  volumes_from: refuse(notYet('name the volumes in each service')),
  dns: refuse('names are resolved by the network of the execution; use extra_hosts for single addresses'),
  dns_search: refuse('names are resolved by the network of the execution; write names in full'),
  dns_opt: refuse('names are resolved by the network of the execution; leave it out'),
  group_add: refuse(notYet('give "user" a group: "1000:1000"')),
  credential_spec: refuse('only Linux containers run; leave it out'),
  oom_kill_disable: refuse(unsafe, (value) => value === true),
  post_start: refuse(notYet('make it a service that others await with service_completed_successfully')),
  pre_start: refuse(notYet('make it a service that others await with service_completed_successfully')),
  pre_stop: refuse(notYet('let the program act on its stop signal')),
  provider: refuse(notYet('run what it provides as a service')),
  models: refuse(notYet('run the model as a service')),
  read_only: refuse(notYet('leave it out'), (value) => value === true),
  ulimits: refuse(notYet('leave it out')),
  sysctls: refuse(notYet('leave it out')),
  platform: refuse(notYet('leave it out; the engine takes its own platform')),
  security_opt: refuse(
    'a step always has no-new-privileges and the engine’s own profiles; leave it out',
    (value) => [value].flat().some((item) => !/^no-new-privileges(?:[:=]true)?$/.test(String(item))),
  ),
};
