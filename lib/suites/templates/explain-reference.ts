import { suggest } from '../file/nearest';
import type { Reference } from './grammar';

/** What the names of a template can mean at one place of a suite. */
export interface TemplateScope {
  vars: readonly string[];
  /** Kinds of the suite's own steps by id. */
  kinds: ReadonlyMap<string, string>;
  /** The step whose value it is; null for values of several steps. */
  step: string | null;
  /** The steps that have ended when this one starts: in its `after`, directly or through others. */
  before(step: string): ReadonlySet<string>;
}

const withOutputs = ['task', 'test', 'traffic'];

/** What is wrong with a name at its place, in one sentence; null when it has a value there. */
export function explainReference(reference: Reference, scope: TemplateScope): string | null {
  if (reference.kind === 'var') return explainVar(reference.name, scope.vars);
  return reference.kind === 'output' ? explainOutput(reference, scope) : null;
}

/** What is wrong with the name of a variable of the suite; null when it has one of that name. */
export function explainVar(name: string, vars: readonly string[]): string | null {
  if (vars.includes(name)) return null;
  const known = vars.length === 0 ? '; the suite has no "vars"' : suggest(name, vars) || listOf(vars);
  return `expected a name in the "vars" of the suite, found ${JSON.stringify(name)}${known}`;
}

function listOf(vars: readonly string[]): string {
  const shown = vars.slice(0, 10).join(', ');
  return `; there are ${shown}${vars.length > 10 ? ' and others' : ''}`;
}

function explainOutput(
  { step, output }: Extract<Reference, { kind: 'output' }>,
  scope: TemplateScope,
): string | null {
  return explainStep(step, `steps.${step}.outputs.${output}`, 'outputs', scope);
}

/** What is wrong with a step whose artifacts another one gets; null when it has ended by then. */
export function explainArtifacts(step: string, scope: Omit<TemplateScope, 'vars'>): string | null {
  return explainStep(step, `artifacts of ${step}`, 'artifacts that it could give', scope);
}

function explainStep(
  step: string,
  what: string,
  things: string,
  { step: own, kinds, before }: Omit<TemplateScope, 'vars'>,
): string | null {
  const kind = kinds.get(step);
  if (kind === undefined) {
    const ids = [...kinds.keys()];
    return `expected the id of a step, found ${JSON.stringify(step)} in ${what}${suggest(step, ids)}`;
  }
  if (!withOutputs.includes(kind))
    return `expected a task, test or traffic in ${what}, found the ${kind} ${step}, which has no ${things}`;
  if (own === null)
    return `expected vars, profile or execution here, found ${what}: only the steps after ${step} can have its outputs; write it in their own "env"`;
  if (own === step)
    return `expected a step before ${own}, found ${what}: a step cannot have its own ${things.split(' ')[0]}`;
  if (before(own).has(step)) return null;
  return `expected a step that ${own} comes after, found ${what}: add ${step} to the "after" of ${own}`;
}
