import { z } from 'zod';
import { backendKind } from './execution';
import { hardening } from './hardening';
import { plannedReset } from './mock-reset';
import { nodeSource, plannedNode } from './node';
import { suiteIdentity } from './plan';
import { mask } from './secret';
import { stepInput } from './step-input';

/** A service that a step can reach. */
export const serviceAddress = z.object({
  /** The service's own step, unique in its execution. */
  stepId: z.string(),
  /**
   * A DNS label: what the step that sees it calls it. `api` within the service's own suite; a suite above calls
   * it `alias-api`. A suite below cannot see it.
   */
  name: z.string(),
  ports: z.array(z.int()),
});
export type ServiceAddress = z.infer<typeof serviceAddress>;

/** All that a backend needs to run one attempt of one step. */
export const stepSpec = z.object({
  executionId: z.string(),
  suite: suiteIdentity,
  /** The profile that was selected at launch. */
  profile: z.string(),
  /** The profile under which this node's own suite runs: another one for nodes of nested suites. */
  runtimeProfile: z.string(),
  stepId: z.string(),
  attempt: z.int().min(1),
  index: z.int(),
  total: z.int(),
  /** Complete, but for the addresses of services (`<NAME>_HOST`, `<NAME>_PORT`): only the backend knows them. */
  env: z.record(z.string(), z.string()),
  /**
   * Values of the node's `secrets` by key: above `env`, below Gantry's own variables. Never stored, logged or sent
   * to a client: see `maskSpec`.
   */
  secrets: z.record(z.string(), z.string()),
  headers: z.record(z.string(), z.string()),
  backend: z.object({ id: z.string(), kind: backendKind }),
  /** Hardening of the backend, for an agent that runs the step; `standard` where absent. */
  hardening: hardening.optional(),
  source: nodeSource.nullable(),
  /** The services that the step can see, itself included when it is one. No two have one name. */
  services: z.array(serviceAddress),
  /** When a resource of this step may be removed by anyone who finds it, RFC 3339. */
  deadline: z.string(),
  node: plannedNode,
  /** The image's name in the suite if `node.image` is pinned. It runs if the registry no longer has the pinned image. */
  namedImage: z.string().optional(),
  /** How long it may wait for an agent; absent: an hour. */
  waitTimeoutMs: z.int().positive().optional(),
  /** The files that the step's `inputs` are; absent where there are none. */
  inputs: z.array(stepInput).optional(),
  /** What is sent to mocks before its program starts; absent where there is nothing. */
  resets: z.array(plannedReset).optional(),
});
export type StepSpec = z.infer<typeof stepSpec>;

/** The spec as it may be stored and shown. */
export function maskSpec(spec: StepSpec): StepSpec {
  return { ...spec, secrets: Object.fromEntries(Object.keys(spec.secrets).map((key) => [key, mask])) };
}

/**
 * All variables of a step but the addresses of services: `env`, above it the secrets that are not files, above all
 * Gantry's own.
 */
export function stepEnv({
  env,
  secrets,
  node,
}: Pick<StepSpec, 'env' | 'secrets' | 'node'>): Record<string, string> {
  const { secretFiles } = node.container;
  const variables = Object.entries(secrets).filter(([key]) => !secretFiles.includes(key));
  const own = Object.entries(env).filter(([name]) => name === 'CI' || name.startsWith('GANTRY_'));
  return { ...env, ...Object.fromEntries(variables), ...Object.fromEntries(own) };
}
