import { expect } from 'vitest';
import type { KeyCase } from './key-case';

const junit = (failures: number) =>
  `<testsuite name="s" tests="1" failures="${failures}"><testcase name="c">${failures ? '<failure message="no"/>' : ''}</testcase></testsuite>`;
const lcov = (covered: string) => `SF:a.js\\nDA:1,1\\nDA:2,${covered}\\nend_of_record\\n`;

/** Keys that say when a step runs, how long it may and what counts as success. */
export const outcomeCases: KeyCase[] = [
  {
    title: 'say when a step runs',
    keys: [
      'steps',
      'steps.*.kind',
      'steps.*.name',
      'steps.*.after',
      'steps.*.on_failure',
      'steps.*.always',
      'steps.*.continue_on_failure',
      'steps.*.expect_exit',
    ],
    files: {
      'suite.yaml': `
defaults: { image: gantry/toolbox:local }
steps:
  breaks: { kind: task, name: The one that breaks, run: exit 3 }
  forgiven: { kind: task, run: exit 3, continue_on_failure: true }
  expected: { kind: test, run: exit 3, expect_exit: [3, 4] }
  goes-on: { kind: task, run: "true", after: forgiven }
  follows: { kind: task, run: "true", after: breaks }
  always: { kind: task, run: "true", after: breaks, always: true }
  watches: { kind: task, run: "true", on_failure: breaks }
  idle: { kind: task, run: "true", on_failure: expected }
`,
    },
    status: 'failed',
    steps: {
      breaks: { status: 'failed', reason: 'exit code 3' },
      forgiven: { status: 'failed', reason: 'exit code 3' },
      expected: {},
      'goes-on': {},
      follows: { status: 'skipped' },
      always: {},
      watches: {},
      idle: { status: 'skipped' },
    },
    async check({ steps }) {
      const [breaks, forgiven] = steps;
      expect([breaks?.name, forgiven?.name]).toEqual(['The one that breaks', 'forgiven']);
      const [goesOn, expected] = ['goes-on', 'expected'].map((id) => steps.find((step) => step.id === id));
      expect([goesOn?.kind, expected?.kind]).toEqual(['task', 'test']);
      expect(Date.parse(goesOn?.startedAt ?? '')).toBeGreaterThanOrEqual(
        Date.parse(forgiven?.finishedAt ?? ''),
      );
    },
  },
  {
    title: 'limit its time',
    keys: ['defaults.timeout', 'steps.*.timeout', 'steps.*.grace'],
    files: {
      'suite.yaml': `
defaults: { image: gantry/toolbox:local, timeout: 1s }
steps:
  usual: { kind: task, run: sleep 1000, after: [patient, hasty] }
  own: { kind: task, run: sleep 1000, timeout: 1500ms, after: [patient, hasty] }
  patient:
    kind: service
    run: trap 'sleep 2; echo late; exit 0' TERM; echo up; while true; do sleep 0.1; done
    ready: { log: up, timeout: 2m }
    grace: 2m
  hasty:
    kind: service
    run: trap 'sleep 2; echo late; exit 0' TERM; echo up; while true; do sleep 0.1; done
    ready: { log: up, timeout: 2m }
    grace: 10ms
`,
    },
    status: 'timed_out',
    steps: {
      usual: { status: 'timed_out', reason: /\b1 s\b/ },
      own: { status: 'timed_out', reason: /\b1\.5 s\b/ },
      patient: { prints: ['up', 'late'] },
      hasty: { prints: ['up'] },
    },
  },
  {
    title: 'repeat it',
    keys: [
      'defaults.retries',
      'defaults.retries.max',
      'defaults.retries.backoff',
      'steps.*.retries',
      'steps.*.retries.max',
      'steps.*.retries.backoff',
    ],
    files: {
      'suite.yaml': `
defaults: { image: gantry/toolbox:local, retries: { max: 1, backoff: 30ms } }
steps:
  usual: { kind: task, run: test "$GANTRY_ATTEMPT" = 2 }
  own: { kind: task, run: test "$GANTRY_ATTEMPT" = 3, retries: { max: 2, backoff: 10ms } }
`,
    },
    steps: { usual: { attempts: 2 }, own: { attempts: 3 } },
    async check({ id }, { gantry }) {
      const events = await gantry.store.events.read(id, 0, 1_000);
      const pauses = (stepId: string) =>
        events.flatMap((event) =>
          event.type === 'attempt.finished' && event.stepId === stepId && event.retryAt !== null
            ? [Date.parse(event.retryAt) - Date.parse(event.at)]
            : [],
        );
      expect(pauses('usual')).toHaveLength(1);
      // The time is taken before the event is: without the key it would be a second.
      expect(Math.max(...pauses('usual'))).toBeLessThanOrEqual(30);
      expect(pauses('own')).toHaveLength(2);
      expect(Math.max(...pauses('own'))).toBeLessThanOrEqual(20);
    },
  },
  {
    title: 'judge what it prints',
    keys: ['expect_logs', 'fail_on_logs'].flatMap((key) =>
      ['', '.text', '.pattern', '.stream'].map((part) => `steps.*.${key}${part}`),
    ),
    files: {
      'suite.yaml': `
defaults: { image: gantry/toolbox:local }
steps:
  text: { kind: task, run: echo one, expect_logs: [one, { text: two }] }
  pattern: { kind: task, run: echo one, expect_logs: [/^o.e$/, { pattern: ^t.o$ }] }
  stream: { kind: task, run: echo one, expect_logs: { text: one, stream: stderr } }
  all: { kind: task, run: echo one; echo two >&2, expect_logs: [{ text: one, stream: stdout }, { pattern: t.o }] }
  no-text: { kind: task, run: echo one, fail_on_logs: { text: one } }
  no-pattern: { kind: task, run: echo one, fail_on_logs: { pattern: ^o.e$ } }
  no-stream: { kind: task, run: echo one, fail_on_logs: { text: one, stream: stderr } }
`,
    },
    status: 'failed',
    steps: {
      text: { status: 'failed', reason: /two/ },
      pattern: { status: 'failed', reason: /t\.o/ },
      stream: { status: 'failed', reason: /one/ },
      all: {},
      'no-text': { status: 'failed', reason: /one/ },
      'no-pattern': { status: 'failed', reason: /one/ },
      'no-stream': {},
    },
  },
  {
    title: 'keep its files and judge its reports',
    keys: [
      'steps.*.export',
      ...['path', 'format', 'on', 'required', 'min_tests', 'coverage', 'coverage.min'].map(
        (part) => `steps.*.export.${part}`,
      ),
    ],
    files: {
      'suite.yaml': `
defaults: { image: gantry/toolbox:local, env: { COVERED: "1" } }
steps:
  path:
    kind: task
    run: cd "$GANTRY_ARTIFACTS"; touch a.txt b.txt c.txt
    export: [{ path: "a.*" }, { path: b.txt, on: failure }]
  required: { kind: task, run: "true", export: { path: none, required: true } }
  format:
    kind: test
    run: echo '${junit(1)}' > "$GANTRY_ARTIFACTS/r.xml"
    export: { path: r.xml, format: junit }
  min-tests:
    kind: test
    run: echo '${junit(0)}' > "$GANTRY_ARTIFACTS/r.xml"
    export: { path: r.xml, format: junit, min_tests: 3 }
  min-coverage:
    kind: test
    run: printf '${lcov('0')}' > "$GANTRY_ARTIFACTS/r.info"
    export: { path: r.info, format: lcov, coverage: { min: 80 } }
`,
    },
    status: 'failed',
    steps: {
      path: { artifacts: ['a.txt'] },
      required: { status: 'failed', reason: /none/ },
      format: { status: 'failed', reason: /1 .*failed/, artifacts: ['r.xml'] },
      'min-tests': { status: 'failed', reason: 'min_tests is 3', artifacts: ['r.xml'] },
      'min-coverage': { status: 'failed', reason: 'coverage.min is 80', artifacts: ['r.info'] },
    },
  },
  {
    title: 'compare its coverage with that of the run before',
    keys: ['steps.*.export.coverage.drop'],
    files: {
      'suite.yaml': `
steps:
  covered:
    kind: test
    image: gantry/toolbox:local
    run: printf "${lcov('$COVERED')}" > "$GANTRY_ARTIFACTS/r.info"
    env: { COVERED: "1" }
    export: { path: r.info, format: lcov, coverage: { drop: 10 } }
`,
    },
    steps: { covered: { artifacts: ['r.info'] } },
    async check(_, { gantry, suiteId }) {
      const worse = await gantry.run({ suiteId, backend: 'local', env: { COVERED: '0' } });
      expect(worse.steps[0]?.result?.reason).toContain('coverage.drop is 10');
    },
  },
];
