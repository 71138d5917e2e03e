import type { OnRemoved, OpenPackage } from '../backends/backend';
import { attemptName } from '../backends/labels';
import { AppError, messageOf } from '../model/errors';
import type { ControlJob, ExecJob, Job, JobResult, StepJob } from '../model/job';
import { answer as answerQuestion } from './answer';
import { createKnownSecrets } from './known-secrets';
import { persistently } from './patience';
import { type CommandRun, runCommandJob } from './run-command-job';
import { type JobDependencies, runStepJob, type StepRun } from './run-step-job';

/** Every job that this agent holds. */
export interface JobBook {
  begin(job: Job, claimedMs: number): void;
  count(): number;
  /** Something of the execution runs or is being removed. */
  isBusy(executionId: string): boolean;
  /** Resolves when another step may be claimed, or the signal ends. */
  room(capacity: number, isAble: () => boolean, signal: AbortSignal): Promise<void>;
  openPackage: OpenPackage;
  /** No command outlives the agent. */
  endCommands(): void;
  handOver(): void;
  /** Resolves when nothing is under way any more. */
  settled(): Promise<void>;
}

interface Held {
  job: StepJob;
  run: StepRun | null;
}

const lookAgainMs = 250;
/** At the same time, however many steps there are. */
const mostCommands = 4;

export function createJobBook(deps: JobDependencies): JobBook {
  const { clock, logger, plane, environments } = deps;
  const held = new Map<string, Held>();
  const attempts = new Map<string, Promise<void>>();
  const controls = new Set<Promise<void>>();
  const commands = new Map<string, CommandRun>();
  const closing = new Set<string>();
  const forever = new AbortController();
  const holds = (executionId: string) =>
    [...held.values()].some(({ job }) => job.spec.executionId === executionId);
  const secrets = createKnownSecrets((id) => holds(id) || environments.known().includes(id));

  /** A job that comes again waits for the end of what was done for it before. */
  function beginStep(job: StepJob, claimedMs: number): void {
    const name = attemptName(job.spec);
    const entry: Held = { job, run: null };
    held.set(job.id + job.leaseToken, entry);
    secrets.add(job);
    const before = attempts.get(name);
    const work = (async () => {
      await before;
      entry.run = runStepJob(deps, job, claimedMs);
      const isLost = await entry.run.done;
      held.delete(job.id + job.leaseToken);
      if (isLost) await cleanUp(job.spec.executionId);
    })();
    const settled = work.then(() => {
      if (attempts.get(name) === settled) attempts.delete(name);
    });
    attempts.set(name, settled);
  }

  /** Once nothing of the execution is ours any more, nothing of it is left here. */
  async function cleanUp(executionId: string): Promise<void> {
    if (holds(executionId)) return;
    try {
      await environments.close(executionId);
    } catch (error) {
      logger.warn({ execution: executionId, error: messageOf(error) }, 'what a lost job left is still there');
    }
  }

  function beginCommand(job: ExecJob, claimedMs: number): void {
    // One that comes again is run once.
    if (commands.has(job.id)) return;
    if (commands.size >= mostCommands) {
      const message = `This agent runs ${mostCommands} commands at the moment, which is the most: try again when one has ended.`;
      answer(job, async () => ({ refusal: { code: 'conflict', message } }));
      return;
    }
    const masker = secrets.maskerOf(job.executionId, job.secrets);
    const run = runCommandJob({ ...deps, masker }, job, claimedMs);
    commands.set(job.id, run);
    void run.done.then(() => commands.delete(job.id));
  }

  function answer(job: ControlJob, find: () => Promise<JobResult>): void {
    const work = tell(job, find).finally(() => controls.delete(work));
    controls.add(work);
  }

  async function tell(job: ControlJob, find: () => Promise<JobResult>): Promise<void> {
    const result = await find().catch((error: unknown): JobResult => {
      return { failure: { code: 'backend_failed', message: messageOf(error) } };
    });
    await persistently(deps, 'an answer could not be sent', forever.signal, () =>
      plane.complete(job, result),
    ).catch((error: unknown) =>
      logger.warn({ job: job.id, error: messageOf(error) }, 'an answer came too late'),
    );
  }

  async function control(job: Exclude<ControlJob, ExecJob>): Promise<JobResult> {
    if (job.kind === 'list') return { environments: await environments.list() };
    if (job.kind !== 'close') return answerQuestion({ ...deps, maskerOf: secrets.maskerOf }, job);
    closing.add(job.executionId);
    try {
      for (const { job: step, run } of held.values())
        if (step.spec.executionId === job.executionId) run?.handOver();
      const removed: Parameters<OnRemoved>[0][] = [];
      const receipt = await environments.close(job.executionId, (resource) => removed.push(resource));
      return { receipt, removed };
    } finally {
      closing.delete(job.executionId);
    }
  }

  return {
    begin(job, claimedMs) {
      if (job.kind === 'step') return beginStep(job, claimedMs);
      if (job.kind === 'exec') return beginCommand(job, claimedMs);
      answer(job, () => control(job));
    },
    count: () => held.size,
    isBusy: (executionId) => closing.has(executionId) || holds(executionId),
    async room(capacity, isAble, signal) {
      const isFull = () => [...held.values()].filter(({ run }) => !run?.isUp()).length >= capacity;
      while ((isFull() || !isAble()) && !signal.aborted) await clock.sleep(lookAgainMs, signal);
    },
    async openPackage(digest) {
      for (const { job } of held.values())
        if (job.spec.node.packageDigest === digest) return plane.openPackage(job);
      throw new AppError('not_found', `no step of this agent has the package ${digest}`);
    },
    endCommands() {
      for (const run of commands.values()) run.leave();
    },
    handOver() {
      forever.abort();
      for (const { run } of held.values()) run?.handOver();
    },
    async settled() {
      while (attempts.size + controls.size + commands.size > 0) {
        const ends = [...commands.values()].map(({ done }) => done);
        await Promise.all([...attempts.values(), ...controls, ...ends]);
      }
    },
  };
}
