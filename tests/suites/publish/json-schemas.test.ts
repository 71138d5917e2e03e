import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Ajv2020 from 'ajv/dist/2020';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { z } from 'zod';
import { parseBy } from '@/lib/suites/file/parse';
import { dependenciesYaml } from '@/lib/suites/file/schema/dependencies-yaml';
import { lockYaml } from '@/lib/suites/file/schema/lock-yaml';
import { profileYaml } from '@/lib/suites/file/schema/profile-yaml';
import { suiteYaml } from '@/lib/suites/file/schema/suite-yaml';
import { exampleSuites } from './example-suites';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const ajv = new Ajv2020({ strict: false, allowUnionTypes: true });

interface FileKind {
  refuses(data: unknown): boolean;
  schema: z.ZodType;
}

function kindOf(file: string, schema: z.ZodType): FileKind {
  const validate = ajv.compile(
    JSON.parse(readFileSync(path.join(root, 'public/schemas', `${file}.schema.json`), 'utf8')),
  );
  return { refuses: (data) => !validate(data), schema };
}

const suite = kindOf('suite', suiteYaml);
const profile = kindOf('profile', profileYaml);
const dependencies = kindOf('dependencies', dependenciesYaml);
const lock = kindOf('dependencies.lock', lockYaml);

function fileKind(file: string): FileKind {
  if (file.startsWith('profiles/')) return profile;
  if (file === 'dependencies.yaml') return dependencies;
  return file === 'dependencies.lock.yaml' ? lock : suite;
}

/** Every YAML file of the example suites, and of the suites that docs/suites.md shows. */
function exampleFiles(): [string, unknown][] {
  const found: [string, unknown][] = [];
  for (const name of readdirSync(path.join(root, 'suites'))) {
    const folder = path.join(root, 'suites', name);
    const profiles = existsSync(path.join(folder, 'profiles'))
      ? readdirSync(path.join(folder, 'profiles'))
      : [];
    const files = [
      ...profiles.map((file) => `profiles/${file}`),
      ...readdirSync(folder).filter((file) => file.endsWith('.yaml')),
    ];
    for (const file of files) found.push([file, parse(readFileSync(path.join(folder, file), 'utf8')) ?? {}]);
  }
  for (const files of exampleSuites()) {
    for (const [file, text] of Object.entries(files)) {
      if (file.endsWith('.yaml')) found.push([file, parse(text) ?? {}]);
    }
  }
  return found;
}

describe('the JSON Schemas for editors', () => {
  it('accept every file of the examples and of the documentation, as Gantry does', () => {
    const files = exampleFiles();
    expect(files.length).toBeGreaterThan(25);
    for (const [file, data] of files) {
      expect([file, fileKind(file).refuses(data)]).toEqual([file, false]);
      expect([file, parseBy(fileKind(file).schema, data).issues]).toEqual([file, []]);
    }
  });

  const step = (keys: string) => `steps: { a: { kind: task, run: a, ${keys} } }`;
  const service = (keys: string) => `steps: { a: { kind: service, run: a, ${keys} } }`;
  it.each([
    ['suite', 'title: no steps'],
    ['suite', 'steps: {}'],
    ['suite', 'steps: { A: { kind: task, run: a } }'],
    ['suite', 'steps: { "1": { kind: task, run: a } }'],
    ['suite', 'steps: { a: { kind: tusk, run: a } }'],
    ['suite', 'steps: { a: { run: a } }'],
    ['suite', 'steps: { a: { kind: suite } }'],
    ['suite', 'steps: { a: { kind: suite, ref: b, run: a } }'],
    ['suite', `titel: x\n${step('')}`],
    ['suite', `title: 5\n${step('')}`],
    ['suite', `id: A\n${step('')}`],
    ['suite', `version: 1.10\n${step('')}`],
    ['suite', `concurrency: { max: 0 }\n${step('')}`],
    ['suite', `schedules: { a: {} }\n${step('')}`],
    ['suite', `schedules: { a: { cron: 1 2 3 } }\n${step('')}`],
    ['suite', `schedules: { a b: { cron: '@daily' } }\n${step('')}`],
    ['suite', `public_badge: 'yes'\n${step('')}`],
    ['suite', `defaults: { timout: 1s }\n${step('')}`],
    ['suite', step('timeout: 5')],
    ['suite', step('timeout: 5 minutes')],
    ['suite', step('timeout: 0s')],
    ['suite', step('ports: [80]')],
    ['suite', step('ready: { tcp: 80 }')],
    ['suite', step('reset_mocks: [b]')],
    ['suite', step('image: not an image')],
    ['suite', step('pull: sometimes')],
    ['suite', 'steps: { a: { kind: task, run: "" } }'],
    ['suite', 'steps: { a: { kind: task, run: [] } }'],
    ['suite', step('cwd: ../up')],
    ['suite', step('cwd: a/../../up')],
    ['suite', step('after: [b, b]')],
    ['suite', step('after: [1]')],
    ['suite', step('retries: 101')],
    ['suite', step('retries: { backoff: 1s }')],
    ['suite', step('expect_exit: 300')],
    ['suite', step('expect_exit: []')],
    ['suite', step('expect_logs: [{ text: a, pattern: b }]')],
    ['suite', step('expect_logs: [{ stream: stdout }]')],
    ['suite', step('export: /absolute')],
    ['suite', step('export: { format: junit }')],
    ['suite', step('export: { path: a/../../b }')],
    ['suite', step('export: { path: a, min_tests: 3 }')],
    ['suite', step('export: { path: a, format: junit, coverage: { min: 80 } }')],
    ['suite', step('export: { path: a, format: lcov, min_tests: 3 }')],
    ['suite', step('export: { path: a, format: lcov, coverage: { min: 101 } }')],
    ['suite', step('env: { "A=B": x }')],
    ['suite', step('env: { GANTRY_X: x }')],
    ['suite', step('env: { A: [1] }')],
    ['suite', step('headers: { "a b": x }')],
    ['suite', step('headers: { X: "two\\nlines" }')],
    ['suite', step('resources: { cpu: lots }')],
    ['suite', step('resources: { memory: 1 }')],
    ['suite', step('resources: { memory: 64Mb }')],
    ['suite', step('resources: { pids: 0 }')],
    ['suite', step('capabilities: SYS_ADMIN')],
    ['suite', step('stop_signal: SIGKILL')],
    ['suite', step('tags: ["a b"]')],
    ['suite', step('files: { /a: { from: a, mode: "0648" } }')],
    ['suite', step('files: { /a: { from: a, mode: 1000 } }')],
    ['suite', step('continue_on_failure: "yes"')],
    ['suite', service('ports: [0]')],
    ['suite', service('ready: { log: { text: up, count: 0 } }')],
    ['suite', service('ready: { log: up, for: long }')],
    ['suite', step('always: 1')],
    ['suite', service('ports: [80], ready: { http: 80health }')],
    ['suite', service('ports: [80], ready: { http: 99999/health }')],
    ['suite', service('ready: { healthcheck: false }')],
    ['suite', service('ready: {}')],
    ['suite', service('ports: 80, ready: {}')],
    ['suite', service('ready: { timeout: 5s }')],
    ['suite', service('ready: { timeout: 5s }, ports: []')],
    ['profile', 'descripton: x'],
    ['profile', 'name: "a b"'],
    ['profile', 'secrets: [{ key: A }]'],
    ['profile', 'secrets: [{ key: A, from: "vault:secret" }]'],
    ['profile', 'steps: { A: { env: { B: c } } }'],
    ['profile', 'steps: { a: { cwd: b } }'],
    ['dependencies', 'a: b'],
    ['dependencies', 'a: b:latest'],
    ['dependencies', 'a: https://git.example/a.git'],
    ['dependencies', 'a: oci://host/a:1.0.0'],
    ['dependencies', 'a: { version: "1" }'],
    ['dependencies', 'A: b:1'],
    ['lock', 'a: { ref: "b:1", digest: "sha256:1" }'],
    ['lock', 'a: { ref: "b:1" }'],
  ])('refuse in a file of the kind %s what Gantry refuses: %s', (name, text) => {
    const kind = { suite, profile, dependencies, lock }[name];
    const data = parse(text);
    expect(kind?.refuses(data)).toBe(true);
    expect(kind && parseBy(kind.schema, data).issues).not.toEqual([]);
  });

  it('refuse a step without anything to run, unless there is a default image', () => {
    expect(suite.refuses(parse('steps: { a: { kind: task } }'))).toBe(true);
    expect(suite.refuses(parse('defaults: { image: a }\nsteps: { a: { kind: task } }'))).toBe(false);
    expect(suite.refuses(parse('steps: { a: { kind: suite, ref: b } }'))).toBe(false);
  });

  it.each([
    'ready: { interval: 1s }, ports: 80',
    'ready: { interval: 1s }, ports: [80]',
    'ready: { interval: 1s }, ports: [], healthcheck: { test: a }',
  ])('accept times to get ready beside what they count for: %s', (keys) => {
    const data = parse(service(keys));
    expect(suite.refuses(data)).toBe(false);
    expect(parseBy(suite.schema, data).issues).toEqual([]);
  });

  /** What a JSON Schema has no words for, as Gantry's messages name it. */
  const beyondSchema =
    /of at most 168h|of at least \d+ms|between 6Mi and 4096Gi|number of cores|without a program|RE2 syntax|a pattern of at most|pinned ref|each key once|permissions in octal/;

  it('agree with Gantry on files with anything in the place of a right value', () => {
    const files = exampleFiles();
    const wrongValue = fc.constantFrom<unknown>(
      ...[
        null,
        true,
        0,
        1,
        -1,
        80,
        70_000,
        1.5,
        '',
        'a',
        'A b',
        '5m',
        '500m',
        '1h2h',
        '0s',
        '64Mi',
        '/x/',
        '/(/',
        '../a',
      ],
      ...[
        'a:1',
        'a:latest',
        'x#v1',
        'env:A',
        [],
        ['a'],
        ['a', 'a'],
        [1, 'b'],
        {},
        { a: 1 },
        { A: 'x' },
        { max: 2 },
      ],
      ...[{ text: 'a' }, { path: 'a' }, { tcp: 80 }, { env: { A: 1 } }, 'junit', 'service', 'suite'],
    );
    const spot = fc.tuple(fc.nat(files.length - 1), fc.nat(400), wrongValue);
    fc.assert(
      fc.property(spot, ([fileIndex, position, value]) => {
        const [file, data] = files[fileIndex] ?? ['', {}];
        const changed = withValueAt(data, position, value);
        const { issues } = parseBy(fileKind(file).schema, changed);
        const isRefusedByGantry = issues.some(({ message }) => !beyondSchema.test(message));
        if (issues.length === 0)
          expect(fileKind(file).refuses(changed), 'the schema is too strict').toBe(false);
        if (isRefusedByGantry) expect(fileKind(file).refuses(changed), issues[0]?.message).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });
});

/** A copy of the data with another value at the n-th of its places, counted around. */
function withValueAt(data: unknown, position: number, value: unknown): unknown {
  const copy: unknown = structuredClone(data);
  const places: { container: Record<string, unknown>; key: string }[] = [];
  const visit = (each: unknown) => {
    if (typeof each !== 'object' || each === null) return;
    const container = each as Record<string, unknown>;
    for (const key of Object.keys(container)) {
      places.push({ container, key });
      visit(container[key]);
    }
  };
  visit(copy);
  const place = places[position % Math.max(1, places.length)];
  if (!place) return value;
  place.container[place.key] = value;
  return copy;
}
