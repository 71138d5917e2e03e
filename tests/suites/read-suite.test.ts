import { describe, expect, it } from 'vitest';
import { makePlan } from '@/lib/planning/make-plan';
import { problemsOf, readValid, type SuiteFiles } from './suite-folder';

function planOf(files: string | SuiteFiles) {
  return makePlan(readValid(files), { profile: null, platformEnv: {}, env: {} }).nodes;
}

const wrong = `title: Many
titel: x
timeout: 5
fail_fast: yes
defaults: { timout: 1s }
steps:
  db:
    kind: servise
    run: postgres
    prots: [5432]
    ready: { tcp: 70000 }
  migrate:
    kind: task
    run: ""
    after: [bd]
    on_failure: smok
    retries: many
    expect_exit: 300
    timeout: 5 minutes
    ports: [80]
  Smoke:
    kind: test
    image: not an image
    after: [migrate, migrate]
    export: [{ path: ../../etc/passwd }, /absolute, { format: junit }]
    fail_on_logs: "/(/"
    cwd: ../up
    env: { "A=B": x, GANTRY_X: 1, LIST: [1] }
    headers: { a b: x, X: "two\\nlines" }
    resources: { memory: 1, cpu: lots, pids: 0 }
    capabilities: SYS_ADMIN
    reset_mocks: [db]
  bare:
    kind: traffic
`;

describe('a suite.yaml with many mistakes', () => {
  it('is told all of them at once, from top to bottom, each with its place', () => {
    expect(problemsOf(wrong)).toEqual([
      'suite.yaml:2:1 unknown key "titel"; did you mean "title"?',
      'suite.yaml:3:10 timeout: expected a duration such as 250ms, 30s or 1m30s, found 5',
      'suite.yaml:4:12 fail_fast: expected true or false, found "yes"',
      'suite.yaml:5:13 defaults: unknown key "timout"; did you mean "timeout"?',
      'suite.yaml:8:11 steps.db.kind: expected one of service, mock, task, test, traffic, suite, found "servise"; did you mean "service"?',
      'suite.yaml:10:5 steps.db: unknown key "prots"; did you mean "ports"?',
      'suite.yaml:11:19 steps.db.ready.tcp: expected a port from 1 to 65535, found 70000',
      'suite.yaml:14:10 steps.migrate.run: expected a command, found an empty text',
      'suite.yaml:15:13 steps.migrate.after[0]: expected the id of a step, found "bd"; did you mean "db"?',
      'suite.yaml:16:17 steps.migrate.on_failure[0]: expected the id of a step, found "smok"',
      'suite.yaml:17:14 steps.migrate.retries: expected a number of retries or {max, backoff}, found "many"',
      'suite.yaml:18:18 steps.migrate.expect_exit: expected an exit code from 0 to 255, found 300',
      'suite.yaml:19:14 steps.migrate.timeout: expected a duration such as 250ms, 30s or 1m30s, found "5 minutes"',
      'suite.yaml:20:5 steps.migrate: "ports" is for services and mocks, and this step is a task',
      'suite.yaml:21:3 steps: expected the id of a step: 1 to 63 lower-case letters, digits and "-", not first or last, and no mere number, found "Smoke"',
      'suite.yaml:23:12 steps.Smoke.image: expected an image such as node:22, found "not an image"',
      'suite.yaml:24:22 steps.Smoke.after[1]: expected each item once, found "migrate" again',
      'suite.yaml:25:22 steps.Smoke.export[0].path: expected a path that stays below $GANTRY_ARTIFACTS, found "../../etc/passwd"',
      'suite.yaml:25:42 steps.Smoke.export[1]: expected a path that stays below $GANTRY_ARTIFACTS, found "/absolute"',
      'suite.yaml:25:53 steps.Smoke.export[2]: expected the key "path", found none',
      'suite.yaml:26:19 steps.Smoke.fail_on_logs: expected a pattern in RE2 syntax, found "(": error parsing regexp: missing closing ): `(`',
      'suite.yaml:27:10 steps.Smoke.cwd: expected a folder below /suite, or an absolute one, without "..", found "../up"',
      'suite.yaml:28:12 steps.Smoke.env: expected the name of a variable (up to 200 characters, without "="), found "A=B"',
      'suite.yaml:28:22 steps.Smoke.env: names that begin with GANTRY_ are kept for Gantry itself, found "GANTRY_X"',
      'suite.yaml:28:41 steps.Smoke.env.LIST: expected text, a number, true or false, found a list',
      'suite.yaml:29:16 steps.Smoke.headers: expected the name of an HTTP header, found "a b"',
      'suite.yaml:29:27 steps.Smoke.headers.X: expected one line of text, a number, true or false, found "two\\nlines"',
      'suite.yaml:30:26 steps.Smoke.resources.memory: expected an amount of memory such as 64Mi, 512M or 1Gi between 6Mi and 4096Gi, found 1',
      'suite.yaml:30:34 steps.Smoke.resources.cpu: expected a number of cores from 10m to 1024, such as 2, 0.5 or 500m, found "lots"',
      'suite.yaml:30:46 steps.Smoke.resources.pids: expected a number of processes from 1 to 32768, found 0',
      'suite.yaml:31:19 steps.Smoke.capabilities: expected one of CHOWN, DAC_OVERRIDE, FOWNER, FSETID, SETGID, SETUID, SETPCAP, NET_BIND_SERVICE, KILL, SYS_CHROOT, NET_RAW, MKNOD, AUDIT_WRITE, SETFCAP, none, found "SYS_ADMIN"',
      'suite.yaml:33:3 steps.bare: expected "run", "image" or "build", found none of them',
    ]);
  });
});

describe('a suite.yaml that is not one', () => {
  it.each([
    ['', '1:1 expected a suite with "steps", found nothing'],
    ['# nothing but a comment\n', '1:1 expected a suite with "steps", found nothing'],
    ['hello', '1:1 expected a mapping, found "hello"'],
    ['- a', '1:1 expected a mapping, found a list'],
    ['title: A', '1:1 expected the key "steps", found none'],
    ['steps: {}', '1:8 steps: expected at least one step, found none'],
    ['steps: [a]', '1:8 steps: expected a mapping, found a list'],
    ['steps:\n', '1:1 steps: expected a mapping, found nothing'],
    ['steps:\n\ta: 1', '2:1 not valid YAML: Tabs are not allowed as indentation'],
  ])('is told so: %j', (text, problem) => {
    expect(problemsOf(text)).toEqual([`suite.yaml:${problem}`]);
  });

  it('tells several syntax errors', () => {
    expect(problemsOf('steps:\n  a: { kind: task\n  b: [1\n').map((line) => line.split(' ')[0])).toEqual([
      'suite.yaml:3:3',
      'suite.yaml:4:1',
    ]);
  });

  it('names the line that is not UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('title: A\nsteps: '), Buffer.from([0xff, 0xfe])]);
    expect(problemsOf({ 'suite.yaml': bytes })).toEqual([
      'suite.yaml:2:1 expected UTF-8, found bytes that are not',
    ]);
  });
});

describe('steps that wait for each other', () => {
  const step = (after: string) => `{ kind: task, run: a, after: [${after}] }`;

  it.each([
    [
      'a cycle of two',
      `steps:\n  a: ${step('b')}\n  b: ${step('a')}`,
      ['suite.yaml:2:36 steps.a.after[0]: steps wait for each other in a cycle: a → b → a'],
    ],
    [
      'itself',
      `steps:\n  a: ${step('a')}`,
      ['suite.yaml:2:36 steps.a.after[0]: a step cannot wait for itself: a → a'],
    ],
    [
      'a cycle through on_failure',
      `steps:\n  a: { kind: task, run: a, on_failure: b }\n  b: ${step('a')}`,
      ['suite.yaml:2:40 steps.a.on_failure[0]: steps wait for each other in a cycle: a → b → a'],
    ],
    [
      'two cycles',
      `steps:\n  a: ${step('b')}\n  b: ${step('a')}\n  c: ${step('d, a')}\n  d: ${step('c')}`,
      [
        'suite.yaml:2:36 steps.a.after[0]: steps wait for each other in a cycle: a → b → a',
        'suite.yaml:4:36 steps.c.after[0]: steps wait for each other in a cycle: c → d → c',
      ],
    ],
  ])('are told with their path: %s', (_what, text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });

  it('are told with the whole path also when there are 500', () => {
    const ids = Array.from({ length: 500 }, (_, position) => `s${position}`);
    const text = `steps:\n${ids.map((id, position) => `  ${id}: ${step(ids[(position + 1) % 500] ?? '')}`).join('\n')}`;
    expect(problemsOf(text)).toEqual([
      `suite.yaml:2:37 steps.s0.after[0]: steps wait for each other in a cycle: ${[...ids, 's0'].join(' → ')}`,
    ]);
  });
});

describe('a name', () => {
  it.each(['__proto__', 'toString', '1', '0x10', '-a', 'a-', 'a.b', 'ä', `a${'b'.repeat(63)}`])(
    'is refused as the id of a step: %s',
    (id) => {
      const problems = problemsOf(`steps:\n  ${id}: { kind: task, run: a }\n`);
      expect(problems).toEqual([
        expect.stringMatching(/^suite\.yaml:2:3 steps: expected the id of a step: .*, found "/),
      ]);
    },
  );

  it('may be that of something in JavaScript', () => {
    const suite = readValid(`steps:
  constructor: { kind: task, run: a, env: { constructor: x, toString: y }, headers: { valueOf: z } }
  valueof: { kind: task, run: a, after: constructor }`);
    expect(suite.steps.map(({ id }) => id)).toEqual(['constructor', 'valueof']);
    expect(suite.steps[0]).toMatchObject({
      env: { constructor: 'x', toString: 'y' },
      headers: { valueOf: 'z' },
    });
  });

  it('of the folder becomes the id, or the suite needs one', () => {
    expect(readValid('steps: { a: { kind: task, run: a } }')).toMatchObject({ id: 'demo', title: 'demo' });
    expect(readValid('id: other\nsteps: { a: { kind: task, run: a } }')).toMatchObject({ id: 'other' });
  });
});

describe('what a suite says', () => {
  it('is kept in the order of the file, with short forms written out', () => {
    const nodes = planOf(`
defaults: { retries: 1, resources: { memory: 64Mi } }
steps:
  z:
    kind: service
    run: serve
    ports: 80
  b:
    kind: test
    run: [node, t.js, 1.10, true]
    cwd: /tmp//x/
    after: z
    timeout: 1m30s
    grace: 0s
    retries: { max: 2 }
    expect_exit: [0, 3]
    expect_logs: ["/^a+$/", b, { text: c, stream: stderr }]
    export: [out/**, { path: j.xml, format: junit }, { path: c.xml, format: cobertura, on: success, required: false, coverage: { min: 80, drop: 0.5 } }, { path: r/*, format: auto, min_tests: 3 }]
    env: { VERSION: 1.10, ON: true, EMPTY: "" }
    resources: { cpu: 500m }
`);
    expect(nodes).toMatchObject([
      {
        id: 'z',
        command: ['sh', '-c', 'serve'],
        retries: { max: 0, backoffMs: 1_000 },
        resources: { cpu: null, memoryBytes: 67_108_864, pids: null },
        ready: { probes: [{ type: 'tcp', port: 80 }], forMs: 0, intervalMs: 250, timeoutMs: 60_000 },
      },
      {
        id: 'b',
        command: ['node', 't.js', '1.10', 'true'],
        cwd: '/tmp/x',
        after: ['z'],
        timeoutMs: 90_000,
        graceMs: 0,
        retries: { max: 2, backoffMs: 1_000 },
        expectExit: [0, 3],
        expectLogs: [
          { text: null, pattern: '^a+$', stream: 'any' },
          { text: 'b', pattern: null, stream: 'any' },
          { text: 'c', pattern: null, stream: 'stderr' },
        ],
        exports: [
          { path: 'out/**', format: 'file', on: 'always', required: false },
          { path: 'j.xml', format: 'junit', on: 'always', required: true },
          {
            path: 'c.xml',
            format: 'cobertura',
            on: 'success',
            required: false,
            coverage: { min: 80, drop: 0.5 },
          },
          { path: 'r/*', format: 'auto', on: 'always', required: true, minTests: 3 },
        ],
        env: { VERSION: '1.10', ON: 'true', EMPTY: '' },
        resources: { cpu: 0.5, memoryBytes: 67_108_864, pids: null },
      },
    ]);
  });

  it.each([
    ['tcp: 80', { type: 'tcp', port: 80 }],
    ['http: 80', { type: 'http', port: 80, path: '/', status: null }],
    ['http: 80/health?x=1', { type: 'http', port: 80, path: '/health?x=1', status: null }],
    ['http: { port: 80, status: 204 }', { type: 'http', port: 80, path: '/', status: [204] }],
    ['exec: test -f /up', { type: 'exec', argv: ['sh', '-c', 'test -f /up'] }],
    ['log: { pattern: up$ }', { type: 'log', rule: { text: null, pattern: 'up$', stream: 'any' }, count: 1 }],
    [
      'log: { text: up, count: 2 }',
      { type: 'log', rule: { text: 'up', pattern: null, stream: 'any' }, count: 2 },
    ],
    ['healthcheck: true', { type: 'healthcheck' }],
  ])('about readiness is one of five probes: %s', (probe, read) => {
    const nodes = planOf(`steps: { a: { kind: mock, run: a, ports: [80], ready: { ${probe} } } }`);
    expect(nodes[0]?.ready?.probes).toEqual([read]);
  });

  it('about readiness may be several probes, which hold for a while', () => {
    const nodes = planOf(
      'steps: { a: { kind: mock, run: a, ports: [80], ready: { log: up, tcp: 80, for: 2s, timeout: 5s } } }',
    );
    expect(nodes[0]?.ready).toEqual({
      probes: [
        { type: 'tcp', port: 80 },
        { type: 'log', rule: { text: 'up', pattern: null, stream: 'any' }, count: 1 },
      ],
      forMs: 2_000,
      intervalMs: 250,
      timeoutMs: 5_000,
    });
  });

  it('has the default probe under the times that `ready` alone names', () => {
    const nodes = planOf(
      `steps:
  a: { kind: mock, run: a, ports: [80, 81], ready: { timeout: 5s, for: 2s } }
  b: { kind: service, run: a, healthcheck: { test: a }, ports: 80, ready: { interval: 1s } }`,
    );
    expect(nodes.map(({ ready }) => ready)).toEqual([
      { probes: [{ type: 'tcp', port: 80 }], forMs: 2_000, intervalMs: 250, timeoutMs: 5_000 },
      { probes: [{ type: 'healthcheck' }], forMs: 0, intervalMs: 1_000, timeoutMs: 60_000 },
    ]);
    expect(problemsOf('steps: { a: { kind: service, image: a, ready: { timeout: 5s } } }')).toEqual([
      'suite.yaml:1:47 steps.a.ready: expected at least one of tcp, http, exec, log, healthcheck, or "ports" or "healthcheck" of the step, found none',
    ]);
    expect(problemsOf('steps: { a: { kind: service, image: a, ready: {} } }')).toEqual([
      'suite.yaml:1:47 steps.a.ready: expected a probe or a time, found none',
    ]);
  });

  it('is that it always runs, or not', () => {
    const nodes = planOf('steps: { a: { kind: task, run: a, always: true }, b: { kind: task, run: b } }');
    expect(nodes.map(({ always }) => always)).toEqual([true, false]);
  });

  it.each([
    ['tcp: 81', '.tcp: expected one of the step\'s "ports" (80), found 81'],
    ['tcp: 80, http: 81/x', '.http: expected one of the step\'s "ports" (80), found 81'],
    ['log: { text: up, count: 0 }', '.log.count: expected a number of lines from 1 to 1000000, found 0'],
    ['healthcheck: false', '.healthcheck: expected true, found false; leave "ready" out instead'],
    ['http: 80health', '.http: expected a port and a path such as "8080/health", found "80health"'],
    [
      'tcp: 80, interval: 1ms',
      '.interval: expected a duration such as 250ms, 30s or 1m30s of at least 20ms, found "1ms"',
    ],
  ])('about readiness can be wrong: %s', (probe, problem) => {
    const problems = problemsOf(`steps: { a: { kind: mock, run: a, ports: [80], ready: { ${probe} } } }`);
    expect(problems.map((line) => line.replace(/^suite\.yaml:1:\d+ /, ''))).toEqual([
      `steps.a.ready${problem}`,
    ]);
  });
});
