import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { makePlan } from '@/lib/planning/make-plan';
import { problemsOf, readValid } from './suite-folder';

const text = readFileSync(fileURLToPath(new URL('../../docs/suites.md', import.meta.url)), 'utf8');

describe('docs/suites.md', () => {
  it.each(exampleSuites())('shows a suite that is read and planned without a complaint: %#', (files) => {
    const suite = readValid(files);
    for (const { name } of suite.profiles) {
      expect(makePlan(suite, { profile: name, platformEnv: {}, env: {} }).warnings).toEqual([]);
    }
  });

  it.each([
    ['suite.yaml', 'unheard-of: 1\nsteps: { a: { kind: task, run: a } }'],
    ['defaults', 'defaults: { unheard-of: 1 }\nsteps: { a: { kind: task, run: a } }'],
    ['steps', 'steps: { a: { kind: task, run: a, unheard-of: 1 } }'],
    ['resources', 'steps: { a: { kind: task, run: a, resources: { unheard-of: 1 } } }'],
    ['ready', 'steps: { a: { kind: service, run: a, ready: { unheard-of: 1 } } }'],
    ['exports', 'steps: { a: { kind: task, run: a, export: { unheard-of: 1, path: a } } }'],
    [
      'profiles',
      { 'suite.yaml': 'steps: { a: { kind: task, run: a } }', 'profiles/a.yaml': 'unheard-of: 1' },
    ],
  ])('names every key of %s', (_of, files) => {
    const known = /unknown key "unheard-of"; known are (.*)$/m.exec(problemsOf(files).join('\n'))?.[1];
    const keys = known?.split(', ') ?? [];
    expect(keys.length).toBeGreaterThan(2);
    for (const key of keys) expect(text).toMatch(new RegExp(`[\`{ ]${key}[\`:, ]`));
  });
});

/** YAML blocks that begin with the name of their file; each suite.yaml begins a suite of its own. */
function exampleSuites(): Record<string, string>[] {
  const suites: Record<string, string>[] = [];
  for (const [, file = '', content = ''] of text.matchAll(/^```yaml\n# (\S+\.yaml)\n([\s\S]*?)^```$/gm)) {
    if (file === 'suite.yaml') suites.push({});
    const files = suites.at(-1);
    if (files) files[file] = content;
  }
  return suites;
}
