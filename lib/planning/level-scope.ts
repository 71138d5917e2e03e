import type { VariableLayer } from '../model/template';
import { explainReference, type TemplateScope } from '../suites/templates/explain-reference';
import type { Reference } from '../suites/templates/grammar';
import { createStepsBefore } from '../suites/templates/steps-before';
import type { Level } from './flatten';
import type { PlanRequest } from './plan-request';

export interface VariableValue {
  value: string;
  layer: VariableLayer;
}

/** What the templates of one suite of a plan can name. */
export interface LevelScope {
  vars: ReadonlyMap<string, VariableValue>;
  profile: string;
  prefix: string;
  /** What is wrong with a name in a value of a step, or of several where it is null. */
  explain(reference: Reference, step: string | null): string | null;
}

/** Makes the scope of each suite of a plan once. A launch sets the variables of the outermost suite alone. */
export function createLevelScopes(request: PlanRequest): (level: Level) => LevelScope {
  const scopes = new Map<Level, LevelScope>();
  return (level) => {
    const scope = scopes.get(level) ?? createScope(level, request);
    scopes.set(level, scope);
    return scope;
  };
}

function createScope({ suite, profile, prefix, leftOut }: Level, request: PlanRequest): LevelScope {
  const vars = new Map<string, VariableValue>();
  const add = (values: Record<string, string>, layer: VariableLayer) => {
    for (const [name, value] of Object.entries(values)) vars.set(name, { value, layer });
  };
  add(suite.vars ?? {}, 'suite');
  add(profile.vars ?? {}, 'profile');
  if (prefix === '') add(request.vars ?? {}, 'launch');
  const scope: Omit<TemplateScope, 'step'> = {
    vars: Object.keys(suite.vars ?? {}),
    kinds: new Map(suite.steps.map(({ id, kind }) => [id, kind])),
    before: createStepsBefore(suite.steps),
  };
  return {
    vars,
    profile: profile.name,
    prefix,
    explain(reference, step) {
      if (reference.kind === 'output' && leftOut.includes(reference.step))
        return `expected an output of a step that runs, found steps.${reference.step}.outputs.${reference.output}: the profile "${profile.name}" leaves ${reference.step} out; set the value in the profile, or leave this step out as well`;
      return explainReference(reference, { ...scope, step });
    },
  };
}
