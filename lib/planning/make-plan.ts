import { closest } from 'fastest-levenshtein';
import { AppError, type InputIssue } from '../model/errors';
import type { Plan } from '../model/plan';
import { readyOrder } from '../model/ready-order';
import type { Suite, SuiteProfile, SuiteStep } from '../model/suite';
import { type PlanRequest, planNode } from './plan-node';
import { findWarnings } from './warnings';

/**
 * Pure: the suite under a profile as an ordered, complete plan. Throws AppError `profile_not_found` (naming the
 * profiles there are) or `plan_invalid` with every issue. Linear in nodes and edges.
 */
export function makePlan(suite: Suite, request: PlanRequest): Plan {
  const profile = chooseProfile(suite, request.profile);
  const nodes = orderSteps(suite).map((step, index) => planNode({ suite, profile, request }, step, index));
  const { id, title, repository, version } = suite;
  return {
    suite: { id, title, repository, version },
    profile: profile.name,
    packageDigest: suite.packageDigest,
    failFast: suite.failFast,
    timeoutMs: suite.timeoutMs,
    concurrency: suite.concurrency,
    nodes,
    warnings: findWarnings(suite, nodes),
  };
}

/** The chosen one, else the default one, else the first. */
function chooseProfile(suite: Suite, wanted: string | null): SuiteProfile {
  const launchable = suite.profiles.filter((profile) => profile.launchable);
  const found =
    wanted === null
      ? (launchable.find((profile) => profile.default) ?? launchable[0])
      : launchable.find(({ name }) => name === wanted);
  if (found) return found;
  const names = launchable.map(({ name }) => name);
  const there =
    names.length > 0
      ? `It can be launched with: ${names.join(', ')}.`
      : 'None of its profiles can be launched.';
  if (wanted === null)
    throw new AppError('profile_not_found', `The suite ${suite.id} has no profile to launch. ${there}`);
  const reason = suite.profiles.some(({ name }) => name === wanted)
    ? `The profile "${wanted}" of the suite ${suite.id} is only there to be extended.`
    : `The suite ${suite.id} has no profile "${wanted}".`;
  throw new AppError('profile_not_found', `${reason} ${there}`);
}

/** A read suite has passed these checks with places; a suite made otherwise has not. */
function orderSteps({ id: suiteId, steps }: Suite): SuiteStep[] {
  const issues: InputIssue[] = [];
  const ids = steps.map(({ id }) => id);
  const positions = new Map<string, number>();
  for (const [position, id] of ids.entries()) {
    if (positions.has(id)) issues.push({ path: `steps.${id}`, message: `the id ${id} is there twice` });
    positions.set(id, position);
  }
  const resolve = (step: SuiteStep, key: 'after' | 'on_failure', names: readonly string[]) =>
    names.flatMap((name) => {
      const position = positions.get(name);
      if (position !== undefined) return [position];
      const message = `there is no step "${name}"; did you mean "${closest(name, ids)}"?`;
      issues.push({ path: `steps.${step.id}.${key}`, message });
      return [];
    });
  const waitsFor = steps.map((step) => [
    ...resolve(step, 'after', step.after),
    ...resolve(step, 'on_failure', step.onFailure),
  ]);
  const { order, cycles } = readyOrder(waitsFor);
  for (const cycle of cycles) {
    const names = cycle.map((position) => ids[position]);
    issues.push({
      path: `steps.${names[0]}`,
      message: `steps wait for each other in a cycle: ${[...names, names[0]].join(' → ')}`,
    });
  }
  if (steps.length === 0) issues.push({ path: 'steps', message: 'there is no step to run' });
  if (issues.length > 0) {
    const [first] = issues;
    const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
    throw new AppError('plan_invalid', `The suite ${suiteId} cannot be planned: ${first?.message}${more}.`, {
      issues,
    });
  }
  return order.flatMap((position) => steps[position] ?? []);
}
