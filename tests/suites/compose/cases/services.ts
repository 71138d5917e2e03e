import type { ComposeCase } from './compose-case';

const one = (lines: string, more = '') =>
  `services:\n  app:\n    image: app\n${lines
    .split('\n')
    .map((line) => `    ${line}\n`)
    .join('')}${more}`;
const app = (step: Record<string, unknown> = {}) => ({ app: { kind: 'service', image: 'app', ...step } });

/** The keys of a service. */
export const serviceCases: ComposeCase[] = [
  {
    name: 'environment as list',
    files: one('environment: ["A=1", "B=", "C", "D=x=y"]'),
    steps: app({ env: { A: '1', B: '', D: 'x=y' } }),
  },
  {
    name: 'entrypoint and command as lists',
    files: one('entrypoint: [/run.sh]\ncommand: [a, "b c"]'),
    steps: app({ entrypoint: ['/run.sh'], args: ['a', 'b c'] }),
  },
  {
    name: 'an empty entrypoint with a command',
    files: one('entrypoint: []\ncommand: [a, b]'),
    steps: app({ entrypoint: ['a', 'b'] }),
  },
  { name: 'an empty command keeps the image’s', files: one('command: []'), steps: app() },
  {
    name: 'an empty entrypoint alone',
    files: one('entrypoint: ""'),
    problems: [
      "compose.yaml:4:5 services.app.entrypoint: an empty entrypoint leaves the image's command alone",
    ],
  },
  {
    name: 'user, folder and host name',
    files: one('user: "1000:1000"\nworking_dir: /srv\nhostname: app'),
    steps: app({ cwd: '/srv', user: '1000:1000', hostname: 'app' }),
  },
  {
    name: 'ports in every form',
    files: one(
      'ports:\n  - 3000\n  - "8080:80"\n  - "127.0.0.1:8001:8001"\n  - "9000-9002:9000-9002"\n  - "6060:6060/udp"\n  - "127.0.0.1::5000"\n  - "[::1]:7000:7000"\n  - "8100-8110:8100"\n  - { target: 443, published: 8443, protocol: tcp, mode: host }',
    ),
    steps: app({
      ports: [3000, 80, 8001, 9000, 9001, 9002, 5000, 7000, 8100, 443],
      ready: { tcp: 3000, timeout: '5m' },
    }),
    notices: [
      'compose.yaml:4:5 services.app.ports: nothing is published on the machine',
      'compose.yaml:4:5 services.app.ports: ports of UDP are reached by name as well',
    ],
  },
  {
    name: 'exposed ports',
    files: one('expose: [1234, "80", "90-91/tcp"]'),
    steps: app({ ports: [1234, 80, 90, 91], ready: { tcp: 1234, timeout: '5m' } }),
  },
  {
    name: 'a port that is none',
    files: one('ports: ["http"]'),
    problems: ['compose.yaml:4:5 services.app.ports: expected a port such as 80'],
  },
  {
    name: 'a health check as text',
    files: one(
      'healthcheck:\n  test: curl -f http://localhost || exit 1\n  interval: 2s\n  timeout: 3s\n  retries: 10\n  start_period: 1m30s',
    ),
    steps: app({
      healthcheck: {
        test: 'curl -f http://localhost || exit 1',
        interval: '2s',
        timeout: '3s',
        retries: 10,
        start_period: '90s',
      },
      ready: { healthcheck: true, timeout: '140s' },
    }),
  },
  {
    name: 'a health check as list',
    files: one('healthcheck: { test: [CMD, pg_isready, -U, x] }'),
    steps: app({
      healthcheck: { test: ['pg_isready', '-U', 'x'], interval: '30s', timeout: '30s', retries: 3 },
      ready: { healthcheck: true, timeout: '180s' },
    }),
  },
  {
    name: 'a health check in a shell',
    files: one('healthcheck: { test: [CMD-SHELL, "true && true"], interval: 500ms, retries: 1 }'),
    steps: app({
      healthcheck: { test: 'true && true', interval: '500ms', timeout: '30s', retries: 1 },
      ready: { healthcheck: true, timeout: '60s' },
    }),
  },
  {
    name: 'no health check',
    files: one('healthcheck: { disable: true }\nports: ["80"]'),
    steps: app({ ports: [80], ready: { tcp: 80, timeout: '5m' } }),
  },
  { name: 'a health check of NONE', files: one('healthcheck: { test: [NONE] }'), steps: app() },
  {
    name: 'a health check with an unknown word',
    files: one('healthcheck: { test: [curl, x] }'),
    problems: ['compose.yaml:4:20 services.app.healthcheck.test: expected a test that begins with CMD'],
  },
  {
    name: 'start_interval',
    files: one('healthcheck: { test: "true", start_interval: 1s, start_period: 5s }'),
    steps: app({
      healthcheck: { test: 'true', interval: '1s', timeout: '30s', retries: 3, start_period: '5s' },
      ready: { healthcheck: true, timeout: '185s' },
    }),
    notices: [
      'compose.yaml:4:34 services.app.healthcheck.start_interval: Docker before 25 has no start_interval',
    ],
  },
  {
    name: 'files of the package',
    files: one(
      'volumes:\n  - ./nginx.conf:/etc/nginx/nginx.conf:ro\n  - type: bind\n    source: ./data\n    target: /data/\n    read_only: true\n  - ".:/app"',
    ),
    steps: app({ files: { '/etc/nginx/nginx.conf': 'nginx.conf', '/data': 'data', '/app': '.' } }),
    notices: ['compose.yaml:10:9 services.app.volumes[2]: the package is copied into the container'],
  },
  {
    name: 'a volume of one service',
    files: one(
      'volumes: ["data:/data", /anonymous, "cache:/cache:ro"]',
      'volumes: { data: , cache: { labels: [a=b] } }\n',
    ),
    steps: app({ volumes: { '/data': 'data', '/cache': { name: 'cache', read_only: true } } }),
  },
  {
    name: 'further names of a service',
    files: {
      'compose.yaml':
        'services:\n  Data_Base:\n    image: app\n    container_name: shop.db\n    networks: { default: { aliases: [db, PRIMARY] } }\n  web: { image: app, links: ["Data_Base:store"] }\n',
    },
    steps: {
      'data-base': {
        kind: 'service',
        name: 'Data_Base',
        image: 'app',
        aliases: ['Data_Base', 'shop.db', 'db', 'PRIMARY', 'store'],
      },
      web: { kind: 'service', image: 'app', after: ['data-base'] },
    },
  },
  {
    name: 'a volume of two services',
    files: {
      'compose.yaml':
        'services:\n  one: { image: app, volumes: ["data:/a"] }\n  two: { image: app, volumes: ["data:/b:ro"] }\nvolumes: { data: }\n',
    },
    steps: {
      one: { kind: 'service', image: 'app', volumes: { '/a': 'data' } },
      two: { kind: 'service', image: 'app', volumes: { '/b': { name: 'data', read_only: true } } },
    },
  },
  {
    name: 'a volume of one letter',
    files: one('volumes: ["d:/data"]', 'volumes: { d: }\n'),
    problems: [
      'compose.yaml:4:15 services.app.volumes[0]: Compose takes the single letter before ":" for a drive of Windows',
    ],
  },
  {
    name: 'a volume of one letter beside a target',
    files: one('volumes: ["d:/data:/target"]', 'volumes: { d: }\n'),
    problems: [
      'compose.yaml:4:15 services.app.volumes[0]: Compose takes the single letter before ":" for a drive of Windows',
    ],
  },
  {
    name: 'a volume that is not named',
    files: one('volumes: ["data:/data"]'),
    problems: ['compose.yaml:4:15 services.app.volumes[0]: expected a volume of "volumes", found "data"'],
  },
  {
    name: 'tmpfs',
    files: one('tmpfs: /run\nvolumes: [{ type: tmpfs, target: /t }]'),
    steps: app({ tmpfs: ['/t', '/run'] }),
  },
  {
    name: 'tmpfs with options',
    files: one('tmpfs: ["/run:size=1m"]'),
    steps: app({ tmpfs: ['/run'] }),
    notices: ['compose.yaml:4:13 services.app.tmpfs[0]: the options "size=1m" do not count'],
  },
  {
    name: 'configs and secrets of files',
    files: one(
      'configs: [c, { source: c, target: /etc/c, mode: 0440 }]\nsecrets: [s]',
      'configs: { c: { file: ./c.conf } }\nsecrets: { s: { file: s.txt } }\n',
    ),
    steps: app({
      files: { '/c': 'c.conf', '/etc/c': { from: 'c.conf', mode: '0440' }, '/run/secrets/s': 's.txt' },
    }),
  },
  {
    name: 'a config without a file',
    files: one('configs: [c]', 'configs: { c: { content: "x" } }\n'),
    problems: ['compose.yaml:4:15 services.app.configs[0]: not supported yet: config c has no file'],
  },
  {
    name: 'a secret that is not named',
    files: one('secrets: [s]'),
    problems: ['compose.yaml:4:15 services.app.secrets[0]: expected one of "secrets", found "s"'],
  },
  {
    name: 'memory and signals',
    files: one('shm_size: 64m\nstop_signal: SIGINT\nstop_grace_period: 1m30s\ninit: true'),
    steps: app({ shm_size: 67108864, stop_signal: 'SIGINT', grace: '90s' }),
  },
  {
    name: 'limits of deploy',
    files: one('deploy: { resources: { limits: { cpus: "0.5", memory: 50M, pids: 10 } }, replicas: 1 }'),
    steps: app({ resources: { cpu: 0.5, memory: 52428800, pids: 10 } }),
  },
  {
    name: 'limits of the service',
    files: one('cpus: 2\nmem_limit: 1g\npids_limit: 5'),
    steps: app({ resources: { cpu: 2, memory: 1073741824, pids: 5 } }),
  },
  {
    name: 'capabilities',
    files: one('cap_add: [NET_RAW, CAP_NET_BIND_SERVICE]'),
    steps: app({ capabilities: ['NET_RAW', 'NET_BIND_SERVICE'] }),
  },
  {
    name: 'extra hosts',
    files: one('extra_hosts: ["a:1.2.3.4", "b=::1", "c:[::2]"]'),
    steps: app({ extra_hosts: { a: '1.2.3.4', b: '::1', c: '::2' } }),
  },
  {
    name: 'ulimits, sysctls, platform and a read-only file system',
    files: one(
      'ulimits: { nofile: { soft: 1, hard: 2 }, nproc: 5 }\nsysctls: [net.core.somaxconn=1024]\nplatform: linux/amd64\nread_only: true',
    ),
    steps: app({
      read_only: true,
      ulimits: { nofile: { soft: 1, hard: 2 }, nproc: 5 },
      sysctls: { 'net.core.somaxconn': '1024' },
      platform: 'linux/amd64',
    }),
  },
  {
    name: 'pull policies',
    files:
      'services:\n  a: { image: x, pull_policy: always }\n  b: { image: x, pull_policy: if_not_present }\n  c: { image: x, pull_policy: never }\n',
    steps: {
      a: { kind: 'service', image: 'x', pull: 'always' },
      b: { kind: 'service', image: 'x' },
      c: { kind: 'service', image: 'x', pull: 'never' },
    },
  },
  {
    name: 'a restart policy of a service',
    files: one('restart: on-failure:3'),
    steps: app({ retries: 3 }),
    notices: ['compose.yaml:4:5 services.app.restart: it is started again up to 3 times until it is ready'],
  },
  {
    name: 'what changes nothing',
    files: one(
      'stdin_open: true\nlogging: { driver: json-file, options: { max-size: 1m } }\nlabels: [a=b]\nx-own: 1',
    ),
    steps: app(),
  },
  {
    name: 'an obsolete version',
    files: `version: "3.8"\n${one('user: root')}`,
    steps: app({ user: 'root' }),
  },
];
