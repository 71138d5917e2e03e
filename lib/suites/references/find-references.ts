import path from 'node:path';
import { gantryVariables } from '../../model/step-variables';
import type { SuiteFile } from '../../model/suite';
import type { ReadProfile } from '../profiles/read-profile';
import type { ProgramStep, Suite, VariableUse } from '../suite';
import type { OpenFile } from '../suite-files';
import { namedFiles } from './named-files';
import { type Program, readProgram } from './step-program';
import { type VariableMention, variablesIn, variablesInList, variablesInText } from './variable-uses';

/** The number of references per suite: each has its position looked up, and nobody reads thousands. */
const maxReferences = 200;
const alwaysSet = new Set<string>(gantryVariables);

export type References = Pick<Suite, 'warnings' | 'variableUses'>;

interface VariableMap {
  source: OpenFile;
  path: string[];
  /** The id of the step that gets the variables; null if several steps do. */
  step: string | null;
  variables: Record<string, string>;
}

/**
 * Finds what the steps of a valid suite refer to by text: files that the package lacks, and variables whose value depends
 * on how the suite is launched, or that are written where nothing expands them.
 */
export function findReferences(
  suite: Pick<Suite, 'steps' | 'defaults'>,
  files: readonly SuiteFile[],
  main: OpenFile,
  profiles: readonly ReadProfile[],
): References {
  const found: References = { warnings: [], variableUses: [] };
  const paths = packagePaths(files);
  const isFull = () => found.warnings.length + found.variableUses.length >= maxReferences;
  for (const step of suite.steps) {
    if (step.kind === 'suite' || isFull()) continue;
    if (step.run) findInRun(step, suite.defaults, paths, main, found);
    for (const key of ['args', 'entrypoint'] as const) {
      const argv =
        key === 'args' ? [...(step.entrypoint ?? []), ...(step.args ?? [])] : (step.entrypoint ?? []);
      if (!step[key]?.some((arg) => arg.includes('$'))) continue;
      const own = variablesInList(argv, 'args').filter(({ token }) =>
        step[key]?.some((arg) => arg.includes(token)),
      );
      found.variableUses.push(...own.map((use) => locate(main, ['steps', step.id, key], use, step.id, key)));
    }
  }
  for (const { source, path: at, step, variables } of [
    ...mapsOf(suite, main),
    ...profiles.flatMap(mapsOfProfile),
  ]) {
    for (const [key, value] of Object.entries(variables)) {
      if (!value.includes('$') || isFull()) continue;
      const uses = variablesInText(value, 'env').map((use) => locate(source, [...at, key], use, step, key));
      found.variableUses.push(...uses);
    }
  }
  return found;
}

function findInRun(
  step: ProgramStep,
  defaults: Suite['defaults'],
  paths: ReadonlySet<string>,
  main: OpenFile,
  found: References,
): void {
  const program = readProgram(step.run ?? []);
  const at = ['steps', step.id, 'run'];
  for (const file of missingFiles(step, program, paths)) {
    const message = `steps.${step.id}.run names ${file}, which is not in the package`;
    found.warnings.push({ file: main.file, ...main.positionOfText(at, file), message });
  }
  for (const mention of variablesIn(program)) {
    const { name, form } = mention;
    const isSet =
      alwaysSet.has(name) || [defaults.env, step.env ?? {}].some((env) => Object.hasOwn(env, name));
    // In a list also a variable that is set is a mistake.
    if (!isSet || form === 'list') found.variableUses.push(locate(main, at, mention, step.id, null));
  }
}

function mapsOf({ steps, defaults }: Pick<Suite, 'steps' | 'defaults'>, source: OpenFile): VariableMap[] {
  return [
    { source, path: ['defaults', 'env'], step: null, variables: defaults.env },
    ...steps.flatMap((step) =>
      step.kind === 'suite' || !step.env
        ? []
        : [{ source, path: ['steps', step.id, 'env'], step: step.id, variables: step.env }],
    ),
  ];
}

function mapsOfProfile({ source, profile }: ReadProfile): VariableMap[] {
  return [
    { source, path: ['env'], step: null, variables: profile.env },
    ...Object.entries(profile.steps).map(([id, { env }]) => ({
      source,
      path: ['steps', id, 'env'],
      step: id,
      variables: env,
    })),
  ];
}

function locate(
  open: OpenFile,
  at: string[],
  mention: VariableMention,
  step: string | null,
  key: string | null,
): VariableUse {
  return { ...mention, step, key, file: open.file, ...open.positionOfText(at, mention.token) };
}

/** Lists the files that a step names and the package lacks. No step can make them: the package is read-only. */
function missingFiles({ cwd = '.' }: ProgramStep, program: Program, paths: ReadonlySet<string>): string[] {
  return namedFiles(program).filter((file) => {
    if (cwd === '.' && paths.has(file)) return false;
    const inPackage = path.posix.relative('/suite', path.posix.resolve('/suite', cwd, file));
    return !inPackage.startsWith('..') && !paths.has(inPackage) && isInside(cwd);
  });
}

function isInside(cwd: string): boolean {
  return !cwd.startsWith('/') || /^\/suite(?:\/|$)/.test(cwd);
}

/** Lists the files of a package and their folders. */
function packagePaths(files: readonly SuiteFile[]): Set<string> {
  const paths = new Set<string>();
  for (const { path: file } of files) {
    for (let each = file; each !== '.' && !paths.has(each); each = path.posix.dirname(each)) paths.add(each);
  }
  return paths;
}
