import type { Backend } from '../backends/backend';
import type { Clock } from '../clock';
import { maxExecOutput } from '../model/environment';
import { AppError, messageOf } from '../model/errors';
import type { ExecJob, JobResult } from '../model/job';
import type { Logger } from '../model/logger';
import type { Masker } from '../model/masker';
import type { ControlPlane } from './control-plane';
import { failureOf } from './control-requests';
import { startLeasedJob } from './leased-job';
import { createOutputSender, type OutputSender } from './output-sender';
import { retry } from './retry';

interface CommandDependencies {
  clock: Clock;
  logger: Logger;
  plane: ControlPlane;
  backend: Pick<Backend, 'exec'>;
  clockAheadMs(): number;
  /** Knows every secret that its container may show. */
  masker: Masker;
}

export interface CommandRun {
  /** The agent leaves: a command does not outlive it. */
  stop(): void;
  /** The command has ended, and its end is told as far as it can be. Never rejects. */
  done: Promise<void>;
}

/** Limit of output characters; the control plane ends the command long before. */
const maxSentCharacters = 2 * maxExecOutput;

/**
 * A command in a container of this machine, under its lease. It begins once the control plane has noted that it does,
 * so that it is run once or never, and is killed when it is to end, when the lease is lost and when the agent leaves.
 */
export function runCommandJob(deps: CommandDependencies, job: ExecJob, claimedMs: number): CommandRun {
  const { logger, plane, clock } = deps;
  const stop = new AbortController();
  const stopping = new AbortController();
  const what = { job: job.id, execution: job.executionId, container: job.resource };
  const { lost, outbox, release } = startLeasedJob(deps, { ...job, ackedSeq: 0 }, claimedMs, what, {
    onDesired: () => stop.abort(),
    onLost: () => stop.abort(),
  });
  const isInVain = AbortSignal.any([lost, stopping.signal]);

  async function run(): Promise<void> {
    try {
      await retry(deps, 'a command could not be begun', AbortSignal.any([isInVain, stop.signal]), () =>
        plane.report(job, { state: 'running' }),
      );
      const output = createOutputSender(outbox, () => clock.now().getTime() + deps.clockAheadMs());
      const result = await perform(deps, job, output, stop);
      if (!isInVain.aborted) await output.sent();
      if (lost.aborted) return;
      await retry(deps, 'the end of a command could not be reported', isInVain, () =>
        plane.complete(job, stopping.signal.aborted ? agentStopped : result),
      );
      logger.info({ ...what, result: JSON.stringify(result) }, 'a command has ended');
    } catch (error) {
      if (!lost.aborted) logger.warn({ ...what, error: messageOf(error) }, 'a command was dropped');
    } finally {
      await release();
    }
  }

  return {
    stop() {
      stopping.abort();
      stop.abort();
      void release();
    },
    done: run(),
  };
}

const agentStopped: JobResult = {
  failure: { code: 'backend_failed', message: 'The agent was stopped while the command ran, and ended it.' },
};

/** Runs the command and masks its output, so that no secret leaves this machine. */
async function perform(
  { backend, masker }: CommandDependencies,
  { executionId, resource, command }: ExecJob,
  output: OutputSender,
  stop: AbortController,
): Promise<JobResult> {
  const streams = { stdout: masker.stream(), stderr: masker.stream() };
  let sent = 0;
  const send = (stream: 'stdout' | 'stderr', text: string) => {
    if (sent > maxSentCharacters) return;
    sent += text.length;
    output.enqueue({ stream, text });
    if (sent > maxSentCharacters) stop.abort();
  };
  try {
    if (stop.signal.aborted) return { executed: { exitCode: null } };
    if (!backend.exec) throw new AppError('backend_failed', 'This agent cannot run commands.');
    const executed = await backend.exec(
      executionId,
      resource,
      command,
      ({ stream, text }) => send(stream, streams[stream].push(text)),
      stop.signal,
    );
    for (const stream of ['stdout', 'stderr'] as const) send(stream, streams[stream].end());
    return { executed };
  } catch (error) {
    return failureOf(error, masker);
  }
}
