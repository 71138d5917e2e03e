import { describe, expect, it } from 'vitest';
import { makePlan } from '@/lib/planning/make-plan';
import type { Suite } from '@/lib/suites/suite';
import { readValid, type SuiteFiles } from '../suites/suite-folder';

const nothing = { profile: null, platformEnv: {}, env: {} };

function orderOf(suite: Suite): string[] {
  return makePlan(suite, nothing).nodes.map(({ id }) => id);
}

function stepsInOrder(steps: Record<string, string>): string[] {
  const lines = Object.entries(steps).map(
    ([id, after]) => `  ${id}: { kind: task, run: a, after: [${after}] }`,
  );
  return orderOf(readValid(`steps:\n${lines.join('\n')}`));
}

describe('the layers of env', () => {
  /** Variable N is set by layer N and all below it, so that its value says which layer has won. */
  const layers = ['defaults', 'step', 'platform', 'base', 'profile', 'base-step', 'profile-step', 'request'];
  const envOf = (layer: string) =>
    Object.fromEntries(
      layers.slice(layers.indexOf(layer)).map((from) => [`BELOW_${layers.indexOf(from)}`, layer]),
    );
  const yaml = (layer: string) => JSON.stringify(envOf(layer));

  const files: SuiteFiles = {
    'suite.yaml': `defaults: { env: ${yaml('defaults')} }\nsteps:\n  a: { kind: task, run: a, env: ${yaml('step')} }\n  b: { kind: task, run: b }`,
    'profiles/base.yaml': `launchable: false\nenv: ${yaml('base')}\nsteps: { a: { env: ${yaml('base-step')} } }`,
    'profiles/p.yaml': `extends: base\nenv: ${yaml('profile')}\nsteps: { a: { env: ${yaml('profile-step')} } }`,
  };

  it('are laid over each other in the order that docs/suites.md says', () => {
    const plan = makePlan(readValid(files), {
      profile: 'p',
      platformEnv: envOf('platform'),
      env: envOf('request'),
    });
    const [a, b] = plan.nodes;
    expect(a?.env).toEqual(Object.fromEntries(layers.map((layer, position) => [`BELOW_${position}`, layer])));
    // What is said for one step alone reaches no other.
    expect(b?.env).toEqual({
      BELOW_0: 'defaults',
      BELOW_1: 'defaults',
      BELOW_2: 'platform',
      BELOW_3: 'base',
      BELOW_4: 'profile',
      BELOW_5: 'profile',
      BELOW_6: 'profile',
      BELOW_7: 'request',
    });
  });

  it('replace a variable as a whole, also by an empty one', () => {
    const suite = readValid({
      'suite.yaml':
        'defaults: { env: { A: low, B: low } }\nsteps: { a: { kind: task, run: a, env: { A: "" } } }',
    });
    expect(makePlan(suite, { ...nothing, env: { B: '' } }).nodes[0]?.env).toEqual({ A: '', B: '' });
  });

  it('are the same for headers, which neither the platform nor a launch sets', () => {
    const headers = (names: string, value: string) =>
      `headers: { ${[...names].map((name) => `${name}: ${value}`).join(', ')} }`;
    const suite = readValid({
      'suite.yaml': `defaults: { ${headers('ABCD', 'defaults')} }\nsteps: { a: { kind: traffic, run: a, ${headers('BCD', 'step')} } }`,
      'profiles/p.yaml': `${headers('CD', 'profile')}\nsteps: { a: { ${headers('D', 'profile-step')} } }`,
    });
    expect(
      makePlan(suite, { profile: 'p', platformEnv: { A: 'x' }, env: { A: 'x' } }).nodes[0]?.headers,
    ).toEqual({
      A: 'defaults',
      B: 'step',
      C: 'profile',
      D: 'profile-step',
    });
  });
});

describe('the profile of a plan', () => {
  const suite = (files: SuiteFiles) =>
    readValid({ 'suite.yaml': 'steps: { a: { kind: task, run: a } }', ...files });

  it.each([
    ['the chosen one', { 'profiles/a.yaml': '', 'profiles/b.yaml': 'default: true' }, 'a', 'a'],
    ['else the default one', { 'profiles/a.yaml': '', 'profiles/b.yaml': 'default: true' }, null, 'b'],
    [
      'else the first that can be launched',
      { 'profiles/a.yaml': 'launchable: false', 'profiles/b.yaml': '' },
      null,
      'b',
    ],
    ['called default where there is none', {}, null, 'default'],
  ])('is %s', (_which, files, wanted, profile) => {
    expect(makePlan(suite(files), { ...nothing, profile: wanted }).profile).toBe(profile);
  });

  it.each([
    ['c', 'The suite demo has no profile "c". It can be launched with: b.'],
    ['a', 'The profile "a" of the suite demo is only there to be extended. It can be launched with: b.'],
    ['', 'The suite demo has no profile "". It can be launched with: b.'],
  ])('is not %j, and the message says which there are', (wanted, message) => {
    const read = suite({ 'profiles/a.yaml': 'launchable: false', 'profiles/b.yaml': '' });
    expect(() => makePlan(read, { ...nothing, profile: wanted })).toThrow(
      expect.objectContaining({ code: 'profile_not_found', message }),
    );
  });
});

describe('the order of a plan', () => {
  it('is that of the file on ties', () => {
    expect(stepsInOrder({ c: '', a: '', b: '' })).toEqual(['c', 'a', 'b']);
    expect(stepsInOrder({ d: 'a', c: '', b: 'c', a: '' })).toEqual(['c', 'b', 'a', 'd']);
    expect(stepsInOrder({ a10: '', a9: '', a1: '' })).toEqual(['a10', 'a9', 'a1']);
  });

  it('counts on_failure as well as after, and numbers the nodes', () => {
    const suite = readValid(`steps:
  diagnose: { kind: task, run: a, on_failure: test }
  report: { kind: task, run: a, after: diagnose }
  test: { kind: test, run: a }`);
    const { nodes } = makePlan(suite, nothing);
    expect(nodes.map(({ id, index }) => [id, index])).toEqual([
      ['test', 0],
      ['diagnose', 1],
      ['report', 2],
    ]);
  });

  it('is refused for a suite that was not read from files and has a cycle, a stranger or a double', () => {
    const suite = readValid('steps: { a: { kind: task, run: a }, b: { kind: task, run: a, after: a } }');
    const [a, b] = suite.steps;
    if (!a || !b) throw new Error('expected two steps');
    const steps = [
      { ...a, after: ['b'] },
      { ...b, on_failure: ['bb'] },
      { ...b, id: 'a', after: [] },
    ];
    expect(() => makePlan({ ...suite, steps }, nothing)).toThrow(
      expect.objectContaining({
        code: 'plan_invalid',
        issues: expect.arrayContaining([
          { path: 'steps.a', message: 'the id a is there twice' },
          { path: 'steps.b.on_failure', message: 'there is no step "bb"; did you mean "b"?' },
        ]),
      }),
    );
    expect(() => makePlan({ ...suite, steps: [{ ...a, after: ['b'] }, b] }, nothing)).toThrow('a → b → a');
    expect(() => makePlan({ ...suite, steps: [] }, nothing)).toThrow('there is no step to run');
  });
});

describe('a node of a plan', () => {
  it('has every default filled in', () => {
    const suite = readValid('steps: { a: { kind: task, run: a } }');
    expect(makePlan(suite, nothing).nodes[0]).toMatchObject({
      name: 'a',
      image: null,
      pull: 'missing',
      timeoutMs: 600_000,
      graceMs: 10_000,
      retries: { max: 0, backoffMs: 1_000 },
      expectExit: [0],
      resources: { cpu: null, memoryBytes: null, pids: null },
      packageDigest: suite.packageDigest,
    });
  });

  it("takes the suite's defaults where it has none of its own, resources key by key, a service no retries", () => {
    const suite = readValid(`
defaults: { image: base:1, timeout: 1m, retries: 3, resources: { memory: 64Mi, pids: 10 } }
steps:
  own: { kind: task, image: own:1, timeout: 2s, retries: 0, resources: { memory: 32Mi } }
  none: { kind: task }
  up: { kind: service, run: serve }`);
    expect(makePlan(suite, nothing).nodes).toMatchObject([
      {
        image: 'own:1',
        timeoutMs: 2_000,
        retries: { max: 0 },
        resources: { memoryBytes: 32 * 1024 ** 2, pids: 10 },
      },
      { image: 'base:1', timeoutMs: 60_000, retries: { max: 3 }, resources: { memoryBytes: 64 * 1024 ** 2 } },
      { image: 'base:1', retries: { max: 0 } },
    ]);
  });
});

describe('a warning of a plan', () => {
  it.each([
    ['nobody waits for a service', 's: { kind: service, run: a }', ['Nothing waits for the service s']],
    [
      'a service has a timeout and retries',
      's: { kind: mock, run: a, timeout: 1s, retries: 1 }\n  t: { kind: test, run: a, after: s }',
      ['"timeout" does not limit it', 'retries count only until it is ready'],
    ],
    [
      'a step needs another to succeed and to fail',
      'a: { kind: task, run: a }\n  b: { kind: task, run: a, after: a, on_failure: a }',
      ['b never runs'],
    ],
    [
      'a step always runs',
      'a: { kind: task, run: a }\n  b: { kind: task, run: a, after: a, on_failure: a, always: true }',
      [],
    ],
    [
      'it may fail and go on',
      'a: { kind: task, run: a, continue_on_failure: true }\n  b: { kind: task, run: a, after: a, on_failure: a }',
      [],
    ],
    ['all is well', 's: { kind: service, run: a }\n  t: { kind: test, run: a, after: s, timeout: 1s }', []],
  ])('is there when %s', (_what, steps, warnings) => {
    const suite = readValid(`steps:\n  ${steps}`);
    expect(makePlan(suite, nothing).warnings).toEqual(warnings.map((part) => expect.stringContaining(part)));
  });
});

describe('secrets as files', () => {
  const suite = {
    'suite.yaml': 'steps: { db: { kind: service, image: db, secret_files: [PASSWORD, TOKEN] } }',
    'profiles/full.yaml':
      'default: true\nsecrets: [{ key: PASSWORD, from: "env:PW" }, { key: TOKEN, from: "env:T" }]',
    'profiles/bare.yaml': 'secrets: [{ key: TOKEN, from: "env:T" }]',
  };

  it('are of the profile', () => {
    const [db] = makePlan(readValid(suite), nothing).nodes;
    expect(db?.container.secretFiles).toEqual(['PASSWORD', 'TOKEN']);
  });

  it('are refused under a profile without them', () => {
    expect(() => makePlan(readValid(suite), { ...nothing, profile: 'bare' })).toThrow(
      'The suite demo cannot be planned: db gets PASSWORD as files, and the profile bare has no secret of that key; name it in the profile\'s "secrets".',
    );
  });
});
