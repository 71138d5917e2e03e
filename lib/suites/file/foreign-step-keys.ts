import { type Answer, say, use } from './foreign-answer';

const cores = use('resources', 'resources: { cpu: 0.5 }');
const memory = use('resources', 'resources: { memory: 256Mi }');
const noTerminal = say('a step has no terminal and no input; its output is kept as it comes', null);
const names = say(
  'steps are found by their ids, other names by the engine; "extra_hosts" gives single addresses',
  'extra_hosts: { pay.example: 203.0.113.7 }',
);
const noHost = say(
  'no step reaches the host or another container; single capabilities can be added',
  'capabilities: [NET_RAW]',
);
const choice = say(
  'which steps run does not depend on branches or files: make a suite of them, or use "on_failure" or "always"',
  'always: true',
);
const nothingKept = say('nothing is kept from one execution to the next; put it into the image', null);
const around = say(
  'what runs before or after is a step of its own; with "always" it runs in any case',
  'always: true',
);

/** Less usual keys of Compose, GitHub Actions, GitLab and Kubernetes that people try in a step. */
export const rarerStepKeys: Record<string, Answer> = {
  // Compose
  tty: noTerminal,
  stdin_open: noTerminal,
  dns: names,
  dns_search: names,
  dns_opt: names,
  domainname: use('hostname', 'hostname: db.example'),
  mac_address: say('its address is given by the network of the execution', null),
  external_links: say('a step reaches the steps of its own execution', 'after: [db]'),
  volumes_from: use('volumes', 'volumes: { /data: data }'),
  volume: use('volumes', 'volumes: { /data: data }'),
  group_add: use('user', 'user: 1000:1000'),
  security_opt: noHost,
  userns_mode: noHost,
  cgroup: noHost,
  cgroup_parent: noHost,
  device_cgroup_rules: noHost,
  uts: noHost,
  oom_kill_disable: noHost,
  oom_score_adj: noHost,
  cpu_count: cores,
  cpu_shares: cores,
  cpu_quota: cores,
  cpuset: cores,
  mem_reservation: memory,
  memswap_limit: memory,
  mem_swappiness: memory,
  logging: say('the whole output of every step is kept, up to the limit of the settings', null),
  post_start: around,
  pre_stop: around,
  develop: say('a suite is launched again to run changed files', null),
  extends: say('what all steps of a suite have in common is in its "defaults"', null),
  attach: say('the output of every step is kept', null),
  // GitHub Actions and GitLab
  permissions: say('a step has no token of Gantry; what it needs is a secret of a profile', null),
  rules: choice,
  only: choice,
  except: choice,
  when: use('always', 'always: true'),
  cache: nothingKept,
  parallel: say('steps run at the same time unless one comes after the other', 'after: [db]'),
  after_script: around,
  interruptible: say('a cancel ends every step', null),
  // Kubernetes
  lifecycle: around,
  serviceAccountName: say('no step gets a token of the cluster', null),
  emptyDir: use('tmpfs', 'tmpfs: [/cache]'),
  hostAliases: use('extra_hosts', 'extra_hosts: { pay.example: 203.0.113.7 }'),
  readOnlyRootFilesystem: use('read_only', 'read_only: true'),
  parallelism: say('every container is a step of its own: write a step for each', null),
};
