import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { messageOf } from '../model/errors';
import type { SuiteFile, SuiteProblem } from '../model/suite';
import { type AddIssue, type Issue, type IssuePath, makeIssue } from './file/issue';
import { parseBy } from './file/parse';
import { readYaml, type YamlFile } from './file/yaml/read-yaml';
import { settleValues } from './file/yaml/settle-values';
import { resolveInside } from './package/files';

const maxFileBytes = 2 * 1024 * 1024;
const maxProblems = 200;

/** A YAML file of a suite's folder, and how to report what is wrong with it. */
export interface OpenFile {
  file: string;
  text: string;
  /** Plain JSON; undefined if the file cannot be read, which has been reported. */
  value: unknown;
  /** Parses the value and reports every issue; null when there is one. */
  parse<T>(schema: z.ZodType<T>): T | null;
  report(issues: readonly Issue[]): void;
  add: AddIssue;
  positionOf(path: IssuePath, on: Issue['on']): { line: number; column: number };
  /** Finds the first occurrence of a text within the value at a path. */
  positionOfText(path: readonly string[], text: string): { line: number; column: number };
}

/** The YAML files of one folder with all that is found wrong in them. */
export interface SuiteFiles {
  /** Opens a file; null if it cannot be read as text, which has been reported. */
  open(file: string): OpenFile | null;
  /** Reads a file as text; null if it cannot be read, which has been reported. */
  readText(file: string): string | null;
  /** Opens data that was made of other files; `locate` finds where it comes from. */
  openValue(made: MadeFile): OpenFile;
  addProblem(problem: SuiteProblem): void;
  hasProblems(): boolean;
  /** Lists the problems in order of file and line: the first 200, and how many more there are. */
  problems(): SuiteProblem[];
}

/** Data that was made of other files than the one it stands for. */
export interface MadeFile {
  file: string;
  text: string;
  value: unknown;
  locate(issue: Issue): SuiteProblem;
}

export function openSuiteFiles(
  folder: string,
  files: readonly SuiteFile[],
  found: readonly SuiteProblem[],
): SuiteFiles {
  const problems = [...found];
  const opened: { yaml: YamlFile; issues: Issue[] }[] = [];
  function readOrReport(file: string): string | null {
    const read = readText(folder, files, file);
    if ('text' in read) return read.text;
    problems.push({ file, line: read.line, column: 1, message: read.message });
    return null;
  }
  return {
    readText: readOrReport,
    open(file) {
      const text = readOrReport(file);
      if (text === null) return null;
      const yaml = readYaml(file, text);
      problems.push(...yaml.problems);
      const issues: Issue[] = [];
      opened.push({ yaml, issues });
      return openFile(file, text, yaml, issues);
    },
    openValue({ file, text, value, locate }) {
      const settled = settleValues(value);
      const yaml: YamlFile = {
        value,
        problems: [],
        locate,
        locateText: (path) => locate({ path, on: 'value', message: '' }),
      };
      const issues: Issue[] = [...(settled.tooLarge ? [settled.tooLarge] : settled.issues)];
      opened.push({ yaml, issues });
      return openFile(file, text, yaml, issues);
    },
    addProblem: (problem) => problems.push(problem),
    hasProblems: () => problems.length > 0 || opened.some(({ issues }) => issues.length > 0),
    problems() {
      const located = opened.flatMap(({ yaml, issues }) => issues.slice(0, maxProblems).map(yaml.locate));
      const left = opened.reduce((sum, { issues }) => sum + Math.max(0, issues.length - maxProblems), 0);
      return arrange([...problems, ...located], left);
    },
  };
}

function openFile(file: string, text: string, yaml: YamlFile, issues: Issue[]): OpenFile {
  return {
    file,
    text,
    value: yaml.value,
    parse<T>(schema: z.ZodType<T>) {
      const parsed = parseBy(schema, yaml.value);
      issues.push(...parsed.issues);
      return parsed.data;
    },
    report: (more) => issues.push(...more),
    add(path, message, on = 'value') {
      issues.push(makeIssue(path, message, on));
    },
    positionOf(path, on) {
      const { line, column } = yaml.locate({ path, on, message: '' });
      return { line, column };
    },
    positionOfText: yaml.locateText,
  };
}

function readText(
  folder: string,
  files: readonly SuiteFile[],
  file: string,
): { text: string } | { line: number; message: string } {
  const bytes = files.find(({ path }) => path === file)?.bytes ?? 0;
  if (bytes > maxFileBytes) {
    const message = `expected a file of at most ${megabytes(maxFileBytes)}, found ${megabytes(bytes)}`;
    return { line: 1, message };
  }
  try {
    const content = readFileSync(resolveInside(folder, file));
    const text = content.toString('utf8');
    if (Buffer.from(text, 'utf8').equals(content)) return { text };
    const line = text.slice(0, text.indexOf('\ufffd')).split('\n').length;
    return { line, message: 'expected UTF-8, found bytes that are not' };
  } catch (error) {
    return { line: 1, message: `the file cannot be read: ${messageOf(error)}` };
  }
}

/** suite.yaml first, then the other files by name; in each from top to bottom. */
function arrange(problems: readonly SuiteProblem[], left: number): SuiteProblem[] {
  const rank = ({ file }: SuiteProblem) => (file === 'suite.yaml' ? '' : file);
  const sorted = [...problems].sort(
    (a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0) || a.line - b.line || a.column - b.column,
  );
  const more = Math.max(0, sorted.length - maxProblems) + left;
  if (more === 0) return sorted;
  const message = `and ${more} more problems`;
  return [...sorted.slice(0, maxProblems), { file: 'suite.yaml', line: 1, column: 1, message }];
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
