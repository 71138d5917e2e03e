import { AppError, type InputIssue } from '../model/errors';
import type { Plan } from '../model/plan';
import { readyOrder } from '../model/ready-order';
import type { Suite } from '../model/suite';
import { checkServiceNames } from './check-names';
import { chooseProfile } from './choose-profile';
import { type FlatStep, flatten } from './flatten';
import { type PlanRequest, planNode } from './plan-node';
import { noChildren, type SuiteChildren } from './suite-tree';
import { findWarnings } from './warnings';

/**
 * Pure: the suite under a profile, with the suites nested in it, as an ordered, complete plan. Throws AppError
 * `profile_not_found` (naming the profiles there are) or `plan_invalid` with every issue. Linear in nodes and edges.
 */
export function makePlan(suite: Suite, request: PlanRequest, children: SuiteChildren = noChildren): Plan {
  const profile = chooseProfile(suite, request.profile);
  const issues: InputIssue[] = [];
  const level = { suite, profile, prefix: '', inputs: {}, source: null, nestedIn: null };
  const steps = orderSteps(flatten(level, children, issues).steps, issues);
  issues.push(...checkServiceNames(steps));
  refuse(suite.id, issues);
  const nodes = steps.map((step, index) => planNode(step, request, index));
  const { id, title, repository, version } = suite;
  return {
    suite: { id, title, repository, version },
    profile: profile.name,
    packageDigest: suite.packageDigest,
    failFast: suite.failFast,
    timeoutMs: suite.timeoutMs,
    concurrency: suite.concurrency,
    nodes,
    warnings: findWarnings(steps, nodes),
  };
}

/** A read suite has passed the checks of its own graph with places; a suite made otherwise has not. */
function orderSteps(steps: readonly FlatStep[], issues: InputIssue[]): FlatStep[] {
  const positions = new Map(steps.map(({ id }, position) => [id, position]));
  const waitsFor = steps.map(({ after, onFailure }) =>
    [...after, ...onFailure].flatMap((id) => positions.get(id) ?? []),
  );
  const { order, cycles } = readyOrder(waitsFor);
  for (const cycle of cycles) {
    const names = cycle.map((position) => steps[position]?.id);
    issues.push({
      path: `steps.${names[0]}`,
      message: `steps wait for each other in a cycle: ${[...names, names[0]].join(' → ')}`,
    });
  }
  if (steps.length === 0 && issues.length === 0)
    issues.push({ path: 'steps', message: 'there is no step to run' });
  return order.flatMap((position) => steps[position] ?? []);
}

function refuse(suiteId: string, issues: InputIssue[]): void {
  const [first] = issues;
  if (!first) return;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  const place = first.path.includes('.yaml') ? `${first.path}: ` : '';
  throw new AppError(
    'plan_invalid',
    `The suite ${suiteId} cannot be planned: ${place}${first.message}${more}.`,
    {
      issues,
    },
  );
}
