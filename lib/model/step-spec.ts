import { z } from 'zod';
import { backendKind } from './execution';
import { nodeSource, plannedNode } from './node';
import { suiteIdentity } from './plan';

/** A service that a step can reach, by the name it has in the step's scope. */
export const serviceAddress = z.object({ stepId: z.string(), name: z.string(), ports: z.array(z.int()) });
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
  headers: z.record(z.string(), z.string()),
  backend: z.object({ id: z.string(), kind: backendKind }),
  source: nodeSource.nullable(),
  /** The services of the step's scope, itself included when it is one. */
  services: z.array(serviceAddress),
  /** When a resource of this step may be removed by anyone who finds it, RFC 3339. */
  deadline: z.string(),
  node: plannedNode,
});
export type StepSpec = z.infer<typeof stepSpec>;
