import { type KeyCase, keysImage } from './key-case';

/** Prints a limit of the step's own control group, as version 2 or 1 of them has it. */
const limit = (newName: string, oldName: string) =>
  `cat /sys/fs/cgroup/${newName} 2>/dev/null || cat /sys/fs/cgroup/${oldName}`;
const limits = [
  limit('cpu.max', 'cpu/cpu.cfs_quota_us'),
  limit('memory.max', 'memory/memory.limit_in_bytes'),
  limit('pids.max', 'pids/pids.max'),
].join('; ');
const writesMuch = 'head -c 30000000 /dev/zero > /tmp/much; sleep 1000';

/** Keys that say what the container is like. */
export const containerCases: KeyCase[] = [
  {
    title: 'put files and volumes into its container',
    keys: [
      'steps.*.files',
      'steps.*.files.*.from',
      'steps.*.files.*.mode',
      'steps.*.volumes',
      'steps.*.volumes.*.name',
      'steps.*.volumes.*.read_only',
      'steps.*.tmpfs',
      'steps.*.read_only',
    ],
    files: {
      'suite.yaml': `
defaults: { image: gantry/toolbox:local }
steps:
  files:
    kind: task
    run: stat -c "%a %n" /etc/app/*; cat /etc/app/*
    files: { /etc/app/a.txt: { from: a.txt, mode: "0600" }, /etc/app/b.txt: sub/b.txt }
  write: { kind: task, run: echo hello > /data/a, volumes: { /data: shared } }
  read:
    kind: task
    run: cat /other/a; echo x > /other/b || echo refused
    volumes: { /other: { name: shared, read_only: true } }
    after: write
  read-only:
    kind: task
    run: echo x > /etc/x || echo refused; echo y > /cache/y && cat /cache/y; grep -c " /cache tmpfs " /proc/mounts
    read_only: true
    tmpfs: /cache
`,
      'a.txt': 'a\n',
      'sub/b.txt': 'b\n',
    },
    steps: {
      files: { prints: ['600 /etc/app/a.txt', '644 /etc/app/b.txt', 'a', 'b'] },
      write: {},
      read: { prints: ['hello', 'refused'] },
      'read-only': { prints: ['refused', 'y', '1'] },
    },
  },
  {
    title: 'give its container names and settings',
    keys: [
      'steps.*.shm_size',
      'steps.*.hostname',
      'steps.*.extra_hosts',
      'steps.*.ulimits',
      'steps.*.ulimits.*.soft',
      'steps.*.ulimits.*.hard',
      'steps.*.sysctls',
      'steps.*.aliases',
      'steps.*.ports',
    ],
    files: {
      'suite.yaml': `
defaults: { image: gantry/toolbox:local }
steps:
  settings:
    kind: task
    run: |
      df -k /dev/shm | awk 'NR == 2 { print $2 }'
      hostname
      grep pay.example /etc/hosts
      ulimit -Sn; ulimit -Hn
      cat /proc/sys/net/core/somaxconn
    shm_size: 128Mi
    hostname: queue-1
    extra_hosts: { pay.example: 203.0.113.7 }
    ulimits: { nofile: { soft: 256, hard: 512 } }
    sysctls: { net.core.somaxconn: 77 }
  api:
    kind: service
    run: [node, -e, 'require("http").createServer((_, answer) => answer.end("here")).listen(8080)']
    ports: [8080]
    aliases: [API_Main]
  ask:
    kind: task
    run: echo "$API_PORT" && wget -qO- http://API_Main:8080
    after: api
`,
    },
    steps: {
      settings: { prints: ['131072', 'queue-1', /^203\.0\.113\.7\s+pay\.example$/, '256', '512', '77'] },
      api: {},
      ask: { prints: ['8080', 'here'] },
    },
  },
  {
    title: 'limit what its container uses',
    keys: [
      'defaults.resources',
      'defaults.resources.cpu',
      'defaults.resources.memory',
      'defaults.resources.pids',
      'steps.*.resources',
      'steps.*.resources.cpu',
      'steps.*.resources.memory',
      'steps.*.resources.pids',
    ],
    files: {
      'suite.yaml': `
defaults: { image: "${keysImage}", resources: { cpu: 500m, memory: 64Mi, pids: 77 } }
steps:
  usual: { kind: task, run: "${limits}" }
  own: { kind: task, run: "${limits}", resources: { cpu: 250m, memory: 32Mi, pids: 66 } }
`,
    },
    steps: {
      usual: { prints: [/^50000\b/, '67108864', '77'] },
      own: { prints: [/^25000\b/, '33554432', '66'] },
    },
  },
  {
    title: 'limit what its container writes',
    keys: ['defaults.resources.disk', 'steps.*.resources.disk'],
    files: {
      'suite.yaml': `
defaults: { image: gantry/toolbox:local, resources: { disk: 20Mi } }
steps:
  usual: { kind: task, run: ${writesMuch} }
  own: { kind: task, run: ${writesMuch}, resources: { disk: 10Mi } }
`,
    },
    status: 'failed',
    steps: {
      usual: { status: 'failed', reason: 'its resources.disk is 20 MiB' },
      own: { status: 'failed', reason: 'its resources.disk is 10 MiB' },
    },
  },
];
