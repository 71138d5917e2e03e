import { closest } from 'fastest-levenshtein';
import type { TextPlace } from '../model/dependency';
import { type InputIssue, messageOf } from '../model/errors';
import type { NodeSource } from '../model/node';
import type { Suite, SuiteProfile, SuiteStep } from '../model/suite';
import { chooseProfile } from './choose-profile';
import { bareId, type SuiteChild, type SuiteChildren } from './suite-tree';

/** A suite as it takes part in a plan. */
export interface Level {
  suite: Suite;
  profile: SuiteProfile;
  /** Of the ids of its nodes: empty, or `alias/` for each level. */
  prefix: string;
  inputs: Record<string, string>;
  source: NodeSource | null;
  /** The suite that this one is nested in, and where its dependencies.yaml says so. */
  nestedIn: { level: Level; place: TextPlace } | null;
}

/** A step under its id in the whole plan. */
export interface FlatStep {
  id: string;
  step: SuiteStep;
  level: Level;
  after: string[];
  onFailure: string[];
}

interface Part {
  steps: FlatStep[];
  /** They wait for nothing within the suite. */
  roots: FlatStep[];
  /** Who comes after the suite comes after these. */
  exits: string[];
  /** Who waits for the suite to fail waits for any of these to. */
  watched: string[];
}

/**
 * Puts the steps of nested suites in the place of the steps that stand for them, to any depth. Within a suite,
 * steps with `on_failure`, and what comes after those, are no part of what its end depends on. Linear.
 */
export function flatten(level: Level, children: SuiteChildren, issues: InputIssue[]): Part {
  const { suite, prefix } = level;
  const parts = new Map<string, Part>();
  for (const step of suite.steps) {
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
  for (const step of suite.steps) {
    const after = find(step, 'after', step.after);
    const onFailure = find(step, 'on_failure', step.onFailure);
    for (const root of parts.get(step.id)?.roots ?? []) {
      root.after = after;
      root.onFailure = onFailure;
    }
  }

  const partOf = ({ id }: SuiteStep) => parts.get(id);
  const main = mainSteps(suite.steps);
  const awaited = new Set(main.flatMap(({ after }) => after));
  const first = suite.steps.filter(({ after, onFailure }) => after.length + onFailure.length === 0);
  return {
    steps: suite.steps.flatMap((step) => partOf(step)?.steps ?? []),
    roots: first.flatMap((step) => partOf(step)?.roots ?? []),
    exits: main.filter(({ id }) => !awaited.has(id)).flatMap((step) => partOf(step)?.exits ?? []),
    watched: main.flatMap((step) => partOf(step)?.watched ?? []),
  };
}

function ownPart(level: Level, step: SuiteStep): Part {
  const id = `${level.prefix}${step.id}`;
  const flat: FlatStep = { id, step, level, after: [], onFailure: [] };
  return { steps: [flat], roots: [flat], exits: [id], watched: [id] };
}

function nestedPart(level: Level, step: SuiteStep, children: SuiteChildren, issues: InputIssue[]): Part {
  const child = children.get(step.ref ?? '');
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
  const own: Level = { suite, profile, prefix, inputs: dependency.inputs, source, nestedIn };
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
      step.onFailure.length === 0 &&
      step.after.every((id) => {
        const before = byId.get(id);
        return before === undefined || isMain(before);
      });
    known.set(step.id, decided);
    return decided;
  };
  return steps.filter(isMain);
}
