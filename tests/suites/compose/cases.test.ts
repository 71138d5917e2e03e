import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SuiteProblem } from '@/lib/model/suite';
import { resolveCompose } from '@/lib/suites/compose/model/resolve';
import { showModel } from '@/lib/suites/compose/model/shown';
import { findComposeFiles, readCompose } from '@/lib/suites/compose/read-compose';
import { allCases, askTool, composeTool, filesOf } from './oracle';

const fixture = path.join(import.meta.dirname, 'fixtures', 'config.json');
const recorded: { version: string; cases: Record<string, unknown> } = JSON.parse(
  readFileSync(fixture, 'utf8'),
);
const tool = composeTool();

describe('A Compose file', () => {
  it('is tried in sixty forms, each under a name of its own', () => {
    expect(new Set(allCases.map(({ name }) => name)).size).toBe(allCases.length);
    expect(allCases.length).toBeGreaterThanOrEqual(60);
    expect(allCases.filter(({ name }) => recorded.cases[name] !== null).length).toBeGreaterThanOrEqual(20);
  });

  for (const each of allCases) {
    it(`becomes the expected steps, or its problems have their lines: ${each.name}`, () => {
      const read = readOf(each);
      expect(shown(read.problems)).toEqual(startsOf(each.problems ?? [], read.problems));
      if (each.notices) {
        const notices = read.notices.filter(({ message }) => !message.startsWith('no service is a test'));
        expect(shown(notices)).toEqual(startsOf(each.notices, notices));
      }
      if (each.steps) expect(read.value).toEqual({ steps: each.steps });
    });

    const answer = recorded.cases[each.name];
    // What is refused need not be resolved.
    if (answer !== null && !each.problems) {
      it(`resolves as docker-compose ${recorded.version} resolves it: ${each.name}`, () => {
        expect(answer).toBeDefined();
        expect(configOf(each)).toEqual(answer);
      });
    }
  }

  it.skipIf(tool === null)('is answered by the tool of this machine as it was recorded', () => {
    for (const each of allCases.slice(0, 12)) {
      expect([each.name, askTool(tool ?? '', each)]).toEqual([each.name, recorded.cases[each.name]]);
    }
  });
});

function readOf(each: (typeof allCases)[number]) {
  const files = filesOf(each);
  const main = findComposeFiles((file) => Object.hasOwn(files, file)) ?? [];
  return readCompose(main, { read: (file) => files[file] ?? null, projectName: 'demo' });
}

function configOf(each: (typeof allCases)[number]): unknown {
  const files = filesOf(each);
  const main = findComposeFiles((file) => Object.hasOwn(files, file)) ?? [];
  const { model, activeProfiles } = resolveCompose({
    root: '/suite',
    files: main.map((file) => `/suite/${file}`),
    read: (file) => files[file.replace(/^\/suite\//, '')] ?? null,
    projectName: 'demo',
  });
  return JSON.parse(JSON.stringify(showModel(model, activeProfiles)));
}

function shown(problems: readonly SuiteProblem[]): string[] {
  return problems.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);
}

/** Only the beginning of a message is expected: the advice after it may be worded anew. */
function startsOf(expected: readonly string[], found: readonly SuiteProblem[]): string[] {
  const texts = shown(found);
  return expected.map((start, index) => (texts[index]?.startsWith(start) ? (texts[index] ?? '') : start));
}
