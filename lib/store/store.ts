import type { AgentState } from '../model/agent';
import type { ExecutionEvent, NewEvent } from '../model/event';
import type { BackendKind, Execution, ExecutionSummary, ResultReuse } from '../model/execution';
import type { Plan } from '../model/plan';
import type { PlatformSettings } from '../model/platform-settings';
import type { ReportSummary } from '../model/report';
import type { RetentionRules } from '../model/retention';
import type { ExecutionStatus } from '../model/status';
import type { StepSpec } from '../model/step-spec';
import type { SuiteRun } from '../model/suite-details';
import type { SuiteScope } from '../model/suite-right';
import type { AgentStore, JobStore } from './agent-store';
import type { ArtifactStore } from './artifact-store';
import type { AuditStore } from './audit-store';
import type { CaseStore } from './case-store';
import type { EnvironmentStore } from './environment-store';
import type { Fence } from './fence';
import type { GrantStore } from './grant-store';
import type { LogStore } from './log-store';
import type { Notifier } from './notifier';
import type { ProfileStore } from './profile-store';
import type { ScheduleStore } from './schedule-store';
import type { TokenStore } from './token-store';
import type { TriggerStore } from './trigger-store';
import type { UserStore } from './user-store';
import type { WebhookStore } from './webhook-store';

export type { LogPage } from '../model/log-line';
export type { Fence } from './fence';
export type { LogFilter, LogStore } from './log-store';
export type { NewToken, Role, Token, TokenKind, TokenStore } from './token-store';

/**
 * What Gantry remembers. Rows are the truth. Every method rejects with AppError `store_unavailable` when the
 * database cannot be reached, and leaves nothing half done.
 */
export interface Store {
  readonly installation: Installation;
  readonly executions: ExecutionStore;
  readonly events: EventLog;
  readonly logs: LogStore;
  readonly artifacts: ArtifactStore;
  readonly cases: CaseStore;
  readonly packages: PackageStore;
  readonly environments: EnvironmentStore;
  readonly settings: SettingsStore;
  readonly tokens: TokenStore;
  readonly users: UserStore;
  readonly grants: GrantStore;
  readonly agents: AgentStore;
  readonly jobs: JobStore;
  readonly profiles: ProfileStore;
  readonly schedules: ScheduleStore;
  readonly webhooks: WebhookStore;
  readonly triggers: TriggerStore;
  readonly audit: AuditStore;
  readonly notifier: Notifier;
  /**
   * Removes one small batch of what is old; false when nothing is left to remove. Several control planes may do so
   * at once. What has not ended is never removed.
   */
  deleteExpired(rules: RetentionRules): Promise<boolean>;
  /** Counts what exists now, over all control planes. The cost does not depend on the history. */
  counts(offlineAfterMs: number): Promise<StoreCounts>;
  /** One round trip. */
  ping(): Promise<{ clockAheadMs: number }>;
  close(): Promise<void>;
}

export interface StoreCounts {
  executions: Record<'queued' | 'running', number>;
  agents: Record<AgentState, number>;
}

/** Made once per database. Resources of another installation are never ours. */
export interface Installation {
  id: string;
  /** 32 random bytes, hex: signs short-lived tokens. */
  secret: string;
}

export interface NewExecution {
  id: string;
  plan: Plan;
  backend: { id: string; kind: BackendKind; label: string };
  author: string;
  labels: Record<string, string>;
  /** The launch request's own env: kept to rerun it. */
  env: Record<string, string>;
  /** What the launch brought, encrypted: removed once the execution and its environment are over. */
  secrets?: { key: string; sealed: Uint8Array }[];
  idempotencyKey: string | null;
  /** For one that repeats another; `takeOvers` by step. */
  rerun?: { of: string; takeOvers: ReadonlyMap<string, ResultReuse> };
  /** Hash of the request, to tell a repeated request from another one with the same key. */
  requestHash: string;
}

export interface ExecutionFilter {
  suiteId?: string;
  status?: ExecutionStatus[];
  label?: { key: string; value: string };
  profile?: string;
  /** The name of who launched it. */
  author?: string;
  /** The value of its label `branch`. */
  branch?: string;
  /** Each of these words is in its id, suite, profile, backend, person, labels or cause, case-insensitive. */
  words?: string[];
  createdAfter?: string;
  createdBefore?: string;
  rerunOf?: string;
  /** Only executions of these suites. */
  scope?: SuiteScope | null;
}

export interface Page<T> {
  items: T[];
  /** Opaque; null on the last page. */
  nextCursor: string | null;
}

export interface ClaimedExecution {
  id: string;
  fence: Fence;
  /** True when it had been started before: go on instead of beginning. */
  adopted: boolean;
}

export interface ExecutionStore {
  /**
   * Writes the execution, its steps and event 1 in one transaction and rings `queue`, `overview` and the
   * execution's topic. With an idempotency key seen before: answers the first execution and writes nothing, or
   * rejects with `idempotency_conflict` when the request was another one.
   */
  create(execution: NewExecution): Promise<{ summary: ExecutionSummary; created: boolean }>;
  get(id: string): Promise<Execution | null>;
  summary(id: string): Promise<ExecutionSummary | null>;
  /** The suite ids of those executions that exist, by execution id. */
  suiteIds(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /**
   * Newest first. With a profile, an author or words it looks through 20,000 executions at the most, so that a page may
   * have fewer than `limit` and yet a next one. A cursor that is not one of ours rejects with `bad_request`.
   */
  list(filter: ExecutionFilter, limit: number, cursor: string | null): Promise<Page<ExecutionSummary>>;
  /**
   * How the newest whole execution of the suite with this profile ended that has a verdict: neither one of chosen steps
   * alone nor one that was cancelled. Looks at the newest 500 of the suite; null: there is none among them.
   */
  lastResult(suiteId: string, profile: string): Promise<ExecutionStatus | null>;
  /**
   * With `waitsFor` of those that are queued filled in; `list` and `overview` have done so already, other methods
   * leave it null.
   */
  explainQueue<T extends ExecutionSummary>(executions: readonly T[]): Promise<T[]>;
  plan(id: string): Promise<Plan | null>;
  /** The env of the launch request. */
  launchEnv(id: string): Promise<Record<string, string> | null>;
  /** A secret that the launch brought; null when it brought none of that key, or it is not kept any more. */
  launchSecret(id: string, key: string): Promise<Uint8Array | null>;
  /**
   * Takes up to `limit` executions that are queued, or running with a lease that ran out, oldest first, with
   * FOR UPDATE SKIP LOCKED. Each gets this owner and the next epoch. One whose group is full stays. Those that are
   * to be cancelled are taken beyond the limit, for they need no room.
   */
  claim(owner: string, leaseMs: number, limit: number): Promise<ClaimedExecution[]>;
  /** Executions that a newer one of their group is to cancel, each with that one's id. */
  superseded(): Promise<{ id: string; by: string }[]>;
  /** Extends the leases this owner still holds; answers the ids that it has lost. */
  renew(owner: string, fences: { id: string; epoch: number }[], leaseMs: number): Promise<string[]>;
  /** Gives the execution up at once, for another control plane to adopt. */
  release(id: string, fence: Fence): Promise<void>;
  /** Releases everything that an owner holds whose process is known to be gone. Returns the number of executions. */
  releaseAll(owner: string): Promise<number>;
  /** The specs as dispatched, one per attempt; the last call for an attempt counts. Secrets are stored masked. */
  saveStepSpec(spec: StepSpec): Promise<void>;
  stepSpecs(id: string, stepId: string): Promise<StepSpec[]>;
  /**
   * The newest that run, the ones that are first in the queue and those that finished last, so many of each, newest
   * first; and how many run and wait in all.
   */
  overview(limits: {
    running: number;
    queued: number;
    finished: number;
    scope?: SuiteScope | null;
  }): Promise<{ executions: ExecutionSummary[]; counts: { running: number; queued: number } }>;
  /** The newest ones of each of these suites, up to `limit` each, newest first. */
  runsOf(suiteIds: readonly string[], limit: number): Promise<SuiteRun[]>;
  /**
   * What a step reported in the newest execution of the suite, under the same profile, that passed; empty when there is
   * none among the newest 1,000 of the suite.
   */
  lastPassedReports(of: { suiteId: string; profile: string; stepId: string }): Promise<ReportSummary[]>;
}

export interface EventLog {
  /**
   * Appends in one transaction under the execution's row lock: numbers without gaps, commit order is number
   * order; applies them to the rows with `applyEvents`, and rings. Without a fence only
   * `execution.cancel_requested` is allowed. Answers the events as numbered.
   *
   * `known`: the execution as the caller knows it, with at least the steps that the events name. Where no event has
   * come since, nothing has to be read, which makes one statement of six. It has to be what all events up to its
   * `lastEventSeq` make.
   */
  append(
    id: string,
    events: NewEvent[],
    fence: Fence | null,
    known?: Execution | null,
  ): Promise<ExecutionEvent[]>;
  read(id: string, afterSeq: number, limit: number): Promise<ExecutionEvent[]>;
  /** Rings on each append; latched. */
  topic(id: string): string;
}

/** Packages by digest, so that a run does not change when its folder does, and any control plane can go on. */
export interface PackageStore {
  /** Calls `content` only when the digest is not there yet. */
  put(digest: string, content: () => AsyncIterable<Uint8Array>): Promise<void>;
  /** Rejects with `not_found` when it is not there. */
  open(digest: string): Promise<AsyncIterable<Uint8Array>>;
}

export interface SettingsStore {
  /** Null when nothing was ever saved. */
  platform(): Promise<PlatformSettings | null>;
  savePlatform(settings: PlatformSettings): Promise<void>;
}
