import { closest } from 'fastest-levenshtein';
import type { TextPlace } from '../model/dependency';
import { type InputIssue, messageOf } from '../model/errors';
import type { NodeSource } from '../model/node';
import type { SuiteProfile } from '../model/suite';
import type { NestedSuiteStep, ProgramStep, Suite, SuiteStep } from '../suites/suite';
import { chooseProfile } from './choose-profile';
import { chooseSteps } from './choose-steps';
import { bareId, type SuiteChild, type SuiteChildren } from './suite-tree';

/** A suite as it takes part in a plan. */
export interface Level {
  suite: Suite;
  profile: SuiteProfile;
  /** Steps that the profile leaves out. */
  leftOut: readonly string[];
  /** Prefix of the ids of its nodes: empty, or `alias/` for each level. */
  prefix: string;
  inputs: Record<string, string>;
  source: NodeSource | null;
  /** The suite that this one is nested in, and where its dependencies.yaml says so. */
  nestedIn: { level: Level; place: TextPlace } | null;
}

/** A step under its id in the whole plan. */
export interface FlatStep {
  id: string;
  step: ProgramStep;
  level: Level;
  after: string[];
  onFailure: string[];
}

interface Part {
  steps: FlatStep[];
  /** They wait for nothing within the suite. */
  roots: FlatStep[];
  /** The nodes that a step after the suite waits for. */
  exits: string[];
  /** The nodes whose failure is a failure of the suite. */
  watched: string[];
}

/**
 * Puts the steps of nested suites in the place of the steps that stand for them, to any depth. Within a suite,
 * steps with `on_failure`, and what comes after those, are no part of what its end depends on. Linear.
 */
export function flatten(level: Level, children: SuiteChildren, issues: InputIssue[]): Part {
  const { suite, prefix } = level;
  const steps = suite.steps.map(withMocks(suite.steps));
  const parts = new Map<string, Part>();
  for (const step of steps) {
    if (parts.has(step.id))
      issues.push({ path: `${prefix}steps.${step.id}`, message: `the id ${step.id} is there twice` });
    parts.set(
      step.id,
      step.kind === 'suite' ? nestedPart(level, step, children, issues) : ownPart(level, step),
    );
  }

  const ids = [...parts.keys()];
  const find = (step: SuiteStep, key: 'after' | 'on_failure', names: readonly string[]) =>
    names.flatMap((name) => {
      const part = parts.get(name);
      if (part) return key === 'after' ? part.exits : part.watched;
      const message = `there is no step "${name}"; did you mean "${closest(name, ids)}"?`;
      issues.push({ path: `${prefix}steps.${step.id}.${key}`, message });
      return [];
    });
  for (const step of steps) {
    const after = find(step, 'after', step.after);
    const onFailure = find(step, 'on_failure', step.on_failure);
    for (const root of parts.get(step.id)?.roots ?? []) {
      root.after = after;
      root.onFailure = onFailure;
    }
  }

  const partOf = ({ id }: SuiteStep) => parts.get(id);
  const main = mainSteps(steps);
  const awaited = new Set(main.flatMap(({ after }) => after));
  const first = steps.filter(({ after, on_failure }) => after.length + on_failure.length === 0);
  return {
    steps: steps.flatMap((step) => partOf(step)?.steps ?? []),
    roots: first.flatMap((step) => partOf(step)?.roots ?? []),
    exits: main.filter(({ id }) => !awaited.has(id)).flatMap((step) => partOf(step)?.exits ?? []),
    watched: main.flatMap((step) => partOf(step)?.watched ?? []),
  };
}

/** A test waits for the mocks that it resets: those that are there. */
function withMocks(all: readonly SuiteStep[]): (step: SuiteStep) => SuiteStep {
  const mocks = new Set(all.filter(({ kind }) => kind === 'mock').map(({ id }) => id));
  return (step) => {
    if (step.kind !== 'test' || !step.reset_mocks?.length) return step;
    const named = step.reset_mocks.filter((id) => mocks.has(id));
    return { ...step, after: [...new Set([...step.after, ...named])] };
  };
}

function ownPart(level: Level, step: ProgramStep): Part {
  const id = `${level.prefix}${step.id}`;
  const flat: FlatStep = { id, step, level, after: [], onFailure: [] };
  return { steps: [flat], roots: [flat], exits: [id], watched: [id] };
}

function nestedPart(
  level: Level,
  step: NestedSuiteStep,
  children: SuiteChildren,
  issues: InputIssue[],
): Part {
  const child = children.get(step.ref);
  if (!child) {
    const message = `the dependency "${step.ref}" is not there`;
    issues.push({ path: `${level.prefix}steps.${step.id}.ref`, message });
    return { steps: [], roots: [], exits: [], watched: [] };
  }
  const profile = profileOf(child, level.prefix, issues);
  if (!profile) return { steps: [], roots: [], exits: [], watched: [] };
  const { suite, dependency, resolved } = child;
  const source: NodeSource = {
    suiteId: bareId(suite.id),
    title: suite.title,
    repository: suite.repository,
    version: suite.version,
    alias: dependency.alias,
    ref: resolved,
    digest: suite.packageDigest,
    profile: profile.name,
  };
  const prefix = `${level.prefix}${dependency.alias}/`;
  const nestedIn = { level, place: dependency.place };
  const own: Level = {
    ...chooseSteps(suite, profile),
    profile,
    prefix,
    inputs: dependency.inputs,
    source,
    nestedIn,
  };
  return flatten(own, child.children, issues);
}

function profileOf(
  { suite, dependency }: SuiteChild,
  prefix: string,
  issues: InputIssue[],
): SuiteProfile | null {
  try {
    return chooseProfile(suite, dependency.profile);
  } catch (error) {
    const { line, column } = dependency.profilePlace;
    issues.push({ path: `${prefix}dependencies.yaml:${line}:${column}`, message: messageOf(error) });
    return null;
  }
}

/** Without `on_failure` and without anything before them that has it. */
function mainSteps(steps: readonly SuiteStep[]): SuiteStep[] {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const known = new Map<string, boolean>();
  const isMain = (step: SuiteStep): boolean => {
    const answer = known.get(step.id);
    if (answer !== undefined) return answer;
    // A cycle is told elsewhere.
    known.set(step.id, true);
    const decided =
      step.on_failure.length === 0 &&
      step.after.every((id) => {
        const before = byId.get(id);
        return before === undefined || isMain(before);
      });
    known.set(step.id, decided);
    return decided;
  };
  return steps.filter(isMain);
}
