import { type Backend, type StepOutcome, type StepWatch, StopRequest } from '../backends/backend';
import { attemptName } from '../backends/labels';
import { createLineMasker } from '../backends/mask-lines';
import type { Clock } from '../clock';
import { AppError, messageOf } from '../model/errors';
import type { JobResult, StepJob } from '../model/job';
import type { Logger } from '../model/logger';
import { createMasker, type Masker } from '../model/masker';
import type { ControlPlane } from './control-plane';
import type { Environments } from './environments';
import { holdJob } from './hold-job';
import type { Outbox } from './outbox';
import { persistently } from './patience';
import { sendArtifact } from './send-artifact';

export interface JobDependencies {
  clock: Clock;
  logger: Logger;
  plane: ControlPlane;
  backend: Pick<Backend, 'runStep' | 'readLastLines' | 'readUsage' | 'exec'>;
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
  handOver(): void;
  /** True when the job was lost: what it left here is of no use. Never rejects. */
  done: Promise<boolean>;
}

/** What stops a container whose lease is lost: somebody else may be running the step by now. */
const lostGraceMs = 2_000;

/** One step on this machine's Docker, under its lease. `claimedMs`: when the claim was answered, monotonic. */
export function runStepJob(deps: JobDependencies, job: StepJob, claimedMs: number): StepRun {
  const { logger, plane } = deps;
  const stop = new AbortController();
  const what = { job: job.id, execution: job.spec.executionId, step: job.spec.stepId, attempt: job.attempt };
  let isUp = false;
  const { lost, outbox, release } = holdJob(deps, job, claimedMs, what, {
    onDesired: (desired, graceMs) =>
      stop.abort(new StopRequest(desired === 'stop' ? 'not_needed' : 'cancelled', graceMs)),
    onLost: () => stop.abort(new StopRequest('cancelled', Math.min(job.spec.node.graceMs, lostGraceMs))),
  });

  async function run(): Promise<boolean> {
    try {
      const result = await perform(deps, job, outbox, stop.signal, lost, () => {
        isUp = true;
      });
      if (lost.aborted) return true;
      if (wasHandedOver(stop.signal)) return false;
      await outbox.flush();
      await persistently(deps, 'an end could not be reported', lost, () => plane.complete(job, result));
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
    handOver: () => stop.abort(new StopRequest('handed_over', 0)),
    done: run(),
  };
}

/** Everything from the environment to the outcome; what Docker could not do is a result too. */
async function perform(
  deps: JobDependencies,
  job: StepJob,
  outbox: Outbox,
  stop: AbortSignal,
  lost: AbortSignal,
  onReady: () => void,
): Promise<JobResult> {
  const { environments, backend } = deps;
  // What leaves this machine has no secret in it.
  const masker = createMasker(Object.values(job.spec.secrets));
  try {
    await environments.open(job.environment);
    const found = job.delivery > 1 ? await isThere(environments, job) : false;
    if (!found && job.mustAdopt) {
      const message = `agent lost: what ran of step ${job.spec.stepId} is not on this machine any more`;
      return { failure: { code: 'agent_lost', message } };
    }
    if (!found && job.delivery > 1) {
      outbox.say({ state: 'preparing', restarted: true });
      await outbox.push([system(deps, `begins again: it was lost with an agent (delivery ${job.delivery})`)]);
    }
    const warnings: string[] = [];
    const watch = makeWatch(deps, job, outbox, { stop, lost, onReady, warnings, masker });
    const outcome = await backend.runStep(
      job.spec,
      found ? { ...watch, resumeAfter: job.resumeAfter ?? { stdout: 0, stderr: 0 } } : watch,
    );
    const reason = outcome.reason === null ? null : masker.cutText(outcome.reason);
    return {
      outcome: { ...outcome, reason, warnings: [...outcome.warnings, ...warnings].map(masker.cutText) },
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
    onReady,
    warnings,
    masker,
  }: { stop: AbortSignal; lost: AbortSignal; onReady: () => void; warnings: string[]; masker: Masker },
): StepWatch {
  const aheadMs = deps.clockAheadMs();
  const { mask } = createLineMasker(masker);
  return {
    signal: stop,
    onPhase: ({ name, detail }) => outbox.say({ state: name, message: detail && masker.cutText(detail) }),
    onRunning: () => outbox.say({ state: 'running' }),
    onReady() {
      onReady();
      outbox.say({ state: 'ready' });
    },
    onLines: (lines) => outbox.push(mask(lines).map((line) => ({ ...line, atMs: line.atMs + aheadMs }))),
    async onArtifact(artifact) {
      try {
        await outbox.flush();
        const path = masker.text(artifact.path);
        await sendArtifact(deps, job, { ...artifact, path, content: masker.bytes(artifact.content) }, lost);
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'payload_too_large') throw error;
        warnings.push(`${artifact.path} could not be kept: ${error.message}`);
      }
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

function wasHandedOver(signal: AbortSignal): boolean {
  return signal.reason instanceof StopRequest && signal.reason.why === 'handed_over';
}

function summary(result: JobResult): string {
  if ('failure' in result) return result.failure.message;
  const outcome: StepOutcome | null = 'outcome' in result ? result.outcome : null;
  return outcome ? `${outcome.ended}, exit code ${outcome.exitCode}` : 'nothing';
}
