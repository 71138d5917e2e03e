import { z } from 'zod';
import { secretReference } from './secret';

export const stepKind = z.enum(['service', 'mock', 'task', 'test', 'traffic']);
export type StepKind = z.infer<typeof stepKind>;

/** Services and mocks stay up; tasks, tests and traffic run to an end. */
export function staysUp(kind: StepKind): boolean {
  return kind === 'service' || kind === 'mock';
}

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
  z.object({ type: z.literal('log'), rule: logRule }),
  z.object({ type: z.literal('healthcheck') }),
]);
export type ReadyProbe = z.infer<typeof readyProbe>;

export const readyRule = z.object({ probe: readyProbe, intervalMs: z.int(), timeoutMs: z.int() });
export type ReadyRule = z.infer<typeof readyRule>;

export const exportRule = z.object({
  /** A glob relative to `$GANTRY_ARTIFACTS`. */
  path: z.string(),
  format: z.enum(['file', 'junit', 'cobertura']),
  on: z.enum(['success', 'failure', 'always']),
  /** A step whose required export is missing has failed, whatever its exit code. */
  required: z.boolean(),
});
export type ExportRule = z.infer<typeof exportRule>;

export const resources = z.object({
  cpu: z.number().nullable(),
  memoryBytes: z.int().nullable(),
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
  /** As it was resolved: a commit for a tag. */
  ref: z.string(),
  /** Of its package. */
  digest: z.string(),
  /** The profile under which it runs. */
  profile: z.string(),
});
export type NodeSource = z.infer<typeof nodeSource>;

/** One vertex of a resolved, flat topology: complete, with every default filled in. */
export const plannedNode = z.object({
  /** A DNS label, or labels joined by `/` when nested. */
  id: z.string(),
  /** What people read. */
  name: z.string(),
  kind: stepKind,
  /** Position in ready order, from 0. */
  index: z.int(),
  after: z.array(z.string()),
  onFailure: z.array(z.string()),
  continueOnFailure: z.boolean(),
  image: z.string().nullable(),
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
  capabilities: z.array(z.string()),
  ports: z.array(z.int()),
  ready: readyRule.nullable(),
  resetMocks: z.array(z.string()),
  tags: z.array(z.string()),
  /** Digest (`sha256:…`) of the package whose files are at /suite. */
  packageDigest: z.string(),
  source: nodeSource.nullable(),
});
export type PlannedNode = z.infer<typeof plannedNode>;
