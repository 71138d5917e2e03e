import type { BackendRegistry } from '../backends/backend';
import type { Clock } from '../clock';
import type { DependencyFinder } from '../dependencies/finder';
import type { ExecutionSummary } from '../model/execution';
import type { LaunchRequest, LaunchSuite, RerunRequest } from '../model/launch';
import type { Logger } from '../model/logger';
import type { Plan } from '../model/plan';
import type { RetentionRules } from '../model/retention';
import type { StepTracing } from '../model/telemetry';
import type { RegistryLogins, SecretSeal, Secrets } from '../secrets/secrets';
import type { Store } from '../store/store';
import type { SuiteCatalog } from '../suites/catalog/catalog';
import type { Environments } from './environments/environments';

export interface EngineLimits {
  /** Executions that run at the same time on this control plane. */
  maxExecutions: number;
  /**
   * Steps that run at the same time on one backend that has no capacity of its own, over all executions; services
   * that are up do not count.
   */
  maxSteps: number;
  /** Steps of one execution that are made ready before they may run; none unless it is said. */
  prepareAhead?: number;
  /** Bytes of output kept per step; the rest is counted and dropped. */
  maxLogBytesPerStep: number;
  maxArtifactBytes: number;
  /** A larger report is kept as a file and not read. */
  maxReportBytes: number;
  leaseMs: number;
  retention: RetentionRules;
  /** From one sign of life of a step that starts to the next; 10 minutes unless it is said. */
  startSilenceMs?: number;
  /** How long a step's output and artifacts wait for space in the store; a minute unless it is said. */
  noSpaceMs?: number;
}

export interface EngineDependencies {
  clock: Clock;
  store: Store;
  catalog: SuiteCatalog;
  finder: DependencyFinder;
  backends: BackendRegistry;
  secrets: Secrets;
  seal: SecretSeal;
  logins: Pick<RegistryLogins, 'find'>;
  tracing: StepTracing;
  limits: EngineLimits;
  logger: Logger;
  /** This control plane's name in leases and labels; new at every start. */
  owner: string;
}

export interface Engine {
  readonly environments: Environments;
  /** Claims and runs executions until `stop`. */
  start(): void;
  /** Hands every running execution over (its steps keep running) and resolves when nothing of ours is left. */
  stop(): Promise<void>;
  launchSuites(): Promise<LaunchSuite[]>;
  /** What would run: for the launch page. Writes nothing. Rejects as `launch` does. */
  preview(request: LaunchRequest): Promise<Plan>;
  /**
   * Plans, picks the backend, stores package and execution. Nothing runs yet when it resolves. Rejects with
   * AppError suite_not_found, suite_invalid, dependency_invalid, dependency_unavailable, profile_not_found,
   * plan_invalid, secret_missing, secret_unavailable, backend_not_found, backend_unavailable, idempotency_conflict.
   */
  launch(
    request: LaunchRequest,
    author: string,
    idempotencyKey: string | null,
  ): Promise<{ summary: ExecutionSummary; created: boolean }>;
  /**
   * Launches what an ended execution ran, with its profile, backend, env and labels, from the suite as it is now.
   * Rejects as `launch` does, and with execution_not_found, or `conflict` when it has not ended or when nothing
   * failed that could be run again.
   */
  rerun(
    id: string,
    request: RerunRequest,
    author: string,
    idempotencyKey: string | null,
  ): Promise<{ summary: ExecutionSummary; created: boolean }>;
  /**
   * The test results of an execution as one JUnit file, with a link to its page below `origin`. Rejects with
   * execution_not_found.
   */
  junit(id: string, origin: string | null): Promise<AsyncIterable<Uint8Array>>;
  /**
   * Asks for the end of an execution and returns; idempotent. With `force` steps that always run end too, at once. Rejects
   * with execution_not_found, or `conflict` when it has ended.
   */
  cancel(id: string, by: string, options?: { force?: boolean }): Promise<ExecutionSummary>;
}
