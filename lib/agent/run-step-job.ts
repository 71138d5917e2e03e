import { type Backend, type StepOutcome, type StepWatch, StopRequest } from '../backends/backend';
import { attemptName } from '../backends/labels';
import { createLineMasker } from '../backends/mask-lines';
import type { Clock } from '../clock';
import { AppError, messageOf } from '../model/errors';
import type { JobResult, StepJob } from '../model/job';
import type { LogStream } from '../model/log-line';
import type { Logger } from '../model/logger';
import { createMasker, type Masker } from '../model/masker';
import type { ControlPlane } from './control-plane';
import type { Environments } from './environments';
import { startLeasedJob } from './leased-job';
import type { Outbox } from './outbox';
import { retry } from './retry';
import { type ArtifactSender, createArtifactSender } from './send-artifacts';

export interface JobDependencies {
  clock: Clock;
  logger: Logger;
  plane: ControlPlane;
  backend: Pick<Backend, 'runStep' | 'readLastLines' | 'readUsage' | 'missingImages' | 'exec'>;
  environments: Environments;
  /** For files on their way. */
  folder: string;
  /** Milliseconds by which the control plane's clock is ahead of ours. */
  clockAheadMs(): number;
}

export interface StepRun {
  /** A service that is up does not count against the capacity. */
  isUp(): boolean;
  /** Lets go at once and leaves the step running, for whoever claims the job next. */
  detach(): void;
  /** True when the job was lost: what it left here is of no use. Never rejects. */
  done: Promise<boolean>;
}

/** Grace time of a container whose lease is lost, since another agent may be running the step by now. */
const lostGraceMs = 2_000;

/**
 * One step on this machine's Docker, under its lease. `claimedMs`: when the claim was answered, monotonic. `isSpoilt`: this
 * agent stopped its program, for the lease was over.
 */
export function runStepJob(
  deps: JobDependencies,
  job: StepJob,
  claimedMs: number,
  isSpoilt: boolean,
): StepRun {
  const { logger, plane } = deps;
  const stop = new AbortController();
  const what = { job: job.id, execution: job.spec.executionId, step: job.spec.stepId, attempt: job.attempt };
  let isUp = false;
  const { lost, outbox, release } = startLeasedJob(deps, job, claimedMs, what, {
    onDesired: (desired, graceMs) =>
      stop.abort(new StopRequest(desired === 'stop' ? 'not_needed' : 'cancelled', graceMs)),
    onLost: () => stop.abort(new StopRequest('cancelled', Math.min(job.spec.node.graceMs, lostGraceMs))),
  });

  async function run(): Promise<boolean> {
    try {
      const onReady = () => {
        isUp = true;
      };
      const result = await perform(deps, job, outbox, { stop: stop.signal, lost, onReady, isSpoilt });
      if (lost.aborted) return true;
      if (wasDetached(stop.signal)) return false;
      await outbox.flush();
      await retry(deps, 'an end could not be reported', lost, () => plane.complete(job, result));
      logger.info({ ...what, result: summary(result) }, 'a step has ended');
      return false;
    } catch (error) {
      if (!lost.aborted) logger.warn({ ...what, error: messageOf(error) }, 'a job was dropped');
      return true;
    } finally {
      await release();
    }
  }

  return {
    isUp: () => isUp,
    detach: () => stop.abort(new StopRequest('detached', 0)),
    done: run(),
  };
}

/** Everything from the environment to the outcome; what Docker could not do is a result too. */
async function perform(
  deps: JobDependencies,
  job: StepJob,
  outbox: Outbox,
  {
    stop,
    lost,
    onReady,
    isSpoilt,
  }: { stop: AbortSignal; lost: AbortSignal; onReady: () => void; isSpoilt: boolean },
): Promise<JobResult> {
  const { environments, backend } = deps;
  // Secrets never leave this machine.
  const masker = createMasker(Object.values(job.spec.secrets));
  try {
    await environments.open(job.environment);
    const found = job.delivery > 1 ? await isThere(environments, job) : false;
    if (!found && job.mustAdopt) {
      const message = `agent lost: what ran of step ${job.spec.stepId} is not on this machine any more`;
      return { failure: { code: 'agent_lost', message } };
    }
    if (found && isSpoilt) {
      const message = `agent lost: step ${job.spec.stepId} was stopped when its agent had been silent for too long`;
      return { failure: { code: 'agent_lost', message } };
    }
    if (!found && job.delivery > 1) {
      outbox.enqueue({ state: 'preparing', restarted: true });
      await outbox.push([system(deps, `begins again: it was lost with an agent (delivery ${job.delivery})`)]);
    }
    const warnings: string[] = [];
    const sender = createArtifactSender(deps, job, lost, (path, why) => {
      warnings.push(`${path} could not be kept: ${why}`);
    });
    const watch = makeWatch(deps, job, outbox, { stop, lost, sender, onReady, masker });
    const outcome = await backend.runStep(
      job.spec,
      found ? { ...watch, resumeAfter: job.resumeAfter ?? { stdout: 0, stderr: 0 } } : watch,
    );
    await sender.flush();
    const reason = outcome.reason === null ? null : masker.cutText(outcome.reason);
    const notExported = outcome.notExported?.map((each) => ({
      ...each,
      path: masker.text(each.path),
      target: each.target && masker.text(each.target),
    }));
    return {
      outcome: {
        ...outcome,
        reason,
        notExported,
        warnings: [...outcome.warnings, ...warnings].map(masker.cutText),
      },
    };
  } catch (error) {
    const code = error instanceof AppError ? error.code : null;
    return {
      failure: {
        code: code === 'image_missing' || code === 'backend_unavailable' ? code : 'backend_failed',
        message: masker.cutText(messageOf(error)),
      },
    };
  }
}

function makeWatch(
  deps: JobDependencies,
  job: StepJob,
  outbox: Outbox,
  {
    stop,
    lost,
    sender,
    onReady,
    masker,
  }: { stop: AbortSignal; lost: AbortSignal; sender: ArtifactSender; onReady: () => void; masker: Masker },
): StepWatch {
  const aheadMs = deps.clockAheadMs();
  const { mask } = createLineMasker(masker);
  const unfinished = new Map<LogStream, string>();
  return {
    signal: stop,
    onPhase: ({ name, detail }) => outbox.enqueue({ state: name, message: detail && masker.cutText(detail) }),
    onRunning: () => outbox.enqueue({ state: 'running' }),
    onReady() {
      onReady();
      outbox.enqueue({ state: 'ready' });
    },
    onUnfinished({ stream, text }) {
      // Without the end of a text that may be the beginning of a secret.
      unfinished.set(stream, masker.stream().push(text));
      const lines = [...unfinished].map(([of, shown]) => ({ stream: of, text: shown }));
      outbox.enqueue({ state: 'running', unfinished: lines.filter((line) => line.text !== '') });
    },
    onLines: (lines) => outbox.push(mask(lines).map((line) => ({ ...line, atMs: line.atMs + aheadMs }))),
    openInput: (input) => deps.plane.openInput(job, input),
    registryLogin: (host) =>
      retry(deps, 'a login could not be asked for', lost, () => deps.plane.registryLogin(job, host)),
    async onArtifact(artifact) {
      await outbox.flush();
      const path = masker.text(artifact.path);
      await sender.send({ ...artifact, path, content: masker.bytes(artifact.content) });
    },
  };
}

async function isThere(environments: Environments, { spec }: StepJob): Promise<boolean> {
  const name = attemptName(spec);
  const all = await environments.list();
  return all.some(({ resources }) =>
    resources.some((each) => each.kind === 'container' && each.name === name),
  );
}

function system({ clock, clockAheadMs }: JobDependencies, text: string) {
  return { stream: 'system' as const, atMs: clock.now().getTime() + clockAheadMs(), text };
}

function wasDetached(signal: AbortSignal): boolean {
  return signal.reason instanceof StopRequest && signal.reason.why === 'detached';
}

function summary(result: JobResult): string {
  if ('failure' in result) return result.failure.message;
  const outcome: StepOutcome | null = 'outcome' in result ? result.outcome : null;
  return outcome ? `${outcome.ended}, exit code ${outcome.exitCode}` : 'nothing';
}
