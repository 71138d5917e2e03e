import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { problemsOf } from './suite-folder';

const root = fileURLToPath(new URL('../..', import.meta.url));
const schemaOf = (name: string) =>
  JSON.parse(readFileSync(path.join(root, 'public/schemas', `${name}.schema.json`), 'utf8'));
const [suite, profile, dependencies] = ['suite', 'profile', 'dependencies'].map(schemaOf);
const examples = readdirSync(path.join(root, 'suites'));

function yamlOf(file: string): unknown {
  return parse(readFileSync(file, 'utf8')) ?? {};
}

describe('the JSON Schemas for editors', () => {
  it.each(examples)('take the files of the example %s', (name) => {
    const folder = path.join(root, 'suites', name);
    const files: [string, Parameters<typeof z.fromJSONSchema>[0]][] = [
      [path.join(folder, 'suite.yaml'), suite],
    ];
    const profiles = path.join(folder, 'profiles');
    if (existsSync(profiles)) {
      for (const file of readdirSync(profiles)) files.push([path.join(profiles, file), profile]);
    }
    const dependencyFile = path.join(folder, 'dependencies.yaml');
    if (existsSync(dependencyFile)) files.push([dependencyFile, dependencies]);
    for (const [file, schema] of files) {
      expect(z.fromJSONSchema(schema).safeParse(yamlOf(file)).error, file).toBeUndefined();
    }
  });

  const step = suite.$defs.step.properties;
  it.each([
    ['suite.yaml', suite.properties, 'unheard-of: 1\nsteps: { a: { kind: task, run: a } }'],
    [
      'defaults',
      suite.properties.defaults.properties,
      'defaults: { unheard-of: 1 }\nsteps: { a: { kind: task, run: a } }',
    ],
    ['a step', step, 'steps: { a: { kind: task, run: a, unheard-of: 1 } }'],
    [
      'resources',
      suite.$defs.resources.properties,
      'steps: { a: { kind: task, run: a, resources: { unheard-of: 1 } } }',
    ],
    [
      'ready',
      suite.$defs.ready.properties,
      'steps: { a: { kind: service, run: a, ready: { unheard-of: 1 } } }',
    ],
    [
      'an export',
      suite.$defs.export.anyOf[1].properties,
      'steps: { a: { kind: task, run: a, export: { unheard-of: 1, path: a } } }',
    ],
    [
      'a profile',
      profile.properties,
      { 'suite.yaml': 'steps: { a: { kind: task, run: a } }', 'profiles/a.yaml': 'unheard-of: 1' },
    ],
    [
      'a dependency',
      dependencies.additionalProperties.anyOf[1].properties,
      {
        'suite.yaml': 'steps: { a: { kind: task, run: a } }',
        'dependencies.yaml': 'a: { ref: a, version: "1", unheard-of: 1 }',
      },
    ],
  ])('know the same keys of %s as Gantry does', (_of, properties, files) => {
    const known = /unknown key "unheard-of"; known are (.*)$/m.exec(problemsOf(files).join('\n'))?.[1];
    expect(Object.keys(properties).sort()).toEqual(known?.split(', ').sort());
  });

  it.each([
    'steps: { a: { kind: tusk } }',
    'steps: { a: { kind: task, run: a, timeout: 5 } }',
    'steps: { A: { kind: task } }',
    'steps: {}',
    'title: no steps',
  ])('refuse %s', (text) => {
    expect(z.fromJSONSchema(suite).safeParse(parse(text)).success).toBe(false);
    expect(problemsOf(text)).not.toEqual([]);
  });
});
