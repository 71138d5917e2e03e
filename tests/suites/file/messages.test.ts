import { describe, expect, it } from 'vitest';
import { nearest } from '@/lib/suites/file/nearest';
import { problemsOf } from '../suite-folder';

/** What is wrong with one step that has these keys, without its place. */
function problemsOfStep(keys: string): string[] {
  return problemsOf(`steps:\n  a: { ${keys} }`).map((problem) =>
    problem.replace(/^suite\.yaml:\d+:\d+ /, ''),
  );
}

describe('a message about a value', () => {
  it.each([
    ['run: 5', 'run: expected a command (text or a list), found 5; put it in quotes: "5"'],
    ['run: a, name: 1.10', 'name: expected a name, found 1.10; put it in quotes: "1.10"'],
    ['run: a, name: True', 'name: expected a name, found True; put it in quotes: "True"'],
    ['run: a, image: 0x10', 'image: expected an image such as node:22, found 0x10; put it in quotes: "0x10"'],
    ['run: a, timeout: 5', 'timeout: expected a duration such as 250ms, 30s or 1m30s, found 5'],
    [
      'run: a, continue_on_failure: "true"',
      'continue_on_failure: expected true or false, found "true"; leave the quotes out',
    ],
    [
      'run: a, expect_exit: ["3"]',
      'expect_exit[0]: expected an exit code from 0 to 255, found "3"; leave the quotes out',
    ],
    [
      'run: a, retries: "2"',
      'retries: expected a number of retries or {max, backoff}, found "2"; leave the quotes out',
    ],
    ['run: a, retries: 200', 'retries: expected a number of retries from 0 to 100, found 200'],
    ['run: a, retries: { max: 1, backof: 1s }', 'retries: unknown key "backof"; did you mean "backoff"?'],
    [
      `run: a, name: ${'x'.repeat(300)}`,
      `name: expected a name, found "${'x'.repeat(77)}…" of 300 characters; the limit is 200`,
    ],
    [
      'run: a, timeout: 200h',
      'timeout: expected a duration such as 250ms, 30s or 1m30s of at most 168h, found "200h"',
    ],
    [
      'run: a, pull: allways',
      'pull: expected one of missing, always, never, found "allways"; did you mean "always"?',
    ],
    ['run: a, pull:', 'pull: expected one of missing, always, never, found nothing'],
    ['run: []', 'run: expected a command, found a list without a program'],
    ['run: [a, [b]]', 'run[1]: expected text, found a list'],
    [
      'run: a, expect_logs: [{ text: a, pattern: b }]',
      'expect_logs[0]: expected either "text" or "pattern", found both',
    ],
    [
      'run: a, expect_logs: [{ text: 5 }]',
      'expect_logs[0].text: expected text to look for, found 5; put it in quotes: "5"',
    ],
    [
      'run: a, fail_on_logs: "/x{0,900}y{0,900}/"',
      'fail_on_logs: expected a pattern of at most 1000 steps: use smaller counts in braces, found "x{0,900}y{0,900}" of 3602 steps',
    ],
    [
      'run: a, export: [{ path: a, on: failed }]',
      'export[0].on: expected one of success, failure, always, found "failed"',
    ],
    [
      'run: a, export: [{ path: a, min_tests: 3 }]',
      'export[0]: expected "min_tests" beside a format of tests, such as junit, found it beside "format: file"',
    ],
    [
      'run: a, export: { path: a, format: junit, coverage: { min: 80 } }',
      'export: expected "coverage" beside a format of coverage, such as cobertura, found it beside "format: junit"',
    ],
    [
      'run: a, export: { path: a, format: lcov, coverage: { min: 101 } }',
      'export.coverage.min: expected a percentage from 0 to 100, such as 80 or 0.5, found 101',
    ],
    ['run: a, resources: 5', 'resources: expected a mapping, found 5'],
    [
      'run: a, resources: { memory: 64.5MB }',
      'resources.memory: expected an amount of memory such as 64Mi, 512M or 1Gi, found "64.5MB"',
    ],
  ])('names the thing, what was expected, what was found and what to do: %s', (keys, message) => {
    expect(problemsOfStep(`kind: task, ${keys}`)).toEqual([`steps.a.${message}`]);
  });

  it('names a key that is missing, at the mapping that it is missing in', () => {
    expect(problemsOf('steps:\n  a: { run: b }\n  c: { kind: suite }')).toEqual([
      'suite.yaml:2:3 steps.a: expected the key "kind", found none',
      'suite.yaml:3:3 steps.c: expected the key "ref", found none',
    ]);
  });

  it('looks at all keys of a step without a kind, or with a wrong one', () => {
    const keys = 'run: "", ports: [0], timeout: 5, afer: [b]';
    const expected = [
      'steps.a: unknown key "afer"; did you mean "after"?',
      'steps.a.ports[0]: expected a port from 1 to 65535, found 0',
      'steps.a.run: expected a command, found an empty text',
      'steps.a.timeout: expected a duration such as 250ms, 30s or 1m30s, found 5',
    ];
    expect(problemsOfStep(keys).sort()).toEqual(
      ['steps.a: expected the key "kind", found none', ...expected].sort(),
    );
    expect(problemsOfStep(`kind: tsk, ${keys}`).sort()).toEqual(
      [
        ...expected,
        'steps.a.kind: expected one of service, mock, task, test, traffic, suite, found "tsk"; did you mean "task"?',
      ].sort(),
    );
  });

  it('says whose a key is that another kind of step has', () => {
    expect(problemsOfStep('kind: traffic, run: a, ports: [80]')).toEqual([
      'steps.a: "ports" is for services and mocks, and this step is a traffic',
    ]);
    expect(problemsOfStep('kind: mock, run: a, reset_mocks: [b]')).toContain(
      'steps.a: "reset_mocks" is for tests, and this step is a mock',
    );
    expect(problemsOfStep('kind: task, run: a, ref: b')).toEqual([
      'steps.a: "ref" is for suites, and this step is a task',
    ]);
  });

  it('wants a request that can be sent of each mock that a test resets', () => {
    const mocked = (mock: string) =>
      problemsOf(`steps:\n  m: { kind: mock, run: a, ${mock} }\n  t: { kind: test, run: b, reset_mocks: m }`);
    expect(mocked('ports: [80], reset: { http: POST /__reset }')).toEqual([]);
    expect(mocked('ports: [80]')).toEqual([
      'suite.yaml:3:41 steps.t.reset_mocks[0]: the mock m cannot be reset, for it has no `reset`: add one to it, such as reset: { http: POST /__reset }',
    ]);
    expect(mocked('reset: { http: POST /__reset }')).toEqual([
      "suite.yaml:2:43 steps.m.reset.http: expected one of the mock's `ports`, found a mock without `ports`",
    ]);
    expect(mocked('ports: [80], reset: { http: POST 81/__reset }')).toEqual([
      "suite.yaml:2:56 steps.m.reset.http: expected one of the mock's `ports`, found 81",
    ]);
    expect(mocked('ports: [80], reset: { http: /__reset }')).toEqual([
      'suite.yaml:2:56 steps.m.reset.http: expected a method and a path such as "POST /__reset", or "POST 9000/__reset" for another port than the first, found "/__reset"',
    ]);
  });

  it('keeps two mistakes in one value apart, and says one mistake once', () => {
    expect(problemsOf('id: ""\nsteps: { a: { kind: task, run: b } }')).toEqual([
      'suite.yaml:1:5 id: expected an id: 1 to 63 lower-case letters, digits and "-", not first or last, found an empty text',
    ]);
  });

  it('is in the order of the file, whatever order the schemas have', () => {
    const text =
      'steps:\n  a:\n    timeout: 5\n    run: ""\n    retries: many\n    image: "a b"\n    kind: task';
    expect(problemsOf(text).map((problem) => problem.split(' ')[0])).toEqual([
      'suite.yaml:3:14',
      'suite.yaml:4:10',
      'suite.yaml:5:14',
      'suite.yaml:6:12',
    ]);
  });
});

describe('the nearest name', () => {
  const keys = ['id', 'title', 'timeout', 'fail_fast', 'continue_on_failure', 'env', 'ref', 'run', 'on'];
  it.each([
    ['titel', 'title'],
    ['tilte', 'title'],
    ['timout', 'timeout'],
    ['failFast', 'fail_fast'],
    ['continue-on-failure', 'continue_on_failure'],
    ['continueOnFailur', 'continue_on_failure'],
    ['evn', 'env'],
    ['Run', 'run'],
  ])('is found for a slip: %s', (name, near) => {
    expect(nearest(name, keys)).toBe(near);
  });

  it.each(['if', 'a', 'uses', 'needs', 'jobs', 'cmd', 'volumes', 'restart', 'on_error', 'x'.repeat(200)])(
    'is not made up: %s',
    (name) => {
      expect(nearest(name, keys)).toBeNull();
    },
  );
});
