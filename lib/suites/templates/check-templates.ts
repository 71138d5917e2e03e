import type { SuiteProblem } from '../../model/suite';
import { formatPath, makeKeyIssue } from '../file/issue';
import type { SuiteYaml } from '../file/schema/suite-yaml';
import type { ReadProfile } from '../profiles/read-profile';
import type { OpenFile } from '../suite-files';
import { explainReference, explainVar, type TemplateScope } from './explain-reference';
import { mayBeTemplate, parseTemplate } from './grammar';
import { createStepsBefore } from './steps-before';

/** Mistakes per suite: each has its place looked up, and nobody reads thousands. */
const maxProblems = 200;

/** Texts below one path that may be templates. */
interface Texts {
  path: string[];
  texts: readonly (string | undefined)[];
  /** The step whose values they are; null if several steps have them. */
  step: string | null;
}

/** Checks every template of a suite and its profiles: how it is written, and that each name means something there. */
export function checkTemplates(
  suite: Pick<SuiteYaml, 'vars' | 'defaults' | 'steps'>,
  main: OpenFile,
  profiles: readonly ReadProfile[],
  report: (problem: SuiteProblem) => void,
): void {
  const vars = Object.keys(suite.vars ?? {});
  const steps = Object.entries(suite.steps).map(([id, { kind, after }]) => ({ id, kind, after }));
  const scope: Omit<TemplateScope, 'step'> = {
    vars,
    kinds: new Map(steps.map(({ id, kind }) => [id, kind])),
    before: createStepsBefore(steps),
  };
  let left = maxProblems;

  function check(source: OpenFile, { path, texts, step }: Texts): void {
    for (const text of texts) {
      if (text === undefined || !mayBeTemplate(text)) continue;
      const { parts, mistakes } = parseTemplate(text);
      const unknown = parts.flatMap((part) => {
        if (typeof part === 'string') return [];
        const message = explainReference(part.reference, { ...scope, step });
        return message === null ? [] : [{ token: part.token, message }];
      });
      for (const { token, message } of [...mistakes, ...unknown]) {
        if (left-- <= 0) return;
        const position = source.positionOfText(path, token);
        report({ file: source.file, ...position, message: `${formatPath(path)}: ${message}` });
      }
    }
  }

  checkPlain(suite.vars, main);
  for (const [id, step] of Object.entries(suite.steps)) checkUnfilled(id, step, main);
  for (const texts of textsOfSuite(suite)) check(main, texts);
  for (const { source, profile } of profiles) {
    checkPlain(profile.vars, source);
    for (const name of Object.keys(profile.vars ?? {})) {
      const message = explainVar(name, vars);
      if (message !== null) source.report([makeKeyIssue(['vars'], name, message)]);
    }
    for (const texts of textsOfProfile(profile)) check(source, texts);
  }
}

/** A variable is a plain text: there is nothing that it could be made of. */
function checkPlain(vars: Record<string, string> | undefined, { add }: OpenFile): void {
  for (const [name, value] of Object.entries(vars ?? {})) {
    if (!mayBeTemplate(value)) continue;
    add(
      ['vars', name],
      'expected a plain text, found a template: the values of "vars" are taken as they are',
    );
  }
}

/** Refuses templates where they would be taken as they are written, which nobody wants. */
function checkUnfilled(id: string, step: SuiteYaml['steps'][string], { add }: OpenFile): void {
  if (step.kind === 'suite') return;
  const { cwd, files = [], inputs = [] } = step;
  const texts: [string, (string | undefined)[]][] = [
    ['cwd', [cwd]],
    ['files', files.flatMap(({ path, from }) => [path, from])],
    ['inputs', inputs.flatMap(({ from, path, to }) => [from, path, to])],
  ];
  for (const [key, found] of texts) {
    if (!found.some((text) => text !== undefined && mayBeTemplate(text))) continue;
    add(
      ['steps', id, key],
      'expected a plain text, found a template: templates are filled in in image, build.args, run, args, entrypoint, env and headers alone',
    );
  }
}

function textsOfSuite({ defaults, steps }: Pick<SuiteYaml, 'defaults' | 'steps'>): Texts[] {
  return [
    { path: ['defaults', 'image'], texts: [defaults.image], step: null },
    ...textsOfMap(['defaults', 'env'], defaults.env, null),
    ...textsOfMap(['defaults', 'headers'], defaults.headers, null),
    ...Object.entries(steps).flatMap(([id, step]): Texts[] => {
      if (step.kind === 'suite') return [];
      const at = ['steps', id];
      return [
        { path: [...at, 'image'], texts: [step.image], step: id },
        ...textsOfMap([...at, 'build', 'args'], step.build?.args, id),
        { path: [...at, 'run'], texts: step.run ?? [], step: id },
        { path: [...at, 'args'], texts: step.args ?? [], step: id },
        { path: [...at, 'entrypoint'], texts: step.entrypoint ?? [], step: id },
        ...textsOfMap([...at, 'env'], step.env, id),
        ...textsOfMap([...at, 'headers'], step.headers, id),
      ];
    }),
  ];
}

function textsOfProfile({ env, headers, steps }: ReadProfile['profile']): Texts[] {
  return [
    ...textsOfMap(['env'], env, null),
    ...textsOfMap(['headers'], headers, null),
    ...Object.entries(steps).flatMap(([id, step]): Texts[] => {
      const at = ['steps', id];
      return [
        { path: [...at, 'image'], texts: [step.image], step: id },
        { path: [...at, 'run'], texts: step.run ?? [], step: id },
        ...textsOfMap([...at, 'env'], step.env, id),
        ...textsOfMap([...at, 'headers'], step.headers, id),
      ];
    }),
  ];
}

function textsOfMap(
  path: string[],
  values: Record<string, string> | undefined,
  step: string | null,
): Texts[] {
  return Object.entries(values ?? {}).map(([key, text]) => ({ path: [...path, key], texts: [text], step }));
}
