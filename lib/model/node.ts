import { z } from 'zod';
import { containerOptions } from './container-options';
import { coverageFormats } from './coverage-formats';
import { requestedCapabilities } from './hardening';
import { imageBuild } from './image-build';
import { mockReset } from './mock-reset';
import { testFormats } from './report';
import { secretReference } from './secret';
import { inputRule } from './step-input';
import { stepKinds } from './step-kind';
import { plannedTemplate } from './template';

export const stepKind = z.enum(stepKinds);
export type StepKind = z.infer<typeof stepKind>;

/** Compressed spelling of a rule on output: a literal text, or a pattern in RE2 syntax (linear time). */
export const logRule = z.object({
  text: z.string().nullable(),
  pattern: z.string().nullable(),
  stream: z.enum(['stdout', 'stderr', 'any']),
});
export type LogRule = z.infer<typeof logRule>;

export const readyProbe = z.discriminatedUnion('type', [
  z.object({ type: z.literal('tcp'), port: z.int() }),
  z.object({ type: z.literal('http'), port: z.int(), path: z.string(), status: z.array(z.int()).nullable() }),
  z.object({ type: z.literal('exec'), argv: z.array(z.string()).min(1) }),
  /** Holds once so many lines have matched. */
  z.object({ type: z.literal('log'), rule: logRule, count: z.int().default(1) }),
  z.object({ type: z.literal('healthcheck') }),
]);
export type ReadyProbe = z.infer<typeof readyProbe>;

/** A step is ready once all probes have held at the same time, for `forMs` without a break. */
export const readyRule = z.preprocess(
  withProbes,
  z.object({
    probes: z.array(readyProbe).min(1),
    forMs: z.int(),
    intervalMs: z.int(),
    timeoutMs: z.int(),
  }),
);
export type ReadyRule = z.infer<typeof readyRule>;

/** Plans that were stored by the first release have a single `probe`. */
function withProbes(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('probe' in value)) return value;
  const { probe, ...rest } = value;
  return { ...rest, probes: [probe], forMs: 0 };
}

/** The kinds of exported files: a plain file, a report whose content tells its format, or a report of one format. */
export const exportFormats = ['file', 'auto', ...testFormats, ...coverageFormats] as const;
export const exportFormat = z.enum(exportFormats);

export const exportRule = z.object({
  /** A glob relative to `$GANTRY_ARTIFACTS`. */
  path: z.string(),
  format: exportFormat,
  on: z.enum(['success', 'failure', 'always']),
  /** A step whose required export is missing has failed, whatever its exit code. */
  required: z.boolean(),
  /** The least number of cases that must have run, by the reports that the rule matches. */
  minTests: z.int().optional(),
  /** Coverage of lines in percent: at least `min`, and at most `drop` less than in the last run that passed. */
  coverage: z.object({ min: z.number().optional(), drop: z.number().optional() }).optional(),
});
export type ExportRule = z.infer<typeof exportRule>;

export const resources = z.object({
  cpu: z.number().nullable(),
  memoryBytes: z.int().nullable(),
  /** Absent, as in plans of earlier releases: no limit. */
  diskBytes: z.int().optional(),
  pids: z.int().nullable(),
});
export type Resources = z.infer<typeof resources>;

/** For a node that came from a nested suite: which suite, and how it was pinned. */
export const nodeSource = z.object({
  suiteId: z.string(),
  title: z.string(),
  repository: z.string().nullable(),
  version: z.string().nullable(),
  /** In the suite that names it. */
  alias: z.string(),
  /** The resolved ref: a commit for a tag. */
  ref: z.string(),
  /** Digest of its package. */
  digest: z.string(),
  /** The profile under which it runs. */
  profile: z.string(),
});
export type NodeSource = z.infer<typeof nodeSource>;

/** One vertex of a resolved, flat topology: complete, with every default filled in. */
export const plannedNode = z.object({
  /** A DNS label, or labels joined by `/` when nested. */
  id: z.string(),
  /** Display name. */
  name: z.string(),
  kind: stepKind,
  /** Position in ready order, from 0. */
  index: z.int(),
  after: z.array(z.string()),
  onFailure: z.array(z.string()),
  continueOnFailure: z.boolean(),
  /** Runs however what it comes after has ended, also after a cancel or a time-out of the run. */
  always: z.boolean().default(false),
  /** Null: the toolbox image, unless `build` makes one. */
  image: z.string().nullable(),
  /** In a rerun of what failed: the image of the previous run by digest. It runs instead of `image`. */
  pinnedImage: z.string().optional(),
  /** The image is made of files of the package. */
  build: imageBuild.nullable().default(null),
  pull: z.enum(['missing', 'always', 'never']),
  /** The argv, or null for the image's own command. */
  command: z.array(z.string()).nullable(),
  cwd: z.string().nullable(),
  env: z.record(z.string(), z.string()),
  headers: z.record(z.string(), z.string()),
  /** Each key once. The values are looked up when the step runs and are never stored. */
  secrets: z.array(secretReference),
  timeoutMs: z.int(),
  /** SIGTERM to SIGKILL. */
  graceMs: z.int(),
  retries: z.object({ max: z.int(), backoffMs: z.int() }),
  expectExit: z.array(z.int()),
  expectLogs: z.array(logRule),
  failOnLogs: z.array(logRule),
  exports: z.array(exportRule),
  resources,
  capabilities: requestedCapabilities,
  container: containerOptions.prefault({}),
  ports: z.array(z.int()),
  ready: readyRule.nullable(),
  /** Mocks whose `reset` is sent before each attempt. */
  resetMocks: z.array(z.string()),
  /** Of a mock that can be reset; else absent. */
  reset: mockReset.optional(),
  tags: z.array(z.string()),
  /** Digest (`sha256:…`) of the package whose files are at /suite. */
  packageDigest: z.string(),
  source: nodeSource.nullable(),
  /** The values that are written with templates; absent in plans of earlier releases. */
  templates: z.array(plannedTemplate).optional(),
  /** Artifacts of earlier steps that it gets; absent where there are none. */
  inputs: z.array(inputRule).optional(),
  /** What it writes into `$GANTRY_OUTPUT` is read. */
  outputs: z.boolean().optional(),
});
export type PlannedNode = z.infer<typeof plannedNode>;
