import { type PlannedNode, staysUp } from '../model/node';
import type { FlatStep } from './flatten';

const defaultTimeoutMs = 10 * 60_000;
const defaultGraceMs = 10_000;
const noRetries = { max: 0, backoffMs: 1_000 };

export interface PlanRequest {
  /** Null: the default profile. */
  profile: string | null;
  /** Platform overrides: above the suite's env, below the profile's. */
  platformEnv: Record<string, string>;
  /** The launch request's env: above everything but Gantry's own variables. */
  env: Record<string, string>;
}

/**
 * The step with every default filled in and its layers of env and headers merged, low to high. Each suite's own files
 * speak for its own steps; what is above the profile comes from outside.
 */
export function planNode(
  { id, step, level, after, onFailure }: FlatStep,
  request: PlanRequest,
  index: number,
): PlannedNode {
  const { suite, profile, prefix, inputs, source } = level;
  const { defaults } = suite;
  if (step.kind === 'suite') throw new Error(`the suite step ${id} was not expanded`);
  // A step may be called `constructor`.
  const own = Object.hasOwn(profile.steps, step.id) ? profile.steps[step.id] : undefined;
  return {
    id,
    name: step.name ?? id,
    kind: step.kind,
    index,
    after,
    onFailure,
    continueOnFailure: step.continueOnFailure,
    image: step.image ?? defaults.image,
    pull: step.pull ?? 'missing',
    command: step.command,
    cwd: step.cwd,
    env: {
      ...defaults.env,
      ...step.env,
      ...request.platformEnv,
      ...profile.env,
      ...inputs,
      ...own?.env,
      ...request.env,
    },
    headers: { ...defaults.headers, ...step.headers, ...profile.headers, ...own?.headers },
    secrets: profile.secrets,
    timeoutMs: step.timeoutMs ?? defaults.timeoutMs ?? defaultTimeoutMs,
    graceMs: step.graceMs ?? defaultGraceMs,
    retries: step.retries ?? (staysUp(step.kind) ? null : defaults.retries) ?? noRetries,
    expectExit: step.expectExit ?? [0],
    expectLogs: step.expectLogs,
    failOnLogs: step.failOnLogs,
    exports: step.exports,
    resources: {
      cpu: step.resources.cpu ?? defaults.resources.cpu,
      memoryBytes: step.resources.memoryBytes ?? defaults.resources.memoryBytes,
      pids: step.resources.pids ?? defaults.resources.pids,
    },
    capabilities: step.capabilities,
    ports: step.ports,
    ready: step.ready,
    resetMocks: step.resetMocks.map((mock) => `${prefix}${mock}`),
    tags: step.tags,
    packageDigest: suite.packageDigest,
    source,
  };
}
