import { AppError } from '../../model/errors';
import type { JobResult } from '../../model/job';
import { type StepOutcome, type StepWatch, StopRequest } from '../backend';
import type { RemoteDependencies } from './dependencies';
import type { JobProgress } from './job-progress';

/** A job's result in the words of `Backend.runStep`, its artifacts handed over. */
export async function settleJob(
  { jobs }: Pick<RemoteDependencies, 'jobs'>,
  job: { id: string; result: JobResult },
  watch: Pick<StepWatch, 'signal' | 'onArtifact'>,
  progress: Pick<JobProgress, 'beforeOutput'>,
): Promise<StepOutcome> {
  const { result } = job;
  if ('outcome' in result) {
    const { outcome } = result;
    if (outcome.ended === 'exited') progress.beforeOutput();
    for await (const { path, format, bytes, content } of jobs.openArtifacts(job.id))
      await watch.onArtifact({ path, format, bytes, content });
    return outcome;
  }
  if (!('failure' in result))
    throw new AppError('backend_failed', 'An agent answered a step with something else.');
  const { code, message } = result.failure;
  if (code !== 'agent_lost') throw new AppError(code, message);
  // It was to end anyway, and with its agent it has.
  const why = watch.signal.reason instanceof StopRequest ? watch.signal.reason.why : null;
  if (why === 'cancelled' || why === 'timed_out') {
    return {
      ended: 'stopped',
      exitCode: null,
      signal: null,
      oomKilled: false,
      reason: message,
      warnings: [],
    };
  }
  throw new AppError('backend_failed', message);
}
