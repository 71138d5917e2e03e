import { waitAtMost } from '../../clock';
import { AppError, messageOf } from '../../model/errors';
import type { ControlOrder, JobResult } from '../../model/job';
import type { JobState } from '../../store/agent-store';
import type { ExecOutput } from '../backend';
import { unexpected } from './call-agent';
import type { RemoteDependencies } from './dependencies';

/** When this has not been said again for so long, nobody waits for the command, and it is ended. */
const watchedMs = 15_000;
const extendWatchMs = 5_000;
/** An agent that is well takes an order at once. */
const claimLimitMs = 10_000;
/** To end a command takes it a moment. */
const endLimitMs = 10_000;

/**
 * A command as a job of this very agent: what it prints is handed on as it comes. Nothing of it stays when this has
 * settled, nor when this process goes before. See `Backend.exec`; an agent that is gone rejects with `backend_failed`
 * once its lease has run out, and with `backend_unavailable` when it has not taken the command.
 */
export async function execOnAgent(
  deps: Pick<RemoteDependencies, 'clock' | 'jobs' | 'notifier' | 'logger'>,
  agentId: string,
  order: Extract<ControlOrder, { kind: 'exec' }>,
  onOutput: (output: ExecOutput) => void,
  signal: AbortSignal,
): Promise<{ exitCode: number | null }> {
  const { clock, jobs, notifier, logger } = deps;
  const jobId = await jobs.submitControl(agentId, order, watchedMs);
  const over = new AbortController();
  const subscription = notifier.subscribe(jobs.topic(jobId), over.signal);
  const left = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true, signal: over.signal });
  });
  try {
    return await follow();
  } finally {
    over.abort();
    // What cannot be removed now goes when nobody has attended to it for a while.
    await jobs
      .remove(jobId)
      .catch((error: unknown) =>
        logger.warn({ job: jobId, error: messageOf(error) }, 'a command is not forgotten yet'),
      );
  }

  async function follow(): Promise<{ exitCode: number | null }> {
    const beganMs = clock.monotonicMs();
    let watchedAtMs = beganMs;
    let stopRequestedMs: number | null = null;
    let readSeq = 0;
    let nextNotification: Promise<void> | null = null;
    for (;;) {
      // Listened to before the job is read: a ring meanwhile is not lost.
      nextNotification ??= subscription.next().then(() => {
        nextNotification = null;
      });
      const notified = nextNotification;
      if (signal.aborted && stopRequestedMs === null) {
        await jobs.setDesired(jobId, 'cancel', 0);
        stopRequestedMs = clock.monotonicMs();
      }
      if (clock.monotonicMs() - watchedAtMs >= extendWatchMs) {
        await jobs.extendWatch(jobId, watchedMs);
        watchedAtMs = clock.monotonicMs();
      }
      const job = await jobs.get(jobId);
      if (!job) throw new AppError('backend_failed', `The command on agent ${agentId} was removed.`);
      readSeq = await handOn(job, readSeq);
      if (job.result) return settle(job.result);
      const limitMs = stopRequestedMs === null ? extendWatchMs : leftOf(endLimitMs, stopRequestedMs);
      const waitMs = job.state === 'queued' ? Math.min(limitMs, leftOf(claimLimitMs, beganMs)) : limitMs;
      if (waitMs <= 0) return tooLate(job);
      await waitAtMost(clock, waitMs, stopRequestedMs === null ? Promise.race([notified, left]) : notified);
    }
  }

  function leftOf(limitMs: number, sinceMs: number): number {
    return sinceMs + limitMs - clock.monotonicMs();
  }

  async function handOn({ logSeq }: JobState, afterSeq: number): Promise<number> {
    let readSeq = afterSeq;
    while (readSeq < logSeq) {
      const chunks = await jobs.lines(jobId, readSeq);
      if (chunks.length === 0) break;
      for (const { lines, lastSeq } of chunks) {
        for (const { stream, text } of lines) if (stream !== 'system') onOutput({ stream, text });
        readSeq = lastSeq;
      }
    }
    return readSeq;
  }

  function settle(result: JobResult): { exitCode: number | null } {
    if ('executed' in result) return { exitCode: signal.aborted ? null : result.executed.exitCode };
    if ('refusal' in result) throw new AppError(result.refusal.code, result.refusal.message);
    if (signal.aborted) return { exitCode: null };
    if (!('failure' in result)) throw unexpected(agentId, result);
    const { code, message } = result.failure;
    if (code !== 'agent_lost') throw new AppError(code, message);
    throw new AppError('backend_failed', `${message}. The command is not run again.`);
  }

  function tooLate({ state }: JobState): { exitCode: number | null } {
    if (state === 'queued') {
      const limit = `${claimLimitMs / 1000} s`;
      throw new AppError('backend_unavailable', `Agent ${agentId} did not take the command within ${limit}.`);
    }
    const text = `\nagent ${agentId} has not said that it was ended\n`;
    onOutput({ stream: 'stderr', text });
    return { exitCode: null };
  }
}
