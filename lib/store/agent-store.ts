import type { AgentRegistration, AgentSummary } from '../model/agent';
import type { Artifact } from '../model/artifact';
import type {
  ControlOrder,
  DesiredState,
  EnvironmentOrder,
  Job,
  JobReport,
  JobResult,
  LeaseAnswer,
} from '../model/job';
import type { OutputLine, UnfinishedLine } from '../model/log-line';
import type { SecretReference } from '../model/secret';
import type { StepInput } from '../model/step-input';
import type { StepSpec } from '../model/step-spec';

/** An agent as a request of it needs it. */
export interface AgentIdentity {
  id: string;
  tokenId: string;
  /** Null: a plain client, which has never registered. */
  instance: string | null;
}

/** Remote workers. Every agent belongs to the token that first named it. */
export interface AgentStore {
  /** Rung when one came, went, or is drained. */
  readonly topic: string;
  /**
   * Makes it or changes it; the newest instance is the agent. What another instance held goes back to the queue at
   * once, for this one to adopt; a command ends as lost, for it may have run. Rejects with `forbidden` when the agent
   * belongs to another token.
   */
  register(agent: AgentRegistration, tokenId: string): Promise<void>;
  /** A plain client, known from its first claim on. Rejects with `forbidden` as `register` does. */
  admit(id: string, tokenId: string): Promise<AgentIdentity>;
  get(id: string): Promise<AgentIdentity | null>;
  /**
   * It is there. Answers which of the executions' environments on it are nobody's any more: it is to remove them.
   * Rejects with `not_found`, or `conflict` when another instance has registered since.
   */
  heartbeat(
    id: string,
    beat: { instance: string; problem: string | null; stopping: boolean; environments: string[] },
  ): Promise<{ reap: string[]; drain: AgentSummary['drain'] }>;
  /** They were heard of, just now. */
  seen(ids: readonly string[]): Promise<void>;
  list(offlineAfterMs: number): Promise<AgentSummary[]>;
  /** There is one, whatever its state. */
  any(): Promise<boolean>;
  /** It takes no execution that it has not begun; null ends it. Rejects with `not_found`. */
  drain(id: string, drain: { reason: string; by: string } | null): Promise<void>;
  /** Forgets it. Rejects with `not_found`, or `conflict` while it holds jobs or environments. */
  remove(id: string): Promise<void>;
}

export interface JobClaim {
  agentId: string;
  tokenId: string;
  /** Null: of any. */
  instance: string | null;
  /** The claim's own name: by it, it can be repeated. */
  claimId: string | null;
}

export interface ClaimTimes {
  leaseMs: number;
  offlineAfterMs: number;
}

/** Identifies the sender of a request about a job. Without a lease token only the agent's name is checked. */
export interface JobHolder {
  agentId: string;
  tokenId: string;
  leaseToken: string | null;
}

export interface JobState {
  id: string;
  state: 'queued' | 'leased' | 'done';
  agentId: string | null;
  deliveries: number;
  phase: { name: string; detail: string | null } | null;
  isRunning: boolean;
  isReady: boolean;
  /** Null where the agent has said nothing of unfinished lines. */
  unfinished: UnfinishedLine[] | null;
  logSeq: number;
  result: JobResult | null;
}

export interface JobLines {
  firstSeq: number;
  lastSeq: number;
  /** Lines of each stream before these. */
  before: { stdout: number; stderr: number };
  lines: OutputLine[];
}

export interface JobArtifact {
  path: string;
  format: Artifact['format'];
  bytes: number;
  sha256: string;
}

export interface AgentEnvironment {
  environment: EnvironmentOrder;
  createdAt: string;
  agent: { id: string; version: string; isPlain: boolean; isOnline: boolean } | null;
}

/**
 * Calls of a backend, written down for agents. The engine's side submits and reads, the agents' side claims and
 * reports. Leases run by the database's clock. Whatever a holder says is refused with `stale_fence` when its
 * lease ran out or the job is someone else's by now, and with `not_found` when it never was its; either changes
 * nothing.
 */
export interface JobStore {
  /** Rung when a job can be claimed. */
  readonly queueTopic: string;
  /** Rung when anything was reported of the job. */
  topic(jobId: string): string;
  /** Rung when something is wanted of whoever holds it. */
  desiredTopic(jobId: string): string;

  /** Idempotent. `tags`: what an agent needs for all of the execution's steps. */
  openEnvironment(environment: EnvironmentOrder, tags: readonly string[]): Promise<void>;
  environments(offlineAfterMs: number, executionId?: string): Promise<AgentEnvironment[]>;
  /** Takes every job of the execution back, and keeps only who has its environment. */
  beginClosing(executionId: string): Promise<void>;
  forgetEnvironment(executionId: string): Promise<void>;

  /** The job of this attempt: the one there is, or a new one at the end of the queue. */
  submit(step: StepSpec, staysUp: boolean): Promise<string>;
  /**
   * A job for this very agent. With `watchedMs` it lasts only as long as somebody waits for it: unless that is said
   * again within the time, by `attend`, what runs for it is to end and nothing of it stays.
   */
  submitControl(agentId: string, order: ControlOrder, watchedMs?: number): Promise<string>;
  extendWatch(jobId: string, forMs: number): Promise<void>;
  get(jobId: string): Promise<JobState | null>;
  /** Asks for its end; one that nobody has claimed is taken back. */
  setDesired(jobId: string, desired: DesiredState, graceMs: number): Promise<void>;
  /** Takes it back while nobody has claimed it. False when somebody has. */
  withdraw(jobId: string): Promise<boolean>;
  /** A few megabytes at the most. */
  lines(jobId: string, afterSeq: number): Promise<JobLines[]>;
  forgetLines(jobId: string, toSeq: number): Promise<void>;
  /** In the order in which they came, each with its content, which is to be read before the next is asked for. */
  openArtifacts(jobId: string): AsyncIterable<JobArtifact & { content: AsyncIterable<Uint8Array> }>;
  remove(jobId: string): Promise<void>;

  /**
   * For each claim the oldest job that its agent may take, leased to it, or null. Who claims first comes first. One
   * that has registered and was not heard of since gets none: its connection may be all that is left of it. A claim
   * that is repeated gets the same job again. A command is given out once, without values of secrets. `unadmitted`:
   * the agent is not known as of this token and instance, or it is a plain client of which nothing was noted for a
   * while.
   */
  claim(
    claims: readonly JobClaim[],
    kind: 'step' | 'control',
    times: ClaimTimes,
  ): Promise<(Job | null | 'unadmitted')[]>;
  /** Returns a job to the queue as if it had not been claimed, because the claiming client has gone. */
  release(jobId: string, leaseToken: string): Promise<void>;
  /** The lease of a command may be shorter than asked for. */
  renew(jobId: string, holder: JobHolder, leaseMs: number): Promise<LeaseAnswer>;
  /** Records progress. The text of a command is deleted once it runs, since nobody needs it any more. */
  report(jobId: string, holder: JobHolder, report: JobReport): Promise<void>;
  /**
   * Stores what is new of the lines and answers the newest number that is stored. Lines behind a gap are not
   * taken. `firstSeq` null: they come next.
   */
  appendLines(
    jobId: string,
    holder: JobHolder,
    firstSeq: number | null,
    lines: readonly OutputLine[],
  ): Promise<number>;
  /**
   * Stores what `mask` leaves of the content. Rejects with `bad_request` when the content is not what the digest says,
   * `payload_too_large` past `maxBytes`.
   */
  putArtifact(
    jobId: string,
    holder: JobHolder,
    artifact: Omit<JobArtifact, 'bytes'>,
    content: AsyncIterable<Uint8Array>,
    maxBytes: number,
    mask: (content: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
  ): Promise<void>;
  /** As `putArtifact` for each of them, in one transaction: small files of which the content is at hand. */
  putArtifacts(
    jobId: string,
    holder: JobHolder,
    files: readonly (Omit<JobArtifact, 'bytes'> & { content: Uint8Array })[],
    maxBytes: number,
    mask: (content: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
  ): Promise<void>;
  /**
   * The secrets of the step that a plain client may say; none of an agent that has registered, which masks them. Of a
   * command all of the plan: its agent may not know every one that stands in a container.
   */
  unmaskedSecrets(jobId: string, agentId: string): Promise<SecretReference[]>;
  /** Returns the secrets of those steps of the execution that the agent has ever been given. */
  secretsOfAgent(executionId: string, agentId: string): Promise<SecretReference[]>;
  /** The digest of the package that the job's step needs. */
  packageDigest(jobId: string, holder: JobHolder): Promise<string>;
  /** The image of the job's step; null where it names none. */
  stepImage(jobId: string, holder: JobHolder): Promise<{ image: string | null; isBuilt: boolean }>;
  /** One of the inputs of the job's step. Rejects with `artifact_not_found` when it has none of that id. */
  stepInput(jobId: string, holder: JobHolder, artifactId: string): Promise<StepInput>;
  /** Once: the same again is answered as the first time, another result with `conflict`. */
  complete(jobId: string, holder: JobHolder, result: JobResult): Promise<void>;

  /**
   * Gives back to the queue what was leased and not renewed, and ends as lost what was delivered too often, was to
   * end anyway, is a command, or whose services are gone with an agent that is offline. Asks for the end of what
   * nobody attends to any more, or forgets it; and forgets what ended an hour ago.
   */
  expire(limits: { maxDeliveries: number; offlineAfterMs: number }): Promise<void>;
}
