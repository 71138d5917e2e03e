import { expect } from 'vitest';
import type { Execution } from '@/lib/model/execution';
import type { KeyCase } from './key-case';

/** Answers only `/ok` on 8081, and that with 418. */
const teapot = `require("http").createServer((ask, answer) => { answer.statusCode = ask.url === "/ok" ? 418 : 500; answer.end(); }).listen(8081)`;
/** Counts what it is sent until it is reset. */
const counter = `let count = 0; require("http").createServer((ask, answer) => { if (ask.url === "/reset") count = 0; else count += 1; answer.end(String(count)); }).listen(8080)`;

/** Keys that say when a service is ready, and what a mock forgets. */
export const readinessCases: KeyCase[] = [
  {
    title: 'say when a service is ready',
    keys: [
      'steps.*.ready',
      'steps.*.healthcheck',
      'steps.*.healthcheck.test',
      ...[
        'tcp',
        'http',
        'http.port',
        'http.path',
        'http.status',
        'exec',
        'healthcheck',
        'for',
        'interval',
      ].map((key) => `steps.*.ready.${key}`),
      ...['', '.text', '.pattern', '.stream', '.count'].map((key) => `steps.*.ready.log${key}`),
    ],
    files: {
      // Without these probes the first port, which never opens, would count.
      'suite.yaml': `
defaults: { image: gantry/toolbox:local }
steps:
  tcp: { kind: service, run: [node, -e, '${teapot}'], ports: [1, 8081], ready: { tcp: 8081, timeout: 2m } }
  http:
    kind: service
    run: [node, -e, '${teapot}']
    ports: [1, 8081]
    ready: { http: { port: 8081, path: /ok, status: 418 }, timeout: 2m }
  exec:
    kind: service
    run: sleep 2; touch /shared/exec; sleep 1000
    ports: [1]
    volumes: { /shared: marks }
    ready: { exec: test -f /shared/exec, timeout: 2m }
  log:
    kind: service
    run: echo up; sleep 2; touch /shared/log; echo up; sleep 1000
    ports: [1]
    volumes: { /shared: marks }
    ready: { log: { text: up, stream: stdout, count: 2 }, timeout: 2m }
  pattern: { kind: service, run: echo up; sleep 1000, ports: [1], ready: { log: { pattern: ^u.$ }, timeout: 2m } }
  healthcheck:
    kind: service
    run: sleep 2; touch /shared/healthcheck; sleep 1000
    ports: [1]
    volumes: { /shared: marks }
    healthcheck: { test: test -f /shared/healthcheck }
    ready: { healthcheck: true, timeout: 2m }
  for: { kind: service, run: sleep 1000, ready: { exec: "true", for: 3s, timeout: 2m } }
  interval:
    kind: service
    run: sleep 1000
    ready: { exec: 'echo >> /tmp/probes; test "$(wc -l < /tmp/probes)" -ge 11', interval: 20s, timeout: 2m }
  after:
    kind: test
    run: ls /shared
    volumes: { /shared: marks }
    after: [tcp, http, exec, log, pattern, healthcheck]
  steady: { kind: test, run: "true", after: [for, interval] }
`,
    },
    steps: {
      tcp: {},
      http: {},
      exec: {},
      log: { prints: ['up', 'up'] },
      pattern: { prints: ['up'] },
      healthcheck: {},
      for: {},
      interval: {},
      // They were not ready before they had left their marks.
      after: { prints: ['exec', 'healthcheck', 'log'] },
      steady: {},
    },
    async check(execution) {
      expect(msUntilReady(execution, 'for')).toBeGreaterThanOrEqual(3_000);
      // Pauses grow from 10 ms to the interval: ten of them to 10.2 s, or to 1.6 s with the default.
      expect(msUntilReady(execution, 'interval')).toBeGreaterThanOrEqual(10_000);
    },
  },
  {
    title: 'say until when a service may be not ready, and why it is not',
    keys: [
      'steps.*.ready.timeout',
      'steps.*.ready.http.status',
      'steps.*.ready.exec',
      'steps.*.ready.log.text',
      'steps.*.ready.log.stream',
      'steps.*.ready.log.count',
    ],
    files: {
      'suite.yaml': `
defaults: { image: gantry/toolbox:local }
steps:
  default: { kind: service, run: sleep 1000, ports: [8080], ready: { timeout: 2s } }
  status:
    kind: service
    run: [node, -e, '${teapot}']
    ports: [8081]
    ready: { http: { port: 8081, path: /ok, status: 200 }, tcp: 8081, timeout: 4s }
  exec: { kind: service, run: sleep 1000, ready: { exec: "false", timeout: 2s } }
  text: { kind: service, run: echo up; sleep 1000, ready: { log: { text: down }, timeout: 2s } }
  stream: { kind: service, run: echo up; sleep 1000, ready: { log: { text: up, stream: stderr }, timeout: 2s } }
  count: { kind: service, run: echo up; sleep 1000, ready: { log: { text: up, count: 2 }, timeout: 2s } }
`,
    },
    status: 'failed',
    steps: {
      default: { status: 'failed', reason: /not ready.*2 s/ },
      status: { status: 'failed', reason: /not ready.*4 s/ },
      exec: { status: 'failed', reason: /not ready/ },
      text: { status: 'failed', reason: /not ready/ },
      stream: { status: 'failed', reason: /not ready/ },
      count: { status: 'failed', reason: /not ready/ },
    },
  },
  {
    title: 'let a test begin with mocks that have forgotten',
    keys: ['steps.*.reset', 'steps.*.reset.http', 'steps.*.reset_mocks'],
    files: {
      'suite.yaml': `
defaults: { image: gantry/toolbox:local }
steps:
  payments: { kind: mock, run: [node, -e, '${counter}'], ports: [8080], reset: { http: POST /reset } }
  first: { kind: test, run: wget -qO- http://payments:8080, after: payments }
  second: { kind: test, run: wget -qO- http://payments:8080, after: [payments, first] }
  third: { kind: test, run: wget -qO- http://payments:8080, after: second, reset_mocks: payments }
`,
    },
    steps: { payments: {}, first: { prints: ['1'] }, second: { prints: ['2'] }, third: { prints: ['1'] } },
  },
];

function msUntilReady({ steps }: Execution, id: string): number {
  const attempt = steps.find((step) => step.id === id)?.attempts.at(-1);
  return Date.parse(attempt?.readyAt ?? '') - Date.parse(attempt?.runningAt ?? '');
}
