import type { ComposeCase } from './compose-case';

/** What a service becomes, what waits for what, profiles, names and networks. */
export const flowCases: ComposeCase[] = [
  {
    name: 'the three conditions',
    files: `services:
  db: { image: db, healthcheck: { test: [CMD, ok] } }
  cache: { image: cache }
  migrate: { image: m, depends_on: { db: { condition: service_healthy } } }
  e2e:
    image: t
    depends_on:
      migrate: { condition: service_completed_successfully }
      cache: { condition: service_started }
`,
    steps: {
      db: {
        kind: 'service',
        image: 'db',
        healthcheck: { test: ['ok'], interval: '30s', timeout: '30s', retries: 3 },
        ready: { healthcheck: true, timeout: '180s' },
      },
      cache: { kind: 'service', image: 'cache' },
      migrate: { kind: 'task', image: 'm', after: ['db'] },
      e2e: { kind: 'test', image: 't', after: ['migrate', 'cache'] },
    },
    notices: [],
  },
  {
    name: 'started does not wait for health',
    files:
      'services:\n  db: { image: db, ports: ["5432"], healthcheck: { test: [CMD, ok] } }\n  e2e: { image: t, depends_on: [db] }\n',
    steps: {
      db: { kind: 'service', image: 'db', ports: [5432], ready: { tcp: 5432, timeout: '5m' } },
      e2e: { kind: 'test', image: 't', after: ['db'] },
    },
  },
  {
    name: 'health of the image’s own check',
    files:
      'services:\n  db: { image: db }\n  sut: { image: t, depends_on: { db: { condition: service_healthy } } }\n',
    steps: {
      db: { kind: 'service', image: 'db', ready: { healthcheck: true, timeout: '5m' } },
      sut: { kind: 'test', image: 't', after: ['db'] },
    },
  },
  {
    name: 'health of a service without a check',
    files:
      'services:\n  db: { image: db, healthcheck: { disable: true } }\n  sut: { image: t, depends_on: { db: { condition: service_healthy } } }\n',
    problems: ['compose.yaml:2:20 services.db.healthcheck: another service waits for its health'],
  },
  {
    name: 'kinds by label, restart and name',
    files: `services:
  api: { image: a }
  fake: { image: f, labels: { gantry.kind: mock } }
  seed: { image: s, restart: "no" }
  check: { image: c, restart: "no", depends_on: [api] }
  load: { image: l, labels: [gantry.kind=task], depends_on: [api] }
  api-tests: { image: t, depends_on: [api] }
  contest: { image: x }
`,
    steps: {
      api: { kind: 'service', image: 'a' },
      fake: { kind: 'mock', image: 'f' },
      seed: { kind: 'task', image: 's' },
      check: { kind: 'test', image: 'c', after: ['api'] },
      load: { kind: 'task', image: 'l', after: ['api'] },
      'api-tests': { kind: 'test', image: 't', after: ['api'] },
      contest: { kind: 'service', image: 'x' },
    },
  },
  {
    name: 'a dependency that is not there',
    files:
      'services:\n  a: { image: x, depends_on: { b: { condition: service_started, required: false } } }\n',
    problems: [
      'compose.yaml:2:32 services.a.depends_on.b: expected a service, found "b"; "required: false" excuses an inactive service',
    ],
  },
  {
    name: 'an inactive dependency is excused',
    files:
      'services:\n  a: { image: x, depends_on: { b: { condition: service_started, required: false } } }\n  b: { image: y, profiles: [extra] }\n',
    steps: {
      a: { kind: 'service', image: 'x', after: ['b'] },
      b: { kind: 'service', image: 'y', profiles: ['extra'] },
    },
  },
  {
    name: 'an inactive dependency is required',
    files: 'services:\n  a: { image: x, depends_on: [b] }\n  b: { image: y, profiles: [extra] }\n',
    problems: ['compose.yaml:2:31 services.a.depends_on.b: expected a service that runs without a profile'],
  },
  {
    name: 'profiles that .env makes active',
    files: {
      'compose.yaml': 'services:\n  a: { image: x, depends_on: [b] }\n  b: { image: y, profiles: [extra] }\n',
      '.env': 'COMPOSE_PROFILES=extra,other\n',
    },
    steps: { a: { kind: 'service', image: 'x', after: ['b'] }, b: { kind: 'service', image: 'y' } },
  },
  {
    name: 'links are dependencies that nobody wrote',
    files: 'services:\n  a: { image: x, links: [b] }\n  b: { image: y }\n',
    steps: { a: { kind: 'service', image: 'x', after: ['b'] }, b: { kind: 'service', image: 'y' } },
  },
  {
    name: 'networks that are shared',
    files:
      'services:\n  a: { image: x, networks: [front, back] }\n  b: { image: y, networks: { back: {} } }\nnetworks: { front: , back: { driver: bridge } }\n',
    steps: { a: { kind: 'service', image: 'x' }, b: { kind: 'service', image: 'y' } },
  },
  {
    name: 'networks that keep services apart',
    files:
      'services:\n  a: { image: x, networks: [front] }\n  b: { image: y, networks: [back] }\nnetworks: { front: , back: { internal: true } }\n',
    steps: { a: { kind: 'service', image: 'x' }, b: { kind: 'service', image: 'y' } },
    notices: [
      'compose.yaml:4:22 networks.back: "internal" does not count',
      'compose.yaml:2:18 a and b share no network',
    ],
  },
  {
    name: 'a network that is not named',
    files: 'services:\n  a: { image: x, networks: [front] }\n',
    problems: ['compose.yaml:2:29 services.a.networks.front: expected one of "networks", found "front"'],
  },
];
