import { z } from 'zod';
import { concurrency } from './concurrency';
import { dependency, lockedDependency } from './dependency';
import { exportRule, logRule, readyRule, resources, stepKind } from './node';
import { secretReference } from './secret';

/** Something wrong in a suite's files, at its place. Lines and columns count from 1. */
export const suiteProblem = z.object({
  file: z.string(),
  line: z.int(),
  column: z.int(),
  /** Names the thing, what was expected, what was found. */
  message: z.string(),
});
export type SuiteProblem = z.infer<typeof suiteProblem>;

const variables = z.record(z.string(), z.string());

/** A `suite` step stands for the steps of a nested suite and is expanded away when a plan is made. */
export const suiteStepKind = z.enum([...stepKind.options, 'suite']);
export type SuiteStepKind = z.infer<typeof suiteStepKind>;

/** A step as its suite describes it: parsed and checked, durations in milliseconds; null where not given. */
export const suiteStep = z.object({
  id: z.string(),
  name: z.string().nullable(),
  kind: suiteStepKind,
  /** The alias of the nested suite; null for every other kind. */
  ref: z.string().nullable(),
  image: z.string().nullable(),
  pull: z.enum(['missing', 'always', 'never']).nullable(),
  command: z.array(z.string()).nullable(),
  cwd: z.string().nullable(),
  env: variables,
  headers: variables,
  after: z.array(z.string()),
  onFailure: z.array(z.string()),
  continueOnFailure: z.boolean(),
  timeoutMs: z.int().nullable(),
  graceMs: z.int().nullable(),
  retries: z.object({ max: z.int(), backoffMs: z.int() }).nullable(),
  expectExit: z.array(z.int()).nullable(),
  expectLogs: z.array(logRule),
  failOnLogs: z.array(logRule),
  exports: z.array(exportRule),
  resources,
  capabilities: z.array(z.string()),
  ports: z.array(z.int()),
  ready: readyRule.nullable(),
  resetMocks: z.array(z.string()),
  tags: z.array(z.string()),
});
export type SuiteStep = z.infer<typeof suiteStep>;

export const suiteProfile = z.object({
  name: z.string(),
  description: z.string().nullable(),
  default: z.boolean(),
  launchable: z.boolean(),
  /** The chain is resolved: what the bases say is merged in, their own values below this profile's. */
  env: variables,
  headers: variables,
  /** Each key once, the chain's merged. */
  secrets: z.array(secretReference),
  /** By step id. */
  steps: z.record(z.string(), z.object({ env: variables, headers: variables })),
});
export type SuiteProfile = z.infer<typeof suiteProfile>;

export const suiteFile = z.object({ path: z.string(), bytes: z.int(), executable: z.boolean() });
export type SuiteFile = z.infer<typeof suiteFile>;

/** A valid suite. */
export const suite = z.object({
  id: z.string(),
  title: z.string(),
  description: z.string().nullable(),
  repository: z.string().nullable(),
  version: z.string().nullable(),
  failFast: z.boolean(),
  /** Limit of a whole execution. */
  timeoutMs: z.int().nullable(),
  concurrency: concurrency.nullable(),
  defaults: z.object({
    timeoutMs: z.int().nullable(),
    image: z.string().nullable(),
    env: variables,
    headers: variables,
    retries: z.object({ max: z.int(), backoffMs: z.int() }).nullable(),
    resources,
  }),
  /** In the file's order. */
  steps: z.array(suiteStep),
  /** At least one; exactly one is the default. */
  profiles: z.array(suiteProfile),
  dependencies: z.array(dependency),
  /** As `dependencies.lock.yaml` has it: whether it fits is looked at when the suite is to run. */
  lock: z.array(lockedDependency),
  /** `sha256:…` over the package's files. */
  packageDigest: z.string(),
  files: z.array(suiteFile),
});
export type Suite = z.infer<typeof suite>;

/** A folder below a suite root: a suite, or what is wrong with it. */
export interface CatalogEntry {
  /** The suite's id, or the folder's name when the file could not be read that far. */
  id: string;
  /** Absolute. */
  folder: string;
  suite: Suite | null;
  problems: SuiteProblem[];
}
