import { describe, expect, it } from 'vitest';
import { makeSuiteFolder, problemsIn, problemsOf } from '../suite-folder';

/** Each is told within a second where nothing else runs; this many times that is allowed here. */
const limitMs = 20_000;
const maxGrowthBytes = 150 * 1024 * 1024;

const letters = [...'abcdefghij'];

const bombs: [string, string, string][] = [
  [
    'an alias bomb',
    letters
      .map(
        (letter, level) =>
          `${letter}: &${letter} [${Array(10).fill(level ? `*${letters[level - 1]}` : 'x')}]`,
      )
      .join('\n'),
    'suite.yaml:6:17 expected at most 500000 values with aliases expanded, found more',
  ],
  [
    'a merge bomb',
    letters
      .map((letter, level) =>
        level === 0
          ? 'a: &a { x: 1 }'
          : `${letter}: &${letter}\n  <<: [${Array(10).fill(`*${letters[level - 1]}`)}]`,
      )
      .join('\n'),
    'suite.yaml:13:11 expected at most 500000 values with aliases expanded, found more',
  ],
  ['an alias of itself', 'a: &a [*a]', 'suite.yaml:1:8 expected at most 100 levels of nesting, found more'],
  [
    'lists 20,000 deep',
    `a: ${'['.repeat(20_000)}${']'.repeat(20_000)}`,
    'suite.yaml:1:103 expected at most 100 levels of nesting, found more',
  ],
  [
    'mappings 20,000 deep',
    `a: ${'{a: '.repeat(20_000)}${'}'.repeat(20_000)}`,
    'suite.yaml:1:397 expected at most 100 levels of nesting, found more',
  ],
  [
    'a list in a list, 20,000 deep',
    `${'- '.repeat(20_000)}a`,
    'suite.yaml:1:201 expected at most 100 levels of nesting, found more',
  ],
  [
    'a function',
    'steps:\n  a:\n    kind: task\n    run: !!js/function "function () { process.exit(1) }"',
    'suite.yaml:4:10 expected plain YAML, found the tag !!js/function; tags are not supported',
  ],
  [
    'an object of another language',
    'a: !!python/object/apply:os.system [id]',
    'suite.yaml:1:4 expected plain YAML, found the tag !!python/object/apply:os.system; tags are not supported',
  ],
  [
    '50 MB',
    `title: ${'x'.repeat(50_000_000)}`,
    'suite.yaml:1:1 expected a file of at most 2.0 MiB, found 47.7 MiB',
  ],
  [
    '3 MB of steps',
    `steps:\n${Array.from({ length: 60_000 }, (_, n) => `  step-number-${n}: { kind: task, run: echo ${n} }`).join('\n')}`,
    'suite.yaml:1:1 expected a file of at most 2.0 MiB, found 3.0 MiB',
  ],
  [
    '100,000 keys, half of them twice',
    `steps:\n${Array.from({ length: 100_000 }, (_, n) => `  s${n % 50_000}: {}`).join('\n')}`,
    'suite.yaml:50002:3 expected each key once, found "s0" again',
  ],
  [
    '200,000 keys on one line',
    `a: { ${Array.from({ length: 200_000 }, (_, n) => `s${n % 1_000}: 1`).join(', ')} }`,
    'suite.yaml:1:8896 expected each key once, found "s0" again',
  ],
];

describe('a hostile suite.yaml', () => {
  it.each(bombs)('is told with its place, soon and in little memory: %s', (_what, text, problem) => {
    const folder = makeSuiteFolder(text);
    const before = { ms: performance.now(), rss: process.memoryUsage.rss() };
    const problems = problemsIn(folder);
    expect(problems).toEqual([problem]);
    expect(performance.now() - before.ms).toBeLessThan(limitMs);
    expect(process.memoryUsage.rss() - before.rss).toBeLessThan(maxGrowthBytes);
  });

  it('has its keys that are there twice told, and the rest of it read all the same', () => {
    expect(
      problemsOf(
        'steps:\n  a: { kind: task, run: a }\n  b: { kind: tsk, run: a, run: b }\n  a: { kind: test, run: a }',
      ),
    ).toEqual([
      'suite.yaml:3:14 steps.b.kind: expected one of service, mock, task, test, traffic, suite, found "tsk"; did you mean "task"?',
      'suite.yaml:3:27 expected each key once, found "run" again; it is already on line 3',
      'suite.yaml:4:3 expected each key once, found "a" again; it is already on line 2',
    ]);
  });

  it('has merge keys refused where they stand', () => {
    const text =
      'steps:\n  a: &a { kind: task, run: a, env: { A: 1 } }\n  b:\n    kind: task\n    run: b\n    env:\n      <<: *a';
    expect(problemsOf(text)).toContain(
      'suite.yaml:7:7 steps.b.env: merge keys ("<<") are not supported; use "defaults", or write the keys out',
    );
  });

  it('reaches nothing by a key called __proto__', () => {
    const problems = problemsOf({
      'suite.yaml':
        '__proto__: { polluted: 1 }\nsteps:\n  __proto__: { kind: task }\n  a: { kind: task, run: a, env: { __proto__: x } }',
      'profiles/p.yaml': 'env: { __proto__: x }\nsteps: { __proto__: { env: { A: 1 } } }',
    });
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
      'suite.yaml:1:1',
      'suite.yaml:3:3',
      'suite.yaml:4:35',
      'profiles/p.yaml:1:8',
      'profiles/p.yaml:2:10',
    ]);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});

describe('a large suite.yaml', () => {
  it('has the first 200 of its mistakes told, and how many more there are', () => {
    const steps = Array.from({ length: 20_000 }, (_, n) => `  s${n}: { kind: tsk, run: a, after: [x${n}] }`);
    const problems = problemsOf(`steps:\n${steps.join('\n')}`);
    expect(problems).toHaveLength(201);
    expect(problems[199]).toMatch(/^suite\.yaml:201:\d+ steps\.s199\.kind: /);
    expect(problems[200]).toBe('suite.yaml:1:1 and 39800 more problems');
  });

  it('has the place of a mistake told to the column where its steps stand on lines of their own', () => {
    const lines = Array.from({ length: 30_000 }, (_, n) => `  s${n}:\n    kind: task\n    run: a`);
    lines[29_000] = '  s29000: # why\n\n    kind: task\n    run: a\n    retries: { max: 1, backof: 1s }';
    expect(problemsOf(`title: Large\n\nsteps: # many\n${lines.join('\n')}`)).toEqual([
      'suite.yaml:87008:24 steps.s29000.retries: unknown key "backof"; did you mean "backoff"?',
    ]);
  });

  it('has the place of the key told where the syntax tree would be too large', () => {
    const steps = Array.from(
      { length: 30_000 },
      (_, n) => `s${n}: {kind: task, run: ${n === 29_000 ? '""' : 'a'}}`,
    );
    expect(problemsOf(`title: Large\nsteps: { ${steps.join(', ')} }`)).toEqual([
      'suite.yaml:2:1 steps.s29000.run: expected a command, found an empty text',
    ]);
  });
});

describe('the place of a mistake', () => {
  it.each([
    ['in flow style', 'steps: {\n  a: { kind: task, run: a },\n  b: { kind: tsk, run: a } }', '3:14'],
    ['with Windows line ends', 'steps:\r\n  a:\r\n    kind: tsk\r\n    run: a\r\n', '3:11'],
    ['with a byte order mark', '\ufeffsteps:\n  a: { kind: tsk, run: a }', '2:14'],
    ['under quoted keys', '"steps":\n  \'a\':\n    "kind": tsk\n    run: a', '3:13'],
    ['after a document marker', '---\nsteps:\n  a: { kind: tsk, run: a }', '3:14'],
    [
      'after a text over several lines',
      'description: >\n  a: b\n\n  c\nsteps:\n  a: { kind: tsk, run: a }',
      '6:14',
    ],
    ['in steps that are not indented alike', 'steps:\n    a:\n       kind: tsk\n       run: a', '3:14'],
    ['behind an anchor', 'steps: &all\n  a: { kind: tsk, run: a }', '2:14'],
    ['in a value that an alias stands for', 'steps:\n  a: &a\n    kind: tsk\n    run: a\n  b: *a', '3:11'],
  ])('is right %s', (_how, text, place) => {
    expect(problemsOf(text)[0]).toMatch(new RegExp(`^suite\\.yaml:${place} steps\\.[ab]\\.kind: `));
  });
});
