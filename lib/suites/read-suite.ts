import path from 'node:path';
import { messageOf } from '../model/errors';
import type { SuiteFile, SuiteProblem } from '../model/suite';
import { checkBuilds } from './checks/builds';
import { checkGraph } from './checks/graph';
import { checkInputs } from './checks/inputs';
import { checkNestedSuites } from './checks/nested-suites';
import { outlineSteps } from './checks/outline';
import {
  checkAliases,
  checkFolders,
  checkImageKeys,
  checkPlacedFiles,
  checkProbes,
  checkPrograms,
  checkUlimits,
  checkVolumes,
} from './checks/programs';
import { checkSchedules } from './checks/schedules';
import { isMapping } from './file/inspect-schema';
import { quote } from './file/issue';
import { isDnsLabel, suiteId } from './file/schema/names';
import { type SuiteYaml, suiteYaml } from './file/schema/suite-yaml';
import { findKeyLines } from './key-lines';
import { digestPackage } from './package/digest';
import { listPackage } from './package/files';
import { type ReadProfile, readProfile } from './profiles/read-profile';
import { resolveProfiles } from './profiles/resolve-profiles';
import { withStepProfiles } from './profiles/step-profiles';
import { dependencyFile, lockFile, readDependencies } from './read-dependencies';
import { readEnvFiles } from './read-env-files';
import { openMain } from './read-main';
import { findReferences, type References } from './references/find-references';
import type { CatalogEntry, Suite } from './suite';
import { type OpenFile, openSuiteFiles, type SuiteFiles } from './suite-files';
import { checkTemplates } from './templates/check-templates';

export interface ReadSuite {
  entry: CatalogEntry;
  /** The line of suite.yaml that gives the id, 1 when none does. */
  idLine: number;
}

interface FolderName {
  id: string;
  version: string | null;
}

/** Reads a suite's folder: the suite, or all that is wrong with it. Blocks; runs in a worker thread. */
export function readSuite(folder: string): ReadSuite {
  const name = nameOf(folder);
  const { files, problems } = listPackage(folder);
  const opened = openSuiteFiles(folder, files, problems);
  const has = (file: string) => files.some(({ path }) => path === file);
  const open = (file: string) => (has(file) ? opened.open(file) : null);

  const { main, notices } = openMain(files, opened, name.id);
  if (!main && !opened.hasProblems())
    opened.addProblem(atTop('expected this file or a Compose file, found neither'));
  const isReadable = !opened.hasProblems();
  const parsed = main && main.value !== undefined ? main.parse(suiteYaml) : null;
  const yaml = main && parsed && { ...parsed, steps: readEnvFiles(parsed.steps, files, opened, main) };
  const steps = outlineSteps(main?.value);
  const profiles = readProfiles(files, opened);
  const ids = steps.filter(({ kind }) => kind !== 'suite').map(({ id }) => id);
  const resolved = isMapping(main?.value) ? withStepProfiles(resolveProfiles(profiles, ids), main.value) : [];
  if (main && parsed) {
    checkTemplates(parsed, main, profiles, opened.addProblem);
    checkInputs(parsed.steps, main.add);
  }
  const { aliases, hasFile, ...nested } = readDependencies(open(dependencyFile), open(lockFile));
  if (main && isMapping(main.value)) {
    checkIdentity(main, main.value, name);
    checkGraph(steps, main.add);
    checkPrograms(main.value, steps, main.add);
    checkImageKeys(steps, main.add);
    checkProbes(steps, main.add);
    checkVolumes(steps, main.add);
    checkUlimits(steps, main.add);
    checkAliases(steps, main.add);
    if (isReadable) checkBuilds(steps, files, main.add);
    if (isReadable) checkFolders(steps, files, main.add);
    if (isReadable) checkPlacedFiles(steps, files, main.add);
    checkSchedules(main.value, resolved, main.add);
    checkNestedSuites(steps, { aliases, hasFile }, main.add);
  }

  const id = idOf(main?.value, name);
  const packageDigest = opened.hasProblems() ? '' : readDigest(folder, files, opened);
  let suite: Suite | null = null;
  if (main && yaml && !opened.hasProblems()) {
    const own = toSuite(yaml, id, name);
    const references = findReferences(own, files, main, profiles);
    const warnings = [...notices, ...references.warnings];
    const keyLines = findKeyLines(main.text);
    suite = {
      ...own,
      ...nested,
      ...references,
      warnings,
      profiles: resolved,
      packageDigest,
      files,
      keyLines,
    };
  }
  return {
    entry: { id, folder, suite, problems: opened.problems() },
    idLine: lineOfId(main?.text ?? ''),
  };
}

/** Several versions of a suite may lie beside each other: `checkout@1.2.0/`. */
function nameOf(folder: string): FolderName {
  const folderName = path.basename(folder);
  const at = folderName.indexOf('@');
  return at < 0
    ? { id: folderName, version: null }
    : { id: folderName.slice(0, at), version: folderName.slice(at + 1) };
}

function idOf(value: unknown, name: FolderName): string {
  const given = isMapping(value) ? suiteId.safeParse(value.id).data : undefined;
  return `${given ?? name.id}${name.version === null ? '' : `@${name.version}`}`;
}

function readProfiles(files: readonly SuiteFile[], opened: SuiteFiles): ReadProfile[] {
  const inFolder = files.filter(({ path }) => /^profiles\/[^/]+\.ya?ml$/.test(path)).map(({ path }) => path);
  return inFolder.flatMap((path): ReadProfile[] => {
    if (path.endsWith('.yml')) {
      opened.addProblem({ ...atTop('expected a name that ends in ".yaml", found ".yml"'), file: path });
      return [];
    }
    const file = opened.open(path);
    if (!file || file.value === undefined) return [];
    const { issues, ...profile } = readProfile(file.value, baseName(path));
    file.report(issues);
    return [{ ...profile, source: file }];
  });
}

function baseName(file: string): string {
  return path.basename(file, '.yaml');
}

function checkIdentity({ add }: OpenFile, value: Record<string, unknown>, name: FolderName): void {
  if (!Object.hasOwn(value, 'id') && !isDnsLabel(name.id)) {
    add([], `expected an "id", because the folder's name ${quote(name.id)} cannot be one`);
  }
  if (name.version === null || typeof value.version !== 'string' || value.version === name.version) return;
  add(['version'], `expected ${name.version}, as the folder's name says, found ${quote(value.version)}`);
}

function toSuite(
  { concurrency, compose: _compose, overrides: _overrides, ...yaml }: SuiteYaml,
  id: string,
  name: FolderName,
): Omit<Suite, 'profiles' | 'dependencies' | 'lock' | 'packageDigest' | 'files' | keyof References> {
  const bareId = yaml.id ?? name.id;
  return {
    ...yaml,
    id,
    title: yaml.title ?? bareId,
    description: yaml.description ?? null,
    repository: yaml.repository ?? null,
    version: yaml.version ?? name.version,
    concurrency: concurrency
      ? {
          group: concurrency.group ?? bareId,
          max: concurrency.max,
          cancelRunning: concurrency.cancel_running,
        }
      : null,
    steps: Object.entries(yaml.steps).map(([stepId, step]) => Object.assign(step, { id: stepId })),
  };
}

function readDigest(folder: string, files: readonly SuiteFile[], opened: SuiteFiles): string {
  try {
    return digestPackage(folder, files);
  } catch (error) {
    opened.addProblem(atTop(`the folder cannot be read: ${messageOf(error)}`));
    return '';
  }
}

function atTop(message: string): SuiteProblem {
  return { file: 'suite.yaml', line: 1, column: 1, message };
}

function lineOfId(text: string): number {
  const line = text.split(/\r\n|\n/).findIndex((each) => /^id\s*:/.test(each));
  return Math.max(0, line) + 1;
}
