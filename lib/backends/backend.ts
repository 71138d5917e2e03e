import type { NotExported } from '../model/artifact';
import type { Health } from '../model/environment';
import type { BackendKind, StepPhase } from '../model/execution';
import type { Hardening } from '../model/hardening';
import type { ImageFacts } from '../model/image-facts';
import type { LookUpImages } from '../model/image-look-up';
import type { BackendOption } from '../model/launch';
import type { LogPosition, OutputLine, UnfinishedLine } from '../model/log-line';
import type { ExportRule, PlannedNode } from '../model/node';
import type { Plan } from '../model/plan';
import type { AheadStage, StepPreparer } from '../model/prepared-step';
import type { RemovalReceipt, ResourceKind } from '../model/receipt';
import type { RegistryLogin } from '../model/registry-login';
import type { StepInput } from '../model/step-input';
import type { ServiceAddress, StepSpec } from '../model/step-spec';

export type Availability =
  /** What is there, e.g. "Docker 20.10.24, 128 of 128 networks free". */
  | { available: true; detail: string }
  | { available: false /** What is missing and what to do, in one sentence. */; reason: string };

export interface EnvironmentSpec {
  executionId: string;
  suiteId: string;
  profile: string;
  /** The control plane that opened it; goes into the labels. */
  owner: string;
  /** When anyone who finds the environment may remove it, RFC 3339. */
  deadline: string;
  services: ServiceAddress[];
  /** What its steps may use at most, one entry a step; absent: not known. */
  demands?: StepDemand[];
}

/** Amounts are null where neither the step nor anybody above it states one. */
export interface StepDemand {
  cpu: number | null;
  memoryBytes: number | null;
  /** How often it may be tried. */
  attempts: number;
}

/** Why the engine ended a step's signal: `signal.reason` is always one of these. */
export class StopRequest {
  constructor(
    readonly why: 'cancelled' | 'timed_out' | 'not_needed' | 'detached',
    /** SIGTERM to SIGKILL. */
    readonly graceMs: number,
  ) {}
}

/** A file that a step left in `$GANTRY_ARTIFACTS` and one of its export rules asks for. */
export interface ArtifactStream {
  path: string;
  format: ExportRule['format'];
  bytes: number;
  content: AsyncIterable<Uint8Array>;
}

export interface StepWatch {
  /**
   * Ended by the engine with a StopRequest as its reason. The backend then sends SIGTERM, waits `graceMs`,
   * sends SIGKILL, and settles as usual. With `detached` it lets go at once and leaves the step running.
   */
  signal: AbortSignal;
  /** Lines that an earlier call for this very attempt has delivered: they are not delivered again. */
  resumeAfter?: LogPosition;
  /** An earlier call has told that the program of this attempt runs. */
  wasRunning?: boolean;
  onPhase(phase: Omit<StepPhase, 'at'>): void;
  /** The step's program runs. At most once a call, before any line of its output. `from`: what was made ahead of it, if any. */
  onRunning(from?: AheadStage): void;
  /** A service or mock answered its probe (or has none and runs). At most once a call. */
  onReady(): void;
  /** In order. The backend awaits the promise before it delivers more: this is the backpressure. */
  onLines(lines: OutputLine[]): Promise<void>;
  /**
   * What a stream has printed since its last line ended, whenever that has changed and stood for a moment; an empty text
   * once the line has ended. For people who watch: nothing of it is kept, and it comes in no order with `onLines`.
   */
  onUnfinished?(line: UnfinishedLine): void;
  /** Called one after another, after the last line; `content` must be consumed before the promise resolves. */
  onArtifact(artifact: ArtifactStream): Promise<void>;
  /** The content of one of the step's inputs, for a container that has not started. Whoever reads it checks its digest. */
  openInput?(input: StepInput): Promise<AsyncIterable<Uint8Array>>;
  /** The platform's login for the host of a registry, for one pull; null when it has none. */
  registryLogin?(host: string): Promise<RegistryLogin | null>;
}

/** How long a step waits for an agent or for a cluster's queue, unless its suite sets `waits.timeout`. */
export const defaultWaitMs = 60 * 60_000;

export interface StepOutcome {
  /** `stopped`: after the signal; what had ended before it is `exited`. `not_ready`: the probe did not pass in time, and the step was stopped. */
  ended: 'exited' | 'stopped' | 'not_ready';
  /** 128 + its number when a signal ended the program; null when it never ran or was handed over. */
  exitCode: number | null;
  /** The name of the signal that ended it, also when only the exit code tells. */
  signal: string | null;
  oomKilled: boolean;
  /** When the program ended, in ms since 1970 by the clock of the machine that ran it. Absent if the vendor does not report it. */
  endedAtMs?: number;
  /** The name of that clock if an environment has several, e.g. the node. Only times of the same clock are compared. */
  endClock?: string;
  /** The memory limit that was in force at the end. Absent: the limit of the suite, if it sets one. */
  memoryLimitBytes?: number;
  /** More than the code says: the last probe's answer, "killed by SIGKILL after 10 s of grace". */
  reason: string | null;
  /** Lines may be missing at the end of its output, through no fault of the program; a warning says why. */
  isOutputCut?: boolean;
  /** What an export rule asks for, or what lies on the way to it, and is no regular file: it is not followed. */
  notExported?: NotExported[];
  /** The image that it ran; absent where there was none, or the vendor does not tell. */
  image?: ImageFacts;
  /** Things a person should know although the step ended well, e.g. a child that ran out of memory. */
  warnings: string[];
}

export interface EnvironmentResource {
  kind: ResourceKind;
  name: string;
  stepId: string | null;
  /** The vendor's word for its state, e.g. `running`. */
  state: string | null;
  // What a backend cannot tell of what follows it leaves out.
  image?: string | null;
  health?: Health | null;
  exitCode?: number | null;
  createdAt?: string | null;
  /** Where it can be reached from the backend's own machine: an IP address, a process group. */
  address?: string | null;
  ports?: number[];
  /** A command that opens a shell in it, for a terminal on the backend's own machine. */
  shell?: string | null;
  /** It was made ahead: the step's program does not run in it yet, whatever its state. */
  ahead?: AheadStage;
}

/** What a running resource has used so far, and uses now. Null is what the vendor does not tell. */
export interface UsageReading {
  /** By the backend's clock. */
  atMs: number;
  cpuMs: number | null;
  /** Cores, from a vendor that tells this in the place of `cpuMs`. */
  cpu?: number;
  memoryBytes: number;
  /** Null when it has no limit of its own. */
  memoryLimitBytes: number | null;
  receivedBytes: number | null;
  sentBytes: number | null;
  readBytes: number | null;
  writtenBytes: number | null;
  /** What it holds on disk beside its image and its volumes; measured now and then. */
  diskBytes?: number | null;
}

export type PullWatch = Pick<StepWatch, 'registryLogin' | 'signal'>;

export interface ExecOutput {
  stream: 'stdout' | 'stderr';
  text: string;
}

/** Something that `closeEnvironment` has just removed. */
export type OnRemoved = (resource: { kind: ResourceKind; name: string }) => void;

export interface EnvironmentSnapshot {
  executionId: string;
  suiteId: string | null;
  profile?: string | null;
  owner: string | null;
  deadline: string | null;
  createdAt: string | null;
  resources: EnvironmentResource[];
  /** False: who has it did not answer, and its resources are as they were last seen, if they were. */
  isSeen?: boolean;
}

export interface ResourceIntent {
  kind: ResourceKind;
  /** As `listEnvironments` tells it. */
  name: string;
  stepId: string | null;
  attempt: number | null;
}

/**
 * Where a backend writes down what it makes, so that nothing can be lost between the decision and the deed. The
 * engine implements it; an agent, whose control plane keeps the rows, uses `noLedger`.
 */
export interface ResourceLedger {
  /**
   * Resolves when the intents are durable: only then may they be made. Waits while the store is away, and rejects
   * when the signal ends first. What was intended before is intended once.
   */
  intend(executionId: string, intents: readonly ResourceIntent[], signal?: AbortSignal): Promise<void>;
  /** It is there. Written soon; nobody waits for it. */
  made(executionId: string, kind: ResourceKind, name: string): void;
  /** It was removed before its environment is closed. Never rejects; once it resolves the name may be intended again. */
  removed(executionId: string, kind: ResourceKind, name: string): Promise<void>;
}

export const noLedger: ResourceLedger = {
  intend: async () => undefined,
  made: () => undefined,
  removed: async () => undefined,
};

/**
 * Where steps run. The engine cannot tell which one is behind it, and one contract test runs against all.
 *
 * - Calls for different steps may run at the same time; calls for one attempt never do.
 * - Everything it makes carries labels with installation, execution, step, attempt, owner and deadline, and
 *   it touches nothing without its own installation's label.
 * - Whoever opens closes: the engine calls `closeEnvironment` after every `openEnvironment`, also a failed one.
 */
export interface Backend extends Partial<StepPreparer> {
  readonly id: string;
  readonly kind: BackendKind;
  /** What it takes from containers; absent where it makes none, or by other rules. */
  readonly hardening?: Hardening;

  /** Asks the vendor; answers within 5 s and never throws. */
  check(): Promise<Availability>;

  /**
   * Why this plan cannot run here whatever the state of the backend, in one sentence that names the steps; null
   * when it can. Pure. Absent: every plan can. (`process`: steps with an image other than the toolbox.)
   */
  refuses?(plan: Plan): string | null;

  /** Absent on backends that have no images. */
  missingImages?: LookUpImages;

  /** Pulls missing images of these steps, a few at a time, in the order of need, until the signal ends. Never rejects. */
  pullImages?(nodes: readonly PlannedNode[], watch: PullWatch): Promise<void>;
  /** Idempotent: a second call for the same execution finds what the first one made. */
  openEnvironment(environment: EnvironmentSpec): Promise<void>;

  /**
   * Runs one attempt to its end: adopts the attempt if it is already there (running or ended), else creates it.
   * A program that ends badly is an outcome. Rejects with an AppError (`backend_failed`, `image_missing`,
   * `backend_unavailable`) only when the backend could not do its part. A service's promise settles when the
   * signal ends or the service does.
   */
  runStep(step: StepSpec, watch: StepWatch): Promise<StepOutcome>;

  /**
   * Removes everything of the execution, in reverse order of creation. Idempotent, safe after a failed open,
   * has its own deadline of 60 s and tells what it could not remove. Rejects only when the backend cannot be
   * asked at all. `onRemoved` hears of each removal as it happens.
   */
  closeEnvironment(executionId: string, onRemoved?: OnRemoved): Promise<RemovalReceipt>;

  /** What is there, from labels alone. */
  listEnvironments(): Promise<EnvironmentSnapshot[]>;
  /** The environment is needed until then: tells whoever would remove it at its deadline. */
  renewEnvironment?(executionId: string, until: string): Promise<void>;

  /**
   * Calls `onChange` whenever something of ours may have come, gone or changed, until the signal ends. Rejects when
   * the backend cannot be watched any more. Absent: it has to be listed again and again.
   */
  watchEnvironments?(onChange: () => void, signal: AbortSignal): Promise<void>;

  /**
   * Runs a command with `sh -c` in a running resource of the execution, once or never, and kills it with its children
   * when the signal ends; what it prints comes meanwhile, in pieces of any size. The exit code is null when the signal
   * ended it. Rejects with `not_found` when there is no such resource, with `conflict` when it does not run, with
   * `backend_failed` or `backend_unavailable` when its end cannot be told.
   */
  exec?(
    executionId: string,
    resource: string,
    command: string,
    onOutput: (output: ExecOutput) => void,
    signal: AbortSignal,
  ): Promise<{ exitCode: number | null }>;

  /** The last lines that a resource has printed, as the vendor keeps them. Rejects as `exec` does. */
  readLastLines?(executionId: string, resource: string, lines: number): Promise<string>;

  /** One reading of a running resource; null when there is none to be had. Cheap; takes a second at most. */
  readUsage?(executionId: string, resource: string): Promise<UsageReading | null>;
}

/** Reads the content of a package (a tar stream of its files) by digest. The engine provides it to backends. */
export type OpenPackage = (digest: string) => Promise<AsyncIterable<Uint8Array>>;

/** The backends of the platform settings, or the automatic ones. Answers of `check` are kept for 5 s. */
export interface BackendRegistry {
  /** In the settings' order, enabled ones only. */
  options(): Promise<BackendOption[]>;
  get(id: string): Promise<Backend | null>;
  /** How many steps may run there at once; null, or absent: nothing is said of it. */
  capacity?(id: string): Promise<number | null>;
}
