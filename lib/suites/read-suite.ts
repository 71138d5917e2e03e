import { readFileSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../model/errors';
import type { CatalogEntry, SuiteFile, SuiteProblem, SuiteStep } from '../model/suite';
import { checkGraph } from './check-graph';
import { checkSuiteSteps } from './check-suite-steps';
import { digestPackage } from './package-digest';
import { listPackage, resolveInside } from './package-files';
import { type Complaint, Place, quote } from './place';
import { readProfileForm } from './profile-form';
import { type ReadProfile, resolveProfiles } from './profiles';
import { readDependencies } from './read-dependencies';
import { isDnsLabel } from './step-form';
import { readSuiteForm } from './suite-form';
import { readYaml, type YamlFile } from './yaml-file';

export interface ReadSuite {
  entry: CatalogEntry;
  /** The line of suite.yaml that gives the id, 1 when none does. */
  idLine: number;
}

const maxFileBytes = 2 * 1024 * 1024;
const maxProblems = 200;

/** Reads a suite's folder: the suite, or all that is wrong with it. Blocks; runs in a worker thread. */
export function readSuite(folder: string): ReadSuite {
  const { name: folderName, version: folderVersion } = nameOf(folder);
  const { files, problems } = listPackage(folder);
  const sources: { yaml: YamlFile; complaints: Complaint[] }[] = [];
  const read = (file: string) => {
    const source = readText(folder, files, file);
    if ('message' in source) problems.push({ file, line: source.line, column: 1, message: source.message });
    if (!('text' in source)) return null;
    const yaml = readYaml(file, source.text);
    problems.push(...yaml.problems);
    const complaints: Complaint[] = [];
    sources.push({ yaml, complaints });
    return { value: yaml.value, place: Place.root(complaints), text: source.text, locate: yaml.locate };
  };

  const main = files.some(({ path }) => path === 'suite.yaml') ? read('suite.yaml') : null;
  if (!main && problems.length === 0) {
    problems.push({ file: 'suite.yaml', line: 1, column: 1, message: 'expected a file, found none' });
  }
  const form = main && main.value !== undefined ? readSuiteForm(main.value, main.place, folderName) : null;
  if (main && form) {
    if (!form.id && !isDnsLabel(folderName)) {
      main.place.complain(`expected an "id", because the folder's name ${quote(folderName)} cannot be one`);
    }
    checkGraph(form.steps, main.place);
    if (problems.length === 0) checkFolders(form.steps, files, main.place);
  }
  const profiles = profileFiles(files, problems).flatMap((file): ReadProfile[] => {
    const source = read(file);
    if (!source || source.value === undefined) return [];
    const fields = readProfileForm(source.value, source.place, path.basename(file));
    return fields ? [{ fields, file, place: source.place }] : [];
  });
  const resolved = form ? resolveProfiles(profiles, form.steps) : [];
  const { dependencies, aliases, lock, hasFile } = readDependencies(files, read);
  if (main && form) {
    checkSuiteSteps(form.steps, aliases, hasFile, main.place);
    checkVersion(form, folderVersion, main.place);
  }
  let untold = 0;
  for (const { yaml, complaints } of sources) {
    problems.push(...complaints.slice(0, maxProblems).map((complaint) => yaml.locate(complaint)));
    untold += Math.max(0, complaints.length - maxProblems);
  }
  const id = `${form?.id ?? folderName}${folderVersion === null ? '' : `@${folderVersion}`}`;
  const digest = problems.length === 0 ? readDigest(folder, files, problems) : '';
  const suite =
    form && problems.length === 0
      ? {
          ...form,
          id,
          version: form.version ?? folderVersion,
          profiles: resolved,
          dependencies,
          lock,
          packageDigest: digest,
          files,
        }
      : null;
  const entry = { id, folder, suite, problems: arrange(problems, untold) };
  return { entry, idLine: lineOfId(main?.text ?? '') };
}

/** Several versions of a suite may lie beside each other: `checkout@1.2.0/`. */
function nameOf(folder: string): { name: string; version: string | null } {
  const folderName = path.basename(folder);
  const at = folderName.indexOf('@');
  return at < 0
    ? { name: folderName, version: null }
    : { name: folderName.slice(0, at), version: folderName.slice(at + 1) };
}

function checkVersion(form: { version: string | null }, folderVersion: string | null, place: Place): void {
  if (folderVersion === null || form.version === null || form.version === folderVersion) return;
  place
    .at('version')
    .complain(`expected ${folderVersion}, as the folder's name says, found ${quote(form.version)}`);
}

function readText(
  folder: string,
  files: readonly SuiteFile[],
  file: string,
): { text: string } | { line: number; message: string } {
  const bytes = files.find(({ path }) => path === file)?.bytes ?? 0;
  if (bytes > maxFileBytes) {
    return {
      line: 1,
      message: `expected a file of at most ${megabytes(maxFileBytes)}, found ${megabytes(bytes)}`,
    };
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

function profileFiles(files: readonly SuiteFile[], problems: SuiteProblem[]): string[] {
  const inFolder = files.filter(({ path }) => /^profiles\/[^/]+\.ya?ml$/.test(path)).map(({ path }) => path);
  for (const file of inFolder.filter((each) => each.endsWith('.yml'))) {
    problems.push({
      file,
      line: 1,
      column: 1,
      message: 'expected a name that ends in ".yaml", found ".yml"',
    });
  }
  return inFolder.filter((file) => file.endsWith('.yaml'));
}

/** The package is read-only in the step: a folder that is not there cannot be made. */
function checkFolders(steps: readonly SuiteStep[], files: readonly SuiteFile[], place: Place): void {
  const folders = new Set(files.flatMap(({ path }) => foldersAbove(path)));
  for (const { id, cwd } of steps) {
    if (cwd === null || cwd === '.' || cwd.startsWith('/') || folders.has(cwd)) continue;
    place
      .at('steps')
      .at(id)
      .at('cwd')
      .complain(`expected a folder of the suite with files in it, found ${quote(cwd)}`);
  }
}

function foldersAbove(file: string): string[] {
  return [...file.matchAll(/\//g)].map(({ index }) => file.slice(0, index));
}

function readDigest(folder: string, files: readonly SuiteFile[], problems: SuiteProblem[]): string {
  try {
    return digestPackage(folder, files);
  } catch (error) {
    const message = `the folder cannot be read: ${messageOf(error)}`;
    problems.push({ file: 'suite.yaml', line: 1, column: 1, message });
    return '';
  }
}

/** suite.yaml first, then the other files by name; in each from top to bottom. */
function arrange(problems: readonly SuiteProblem[], untold: number): SuiteProblem[] {
  const rank = ({ file }: SuiteProblem) => (file === 'suite.yaml' ? '' : file);
  const sorted = [...problems].sort(
    (a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0) || a.line - b.line || a.column - b.column,
  );
  const left = Math.max(0, sorted.length - maxProblems) + untold;
  if (left === 0) return sorted;
  const message = `and ${left} more problems`;
  return [...sorted.slice(0, maxProblems), { file: 'suite.yaml', line: 1, column: 1, message }];
}

function lineOfId(text: string): number {
  return (
    Math.max(
      0,
      text.split(/\r\n|\n/).findIndex((line) => /^id\s*:/.test(line)),
    ) + 1
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
