import { AppError, type InputIssue } from '../model/errors';
import type { SuiteKeyLines } from '../model/key-lines';
import { charactersOf } from '../model/limits';
import type { PlannedNode } from '../model/node';
import type { Plan } from '../model/plan';
import { readyOrder } from '../model/ready-order';
import type { Suite } from '../suites/suite';
import { checkLaunchValues } from './check-launch-values';
import { checkServiceNames } from './check-names';
import { checkSecretFiles } from './check-secret-files';
import { chooseProfile } from './choose-profile';
import { chooseSteps } from './choose-steps';
import { type FlatStep, flatten, type Level } from './flatten';
import { createLevelScopes } from './level-scope';
import { markOutputs } from './mark-outputs';
import { onlySteps } from './only-steps';
import { planNode } from './plan-node';
import type { PlanRequest } from './plan-request';
import { noChildren, type SuiteChildren } from './suite-tree';
import { findWarnings } from './warnings';

/**
 * Pure: the suite under a profile, with the suites nested in it, as an ordered, complete plan. Throws AppError
 * `profile_not_found` (naming the profiles there are) or `plan_invalid` with every issue. Linear in nodes and edges.
 */
export function makePlan(suite: Suite, request: PlanRequest, children: SuiteChildren = noChildren): Plan {
  const profile = chooseProfile(suite, request.profile);
  const issues: InputIssue[] = [];
  const level: Level = {
    ...chooseSteps(suite, profile),
    profile,
    prefix: '',
    inputs: {},
    source: null,
    nestedIn: null,
  };
  const all = flatten(level, children, issues).steps;
  const chosen = request.onlySteps ? onlySteps(all, request.onlySteps, level, issues) : all;
  const steps = orderSteps(chosen, issues);
  if (steps.length === 0 && issues.length === 0) {
    issues.push({ path: 'steps', message: `no step runs under the profile "${profile.name}"` });
  }
  issues.push(...checkServiceNames(steps));
  refuse(suite.id, issues);
  issues.push(...checkLaunchValues(level, steps, request));
  const scopes = createLevelScopes(request);
  const nodes = markOutputs(
    steps.map((step, index) => planNode(step, request, index, scopes(step.level), issues)),
  );
  refuse(suite.id, issues);
  refuse(suite.id, checkSecretFiles(nodes, profile.name));
  checkSize(suite.id, nodes);
  const { id, title, repository, version } = suite;
  return {
    suite: { id, title, repository, version },
    profile: profile.name,
    packageDigest: suite.packageDigest,
    failFast: suite.fail_fast,
    timeoutMs: suite.timeout ?? null,
    concurrency: suite.concurrency,
    ...(suite.waits === undefined ? {} : { waitTimeoutMs: suite.waits.timeout }),
    ...launchValuesOf(request),
    nodes,
    warnings: findWarnings(steps, nodes),
    keyLines: keyLinesOf(steps),
  };
}

function launchValuesOf({
  vars,
  images,
  secrets = [],
  onlySteps: wanted,
}: PlanRequest): Pick<Plan, 'launchValues'> {
  if (!vars && !images && !wanted && secrets.length === 0) return {};
  return {
    launchValues: {
      vars: vars ?? {},
      images: images ?? {},
      ...(secrets.length > 0 ? { secrets: [...secrets] } : {}),
      ...(wanted ? { onlySteps: [...wanted] } : {}),
    },
  };
}

function keyLinesOf(steps: readonly FlatStep[]): SuiteKeyLines[] {
  const levels = new Map<string, Level>(steps.map(({ level }) => [level.prefix, level]));
  return [...levels.values()].flatMap(({ prefix, suite, source }) => {
    const file = source ? `${source.suiteId}/suite.yaml` : 'suite.yaml';
    return suite.keyLines ? [{ prefix, file, ...suite.keyLines }] : [];
  });
}

/** Characters of the variables and headers of all steps together: each step has its own copy of what is above it. */
export const maxPlanCharacters = 8_000_000;

function checkSize(suiteId: string, nodes: readonly PlannedNode[]): void {
  let characters = 0;
  for (const { env, headers } of nodes) characters += charactersOf(env) + charactersOf(headers);
  if (characters <= maxPlanCharacters) return;
  refuse(suiteId, [
    {
      path: 'env',
      message: `the variables and headers of its ${nodes.length} steps have ${characters} characters together, expected at most ${maxPlanCharacters}: set fewer of them for every step`,
    },
  ]);
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
  // "did you mean …?" has its end already.
  const end = more === '' && first.message.endsWith('?') ? '' : '.';
  throw new AppError(
    'plan_invalid',
    `The suite ${suiteId} cannot be planned: ${place}${first.message}${more}${end}`,
    {
      issues,
    },
  );
}
