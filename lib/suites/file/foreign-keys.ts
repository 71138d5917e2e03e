import { type Answer, say, use } from './foreign-answer';
import { rarerStepKeys } from './foreign-step-keys';
import type { Level } from './schema/level';

const service = 'db: { kind: service, image: "postgres:16", ports: [5432] }';
const steps = say('the steps of a suite are in "steps"', `steps: { ${service} }`);
const variables = use('env', 'env: { LOG_LEVEL: debug }');
const order = use('after', 'after: [db]');
const probe = use('ready', 'ready: { http: 8080/healthz }');
const attempts = use('retries', 'retries: { max: 2, backoff: 1s }');
const agents = say('a step goes to agents that have its "tags"', 'tags: [gpu]');
const addressed = say('a step is reached by its id, as in http://db:5432; list its ports', 'ports: [5432]');
const ownNetwork = say(
  'every execution has a network of its own, in which steps reach each other by their ids',
  null,
);
const placed = say(
  'no path of the host is mounted; the files of the package are at /suite, and "files" puts them elsewhere',
  'files: { /etc/nginx/nginx.conf: nginx.conf }',
);
const shared = say(
  'volumes are named where they are used, by their places in the container',
  'steps: { db: { kind: service, image: "postgres:16", volumes: { /var/lib/postgresql/data: data } } }',
);
const separately = say('every container is a step of its own', 'image: node:22');
const severalTimes = say(
  'every container is a step of its own: write a step for each',
  'after: [worker-1, worker-2]',
);
const inProfile = say(
  'secrets are named in a profile, by where their values are; "secret_files" of a step makes files of them',
  'profiles/nightly.yaml: secrets: [{ key: TOKEN, from: "env:CI_TOKEN" }]',
);
const cases = say('write a step for each case, or a profile for each', 'env: { NODE_VERSION: 22 }');
const unprivileged = say(
  'no step runs privileged or reaches the host; single capabilities can be added',
  'capabilities: [NET_BIND_SERVICE]',
);
const onDemand = say(
  'a suite is launched from the page, the API, the command line or by its "schedules"',
  'schedules: { nightly: { cron: "30 2 * * 1-5" } }',
);
const timed = use('schedules', 'schedules: { nightly: { cron: "30 2 * * 1-5" } }');
const forAll = (what: string, example: string) =>
  say(`${what} of all steps are in "defaults"`, `defaults: { ${example} }`);

/** Keys of Compose, GitHub Actions, GitLab and Kubernetes that people try in a step. */
const ofSteps: Record<string, Answer> = {
  ...rarerStepKeys,
  // Compose
  command: say(
    'use "run", or "args" for arguments of the image\'s entry point',
    'args: [postgres, -c, max_connections=300]',
  ),
  depends_on: order,
  working_dir: use('cwd', 'cwd: tests'),
  environment: variables,
  cap_add: use('capabilities', 'capabilities: [NET_BIND_SERVICE]'),
  cap_drop: say(
    'all capabilities are dropped, but for those that are added',
    'capabilities: [NET_BIND_SERVICE]',
  ),
  privileged: unprivileged,
  devices: unprivileged,
  pid: unprivileged,
  ipc: unprivileged,
  restart: attempts,
  expose: use('ports', 'ports: [8080]'),
  links: addressed,
  container_name: addressed,
  networks: ownNetwork,
  network_mode: ownNetwork,
  deploy: use('resources', 'resources: { cpu: 500m, memory: 256Mi }'),
  mem_limit: use('resources', 'resources: { memory: 256Mi }'),
  cpus: use('resources', 'resources: { cpu: 0.5 }'),
  pids_limit: use('resources', 'resources: { pids: 100 }'),
  stop_grace_period: use('grace', 'grace: 30s'),
  pull_policy: use('pull', 'pull: always'),
  labels: agents,
  scale: severalTimes,
  secrets: inProfile,
  configs: placed,
  // GitHub Actions and GitLab
  needs: order,
  if: say(
    'a step runs unless what it comes after has failed; for the opposite use "on_failure"',
    'on_failure: [smoke]',
  ),
  'runs-on': agents,
  container: use('image', 'image: node:22'),
  services: say('a service is a step of its own, before this one', 'after: [db]'),
  jobs: say('a step has no jobs in it: write each as a step, in this order', 'after: [db]'),
  steps: say('a step has no steps in it: write its commands into "run"', 'run: npm ci && npm test'),
  uses: say('use a step of the kind "suite", whose "ref" is an alias of dependencies.yaml', 'ref: payments'),
  with: variables,
  'continue-on-error': use('continue_on_failure', 'continue_on_failure: true'),
  'timeout-minutes': use('timeout', 'timeout: 5m'),
  'working-directory': use('cwd', 'cwd: tests'),
  shell: say('name the shell in "run"', 'run: [bash, -ec, npm test]'),
  strategy: cases,
  matrix: cases,
  script: use('run', 'run: npm ci && npm test'),
  before_script: use('run', 'run: npm ci && npm test'),
  stage: order,
  allow_failure: use('continue_on_failure', 'continue_on_failure: true'),
  artifacts: use('export', 'export: [reports/**]'),
  reports: use('export', 'export: { path: reports/junit.xml, format: junit }'),
  variables,
  retry: attempts,
  // Kubernetes
  containers: separately,
  initContainers: say('what must run before is a step of its own', 'after: [migrate]'),
  livenessProbe: probe,
  readinessProbe: probe,
  startupProbe: probe,
  imagePullPolicy: use('pull', 'pull: always'),
  securityContext: say(
    'use "user" and "capabilities"; no step runs privileged or reaches the host',
    'user: 1000:1000',
  ),
  runAsUser: use('user', 'user: 1000'),
  hostNetwork: unprivileged,
  volumeMounts: placed,
  envFrom: use('env_file', 'env_file: config/app.env'),
  restartPolicy: attempts,
  backoffLimit: attempts,
  terminationGracePeriodSeconds: use('grace', 'grace: 30s'),
  activeDeadlineSeconds: use('timeout', 'timeout: 5m'),
  nodeSelector: agents,
  tolerations: agents,
  affinity: agents,
  replicas: severalTimes,
  workingDir: use('cwd', 'cwd: tests'),
  limits: use('resources', 'resources: { cpu: 500m, memory: 256Mi }'),
  // Words for the same thing
  type: use('kind', 'kind: task'),
  cmd: use('run', 'run: [node, server.js]'),
  exec: use('run', 'run: [node, server.js]'),
  port: use('ports', 'ports: [8080]'),
};

/** Keys that people try at the top of a suite.yaml. */
const ofSuites: Record<string, Answer> = {
  services: steps,
  jobs: steps,
  stages: say('steps run in the order that their "after" makes', `steps: { ${service} }`),
  spec: steps,
  kind: say('the kind is a key of each step', `steps: { ${service} }`),
  apiVersion: say('a suite.yaml begins with its "title"', 'title: Checkout'),
  metadata: say('use "title" and "repository"', 'title: Checkout'),
  name: use('title', 'title: Checkout'),
  on: onDemand,
  schedule: timed,
  cron: timed,
  env: forAll('variables', 'env: { LOG_LEVEL: debug }'),
  environment: forAll('variables', 'env: { LOG_LEVEL: debug }'),
  variables: forAll('variables', 'env: { LOG_LEVEL: debug }'),
  image: say('the image of all steps is in "defaults"', 'defaults: { image: node:22 }'),
  retries: forAll('retries', 'retries: 2'),
  resources: forAll('resources', 'resources: { memory: 256Mi }'),
  networks: ownNetwork,
  volumes: shared,
  configs: say('the files of the package are in every step at /suite, read-only', null),
  secrets: inProfile,
  profiles: say('profiles are files', 'profiles/nightly.yaml: env: { LOG_LEVEL: debug }'),
  dependencies: say(
    'nested suites are in a file of their own',
    'dependencies.yaml: payments: payments:1.2.0',
  ),
  include: say(
    'another suite is a step of the kind "suite"',
    'steps: { payments: { kind: suite, ref: payments } }',
  ),
  'timeout-minutes': use('timeout', 'timeout: 20m'),
  'fail-fast': use('fail_fast', 'fail_fast: true'),
};

const ofReady: Record<string, Answer> = {
  test: use('exec', 'exec: [pg_isready]'),
  command: use('exec', 'exec: [pg_isready]'),
  cmd: use('exec', 'exec: [pg_isready]'),
  httpGet: use('http', 'http: 8080/healthz'),
  url: use('http', 'http: 8080/healthz'),
  path: use('http', 'http: 8080/healthz'),
  tcpSocket: use('tcp', 'tcp: 5432'),
  port: use('tcp', 'tcp: 5432'),
  grpc: say('use "tcp", or "exec" with a client of the image', 'tcp: 5432'),
  retries: say('a probe is repeated until "timeout"', 'timeout: 90s'),
  failureThreshold: say('a probe is repeated until "timeout"', 'timeout: 90s'),
  start_period: say('a probe is repeated until "timeout"', 'timeout: 90s'),
  initialDelaySeconds: say('a probe is repeated until "timeout"', 'timeout: 90s'),
  periodSeconds: use('interval', 'interval: 1s'),
  timeoutSeconds: use('timeout', 'timeout: 90s'),
};

const ofHealthChecks: Record<string, Answer> = {
  cmd: use('test', 'test: [pg_isready]'),
  command: use('test', 'test: [pg_isready]'),
  exec: use('test', 'test: [pg_isready]'),
  disable: say('wait for another probe in "ready"', null),
  start_interval: say('every check comes after the same "interval"', 'interval: 1s'),
};

/** The answers to keys of other tools, by the mapping in which people try them. */
export const foreignKeys: Record<Level, Record<string, Answer>> = {
  suite: ofSuites,
  step: ofSteps,
  defaults: {
    environment: variables,
    variables,
    'timeout-minutes': use('timeout', 'timeout: 5m'),
    retry: attempts,
    limits: use('resources', 'resources: { cpu: 500m, memory: 256Mi }'),
    run: say('every step has a "run" of its own; the image can be the same for all', 'image: node:22'),
  },
  ready: ofReady,
  healthcheck: ofHealthChecks,
  resources: {
    limits: say('limits stand here themselves', 'memory: 256Mi'),
    requests: say('limits stand here themselves, and count as requests too', 'memory: 256Mi'),
    cpus: use('cpu', 'cpu: 0.5'),
    mem: use('memory', 'memory: 256Mi'),
    mem_limit: use('memory', 'memory: 256Mi'),
    processes: use('pids', 'pids: 100'),
  },
  retries: {
    attempts: use('max', 'max: 2'),
    count: use('max', 'max: 2'),
    limit: use('max', 'max: 2'),
    delay: use('backoff', 'backoff: 1s'),
    interval: use('backoff', 'backoff: 1s'),
  },
  export: {
    paths: use('path', 'path: reports/**'),
    name: use('path', 'path: reports/**'),
    when: use('on', 'on: failure'),
    if: use('on', 'on: failure'),
    type: use('format', 'format: junit'),
  },
  profile: {
    environment: variables,
    variables,
    title: use('name', 'name: nightly'),
    base: use('extends', 'extends: default'),
    inherits: use('extends', 'extends: default'),
  },
};

const byLetters = new Map(
  Object.entries(foreignKeys).map(([level, answers]) => [
    level,
    new Map(Object.entries(answers).map(([key, answer]) => [lettersOf(key), answer])),
  ]),
);

/** Words the answer to a key of another tool, however it is spelled: `dependsOn` and `depends-on` are `depends_on`. */
export function adviseOn(level: Level, key: string): string | null {
  const answer = byLetters.get(level)?.get(lettersOf(key));
  return answer ? formatAnswer(answer) : null;
}

export function formatAnswer({ advice, example }: Answer): string {
  return example === null ? advice : `${advice}, as in ${example}`;
}

function lettersOf(key: string): string {
  return key.toLowerCase().replace(/[_-]/g, '');
}
