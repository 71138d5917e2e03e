import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { readSuite } from '@/lib/suites/read-suite';
import type { Suite } from '@/lib/suites/suite';

export type SuiteFiles = Record<string, string | Uint8Array>;

/** Takes what is to be done when the test has ended, or all tests that share something. */
export type AtEnd = (undo: () => Promise<void> | void) => void;

/** A folder of its own for the test that asks, removed when it has ended. */
export function makeRoot(atEnd: AtEnd = onTestFinished): string {
  const root = mkdtempSync(path.join(tmpdir(), 'gantry-suites-'));
  atEnd(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

/** A suite's folder with these files; a text alone is its suite.yaml. */
export function makeSuiteFolder(files: string | SuiteFiles, folder = path.join(makeRoot(), 'demo')): string {
  const given = typeof files === 'string' ? { 'suite.yaml': files } : files;
  for (const [file, content] of Object.entries(given)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), content);
  }
  return folder;
}

/** What is wrong with it, as `file:line:column message`. */
export function problemsOf(files: string | SuiteFiles): string[] {
  return problemsIn(makeSuiteFolder(files));
}

export function problemsIn(folder: string): string[] {
  return readSuite(folder).entry.problems.map(
    ({ file, line, column, message }) => `${file}:${line}:${column} ${message}`,
  );
}

/** The suite; throws what is wrong with it. */
export function readValid(files: string | SuiteFiles): Suite {
  const { suite, problems } = readSuite(makeSuiteFolder(files)).entry;
  if (!suite)
    throw new Error(problems.map(({ file, line, message }) => `${file}:${line} ${message}`).join('\n'));
  return suite;
}
