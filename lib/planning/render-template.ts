import { explainUnfit, isPlainInScripts, type PlannedTemplate } from '../model/template';
import { mayBeTemplate, parseTemplate, type Reference } from '../suites/templates/grammar';
import type { LevelScope } from './level-scope';

/** Where a text is that may be a template. */
export interface TextPlace {
  at: PlannedTemplate['at'];
  /** The step whose value it is; null when several steps have it. */
  step: string | null;
  /** A shell or an interpreter reads it as a program. */
  isProgram: boolean;
}

export interface Rendered {
  text: string;
  /** Null for a text without names. */
  template: PlannedTemplate | null;
  problems: string[];
}

type Part = NonNullable<PlannedTemplate['parts']>[number];

/** Fills in what is known when a suite is planned. What is only known later stays in the text as it is written. */
export function renderTemplate(text: string, place: TextPlace, scope: LevelScope): Rendered {
  if (!mayBeTemplate(text)) return { text, template: null, problems: [] };
  const { parts, mistakes } = parseTemplate(text);
  const problems = mistakes.map(({ message }) => message);
  const vars: PlannedTemplate['vars'] = {};
  const later: Part[] = [];
  let rendered = '';
  let isLater = false;
  for (const part of parts) {
    if (typeof part === 'string') {
      rendered += part;
      later.push(part);
      continue;
    }
    const problem = scope.explain(part.reference, place.step);
    if (problem !== null) {
      problems.push(problem);
      continue;
    }
    const value = valueOfReference(part.reference, scope);
    if (typeof value !== 'string') {
      isLater = true;
      rendered += part.token;
      later.push(value);
      continue;
    }
    if (part.reference.kind === 'var') {
      const { name } = part.reference;
      vars[name] = scope.vars.get(name)?.layer ?? 'suite';
      if (place.isProgram && !isPlainInScripts(value)) problems.push(explainUnfit(`vars.${name}`));
    }
    rendered += value;
    later.push(value);
  }
  const hasNames = parts.some((part) => typeof part !== 'string');
  const template = hasNames ? { at: place.at, text, vars, parts: isLater ? later : null } : null;
  return { text: rendered, template, problems };
}

/** The value, or what it is made of when the step starts. */
function valueOfReference(reference: Reference, scope: LevelScope): Part {
  switch (reference.kind) {
    case 'var':
      return scope.vars.get(reference.name)?.value ?? '';
    case 'profile':
      return scope.profile;
    case 'execution':
      return { execution: 'id' };
    case 'output':
      return { step: `${scope.prefix}${reference.step}`, output: reference.output };
  }
}
