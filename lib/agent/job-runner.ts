import type { OnRemoved, OpenPackage } from '../backends/backend';
import { attemptName } from '../backends/labels';
import { messageOf } from '../model/errors';
import type { ControlJob, ExecJob, Job, JobResult, StepJob } from '../model/job';
import { answerControlRequest as answerQuestion } from './control-requests';
import { createSecretsOfExecutions } from './known-secrets';
import { openHeldPackage } from './open-held-package';
import { retry } from './retry';
import { type CommandRun, runCommandJob } from './run-command-job';
import { type JobDependencies, runStepJob, type StepRun } from './run-step-job';

/** Runs every job that this agent has claimed. */
export interface JobRunner {
  start(job: Job, claimedMs: number): void;
  count(): number;
  /** Whether something of the execution runs or is being removed. */
  isBusy(executionId: string): boolean;
  /** Resolves when another step may be claimed, or the signal ends. */
  waitForSlot(capacity: number, isHealthy: () => boolean, signal: AbortSignal): Promise<void>;
  openPackage: OpenPackage;
  /** Ends all commands: none outlives the agent. */
  stopCommands(): void;
  detach(): void;
  /** Resolves when nothing is under way any more. */
  settled(): Promise<void>;
}

interface Held {
  job: StepJob;
  run: StepRun | null;
}

const recheckMs = 250;
/** Limit of concurrent commands, independent of the steps. */
const maxCommands = 4;

export function createJobRunner(deps: JobDependencies): JobRunner {
  const { clock, logger, plane, environments } = deps;
  const held = new Map<string, Held>();
  const attempts = new Map<string, Promise<void>>();
  const controls = new Set<Promise<void>>();
  const commands = new Map<string, CommandRun>();
  const closing = new Set<string>();
  /** Attempts whose program this agent stopped because its lease was over, and their executions: what is left tells nothing. */
  const spoilt = new Map<string, string>();
  const forever = new AbortController();
  const holdsJobOf = (executionId: string) =>
    [...held.values()].some(({ job }) => job.spec.executionId === executionId);
  const secrets = createSecretsOfExecutions((id) => holdsJobOf(id) || environments.openIds().includes(id));

  /** Runs a step. A job that is delivered again waits until its earlier run has ended. */
  function beginStep(job: StepJob, claimedMs: number): void {
    const name = attemptName(job.spec);
    const entry: Held = { job, run: null };
    held.set(job.id + job.leaseToken, entry);
    secrets.add(job);
    const before = attempts.get(name);
    const work = (async () => {
      await before;
      entry.run = runStepJob(deps, job, claimedMs, spoilt.has(name));
      const isLost = await entry.run.done;
      held.delete(job.id + job.leaseToken);
      if (!isLost) return;
      spoilt.set(name, job.spec.executionId);
      if (await cleanUp(job.spec.executionId)) spoilt.delete(name);
    })();
    const settled = work.then(() => {
      if (attempts.get(name) === settled) attempts.delete(name);
    });
    attempts.set(name, settled);
  }

  /**
   * Removes the execution's environment where this agent runs no job of it any more. One that waits for this, for it was
   * delivered again, begins anew. False when the environment is still there.
   */
  async function cleanUp(executionId: string): Promise<boolean> {
    const runs = [...held.values()].some(
      ({ job, run }) => job.spec.executionId === executionId && run !== null,
    );
    if (runs) return false;
    try {
      await environments.close(executionId);
      return true;
    } catch (error) {
      logger.warn({ execution: executionId, error: messageOf(error) }, 'what a lost job left is still there');
      return false;
    }
  }

  function beginCommand(job: ExecJob, claimedMs: number): void {
    // One that comes again is run once.
    if (commands.has(job.id)) return;
    if (commands.size >= maxCommands) {
      const message = `This agent runs ${maxCommands} commands at the moment, which is the most: try again when one has ended.`;
      answer(job, async () => ({ refusal: { code: 'conflict', message } }));
      return;
    }
    const masker = secrets.maskerOf(job.executionId, job.secrets);
    const run = runCommandJob({ ...deps, masker }, job, claimedMs);
    commands.set(job.id, run);
    void run.done.then(() => commands.delete(job.id));
  }

  function answer(job: ControlJob, find: () => Promise<JobResult>): void {
    const work = sendAnswer(job, find).finally(() => controls.delete(work));
    controls.add(work);
  }

  async function sendAnswer(job: ControlJob, find: () => Promise<JobResult>): Promise<void> {
    const result = await find().catch((error: unknown): JobResult => {
      return { failure: { code: 'backend_failed', message: messageOf(error) } };
    });
    await retry(deps, 'an answer could not be sent', forever.signal, () => plane.complete(job, result)).catch(
      (error: unknown) => logger.warn({ job: job.id, error: messageOf(error) }, 'an answer came too late'),
    );
  }

  async function control(job: Exclude<ControlJob, ExecJob>): Promise<JobResult> {
    if (job.kind === 'list') return { environments: await environments.list() };
    if (job.kind !== 'close') return answerQuestion({ ...deps, maskerOf: secrets.maskerOf }, job);
    closing.add(job.executionId);
    try {
      for (const { job: step, run } of held.values())
        if (step.spec.executionId === job.executionId) run?.detach();
      const removed: Parameters<OnRemoved>[0][] = [];
      const receipt = await environments.close(job.executionId, (resource) => removed.push(resource));
      for (const [name, executionId] of spoilt) if (executionId === job.executionId) spoilt.delete(name);
      return { receipt, removed };
    } finally {
      closing.delete(job.executionId);
    }
  }

  return {
    start(job, claimedMs) {
      if (job.kind === 'step') return beginStep(job, claimedMs);
      if (job.kind === 'exec') return beginCommand(job, claimedMs);
      answer(job, () => control(job));
    },
    count: () => held.size,
    isBusy: (executionId) => closing.has(executionId) || holdsJobOf(executionId),
    async waitForSlot(capacity, isHealthy, signal) {
      const isFull = () => [...held.values()].filter(({ run }) => !run?.isUp()).length >= capacity;
      while ((isFull() || !isHealthy()) && !signal.aborted) await clock.sleep(recheckMs, signal);
    },
    openPackage: (digest) => openHeldPackage(plane, [...held.values()], digest),
    stopCommands() {
      for (const run of commands.values()) run.stop();
    },
    detach() {
      forever.abort();
      for (const { run } of held.values()) run?.detach();
    },
    async settled() {
      while (attempts.size + controls.size + commands.size > 0) {
        const ends = [...commands.values()].map(({ done }) => done);
        await Promise.all([...attempts.values(), ...controls, ...ends]);
      }
    },
  };
}
