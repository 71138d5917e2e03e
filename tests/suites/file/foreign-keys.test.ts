import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Answer } from '@/lib/suites/file/foreign-answer';
import { foreignKeys, formatAnswer } from '@/lib/suites/file/foreign-keys';
import { type Schema, unwrap, variantsOf } from '@/lib/suites/file/inspect-schema';
import { parseBy } from '@/lib/suites/file/parse';
import { dependenciesYaml } from '@/lib/suites/file/schema/dependencies-yaml';
import { longExport } from '@/lib/suites/file/schema/export';
import { healthCheck } from '@/lib/suites/file/schema/health-check';
import type { Level } from '@/lib/suites/file/schema/level';
import { profileYaml } from '@/lib/suites/file/schema/profile-yaml';
import { ready } from '@/lib/suites/file/schema/ready';
import { resources } from '@/lib/suites/file/schema/resources';
import { longRetries } from '@/lib/suites/file/schema/retries';
import { step } from '@/lib/suites/file/schema/step';
import { defaults, suiteYaml } from '@/lib/suites/file/schema/suite-yaml';
import { problemsOf } from '../suite-folder';

const schemas: Record<Level, z.ZodType> = {
  suite: suiteYaml,
  step,
  defaults,
  ready,
  healthcheck: healthCheck,
  resources,
  retries: longRetries,
  export: longExport,
  profile: profileYaml,
};

/** Mappings of each level that are right, or become right by an example. */
const mappings: Record<Level, object[]> = {
  suite: [{ steps: { a: { kind: 'task', run: 'a' } } }],
  step: [
    ...['task', 'service', 'test', 'traffic', 'mock'].map((kind) => ({ kind, run: 'a' })),
    { kind: 'suite', ref: 'a' },
  ],
  defaults: [{}],
  ready: [{ tcp: 1 }, {}],
  healthcheck: [{ test: 'a' }],
  resources: [{}],
  retries: [{ max: 1 }],
  export: [{ path: 'a' }],
  profile: [{}],
};

const entries = Object.entries(foreignKeys).flatMap(([level, answers]) =>
  Object.entries(answers).map(([key, answer]): [Level, string, Answer] => [level as Level, key, answer]),
);

function keysOf(schema: Schema): string[] {
  const inner = unwrap(schema);
  if (inner instanceof z.core.$ZodDiscriminatedUnion) {
    return variantsOf(inner).flatMap((variant) => keysOf(variant.schema));
  }
  return inner instanceof z.core.$ZodObject ? Object.keys(inner._zod.def.shape) : [];
}

describe('a key of another tool', () => {
  it.each(entries)('is answered with what Gantry has: %s %s', (level, key, answer) => {
    const messages = mappings[level].map((mapping) => {
      const { issues } = parseBy(schemas[level], { ...mapping, [key]: 'x' });
      return issues.map(({ message }) => message).join('\n');
    });
    for (const message of messages) {
      expect(message).toContain(`unknown key "${key}"; ${formatAnswer(answer)}`);
    }
  });

  it.each(entries.flatMap(([level, key, { example }]) => (example ? [[level, key, example] as const] : [])))(
    'is answered with an example that Gantry takes: %s %s: %s',
    (level, _key, example) => {
      const [, file, line = ''] = /^(?:(\S+\.yaml): )?(.*)$/.exec(example) ?? [];
      const written: object = parse(line);
      if (file !== undefined) {
        const isNesting = file === 'dependencies.yaml';
        const { issues } = isNesting ? parseBy(dependenciesYaml, written) : parseBy(profileYaml, written);
        expect(issues).toEqual([]);
        return;
      }
      const outcomes = mappings[level].map(
        (mapping) => parseBy(schemas[level], { ...mapping, ...written }).issues,
      );
      expect(outcomes).toContainEqual([]);
    },
  );

  it.each(entries)('is none of Gantry itself, or its answer has to go: %s %s', (level, key) => {
    expect(keysOf(schemas[level])).not.toContain(key);
  });

  it('is known however it is spelled', () => {
    const text =
      'steps:\n  a: { kind: task, run: a, dependsOn: [b] }\n  b: { kind: task, run: a, depends-on: a }';
    expect(problemsOf(text)).toEqual([
      'suite.yaml:2:28 steps.a: unknown key "dependsOn"; use "after", as in after: [db]',
      'suite.yaml:3:28 steps.b: unknown key "depends-on"; use "after", as in after: [db]',
    ]);
  });

  it('is known in a step of which the kind is missing', () => {
    expect(problemsOf('steps: { api: { image: node:22, depends_on: [db], environment: { A: b } } }')).toEqual(
      [
        'suite.yaml:1:10 steps.api: expected the key "kind", found none',
        'suite.yaml:1:33 steps.api: unknown key "depends_on"; use "after", as in after: [db]',
        'suite.yaml:1:51 steps.api: unknown key "environment"; use "env", as in env: { LOG_LEVEL: debug }',
      ],
    );
  });

  it('is answered in a whole file of Compose, and of GitHub Actions', () => {
    expect(problemsOf('name: shop\nservices:\n  db:\n    image: postgres:16\nvolumes: {}')).toEqual([
      'suite.yaml:1:1 expected the key "steps", found none',
      'suite.yaml:1:1 unknown key "name"; use "title", as in title: Checkout',
      'suite.yaml:2:1 unknown key "services"; the steps of a suite are in "steps", as in steps: { db: { kind: service, image: "postgres:16", ports: [5432] } }',
      'suite.yaml:5:1 unknown key "volumes"; volumes are named where they are used, by their places in the container, as in steps: { db: { kind: service, image: "postgres:16", volumes: { /var/lib/postgresql/data: data } } }',
    ]);
    const github = problemsOf('on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: []');
    expect(github.filter((problem) => problem.includes('did you mean'))).toEqual([]);
    expect(github).toContain(
      'suite.yaml:1:1 unknown key "on"; a suite is launched from the page, the API, the command line or by its "schedules", as in schedules: { nightly: { cron: "30 2 * * 1-5" } }',
    );
  });

  it('is answered with the port alone where it is a mapping of ports', () => {
    expect(problemsOf('steps: { a: { kind: service, run: a, ports: ["8080:80"] } }')).toEqual([
      'suite.yaml:1:46 steps.a.ports[0]: expected the port in the container alone, for nothing is published on the host, found "8080:80"',
    ]);
  });
});
