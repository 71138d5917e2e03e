import { expect } from 'vitest';
import { readSuite } from '@/lib/suites/read-suite';
import type { KeyCase } from './key-case';

/** The suite that one of the cases nests. */
export const nestedSuite = {
  'suite.yaml': `
repository: https://git.example/nested
version: 1.2.0
steps: { say: { kind: task, image: gantry/toolbox:local, run: echo nested } }
`,
};

/** Keys of the suite as a whole. */
export const suiteCases: KeyCase[] = [
  {
    title: 'say what it is and where its other steps are',
    keys: ['id', 'title', 'description', 'repository', 'version', 'compose', 'overrides', 'steps.*.profiles'],
    files: {
      'suite.yaml': `
id: keys-of-a-suite
title: The keys of a suite
description: What it is about.
repository: https://git.example/keys
version: 1.4.0
compose: docker-compose.test.yml
overrides: { sut: { kind: test, env: { WORD: overridden } } }
steps:
  debug: { kind: task, image: gantry/toolbox:local, run: "true", profiles: [debug] }
  quick: { kind: task, image: gantry/toolbox:local, run: echo quick, profiles: [default] }
`,
      'docker-compose.test.yml': `
services:
  sut: { image: "gantry/toolbox:local", command: [sh, -c, "echo $$WORD $$OTHER"], environment: { WORD: a, OTHER: b } }
`,
      'profiles/default.yaml': 'default: true\n',
    },
    steps: { sut: { prints: ['overridden b'] }, quick: { prints: ['quick'] } },
    async check({ suite, steps }, { folder }) {
      expect(suite).toEqual({
        id: 'keys-of-a-suite',
        title: 'The keys of a suite',
        repository: 'https://git.example/keys',
        version: '1.4.0',
      });
      expect(readSuite(folder).entry.suite?.description).toBe('What it is about.');
      expect(steps.find(({ id }) => id === 'sut')?.kind).toBe('test');
    },
  },
  {
    title: 'nest another suite',
    keys: ['steps.*.ref'],
    files: {
      'suite.yaml': 'steps: { child: { kind: suite, ref: other } }\n',
      'dependencies.yaml': 'other: https://git.example/nested:1.2.0\n',
    },
    steps: { 'other/say': { prints: ['nested'] } },
  },
  {
    title: 'bring files of one step to another',
    keys: ['steps.*.inputs', 'steps.*.inputs.from', 'steps.*.inputs.path', 'steps.*.inputs.to'],
    files: {
      'suite.yaml': `
defaults: { image: gantry/toolbox:local }
steps:
  make: { kind: task, run: 'cd "$GANTRY_ARTIFACTS"; mkdir out; echo a > out/a.txt; echo b > out/b.log', export: out/** }
  take:
    kind: task
    run: ls /app/taken "$GANTRY_INPUTS"
    after: make
    inputs: [{ from: make, path: "out/*.txt", to: /app/taken }, { from: make, path: "out/*.log" }]
`,
    },
    steps: {
      make: { artifacts: ['out/a.txt', 'out/b.log'] },
      take: { prints: ['/app/taken:', 'a.txt', '', /inputs:$/, 'b.log'] },
    },
  },
  {
    title: 'end it at its first failure',
    keys: ['fail_fast'],
    files: {
      'suite.yaml': `
fail_fast: true
defaults: { image: gantry/toolbox:local }
steps:
  up: { kind: service, run: echo up; sleep 1000, ready: { log: up, timeout: 2m } }
  breaks: { kind: task, run: exit 3, after: up }
  long: { kind: task, run: sleep 1000 }
`,
    },
    status: 'failed',
    steps: {
      up: {},
      breaks: { status: 'failed' },
      long: { status: 'cancelled' },
    },
  },
  {
    title: 'limit the time of the whole',
    keys: ['timeout'],
    files: {
      'suite.yaml': `
timeout: 15s
steps: { long: { kind: task, image: gantry/toolbox:local, run: sleep 1000 } }
`,
    },
    status: 'timed_out',
    steps: { long: { status: 'timed_out' } },
  },
];
