import { waitAtMost } from '../../clock';
import { AppError } from '../../model/errors';
import type { JobResult } from '../../model/job';
import type { RemoteDependencies } from './dependencies';

/** The result of a job that is only for its result; it is forgotten afterwards. Rejects after `limitMs`. */
export async function waitForJob(
  { clock, jobs, notifier }: Pick<RemoteDependencies, 'clock' | 'jobs' | 'notifier'>,
  jobId: string,
  limitMs: number,
  tooLate: string,
): Promise<JobResult> {
  const over = new AbortController();
  const subscription = notifier.subscribe(jobs.topic(jobId), over.signal);
  const untilMs = clock.monotonicMs() + limitMs;
  try {
    for (;;) {
      const job = await jobs.get(jobId);
      if (job?.result) return job.result;
      const leftMs = untilMs - clock.monotonicMs();
      if (leftMs <= 0) throw new AppError('backend_unavailable', `${tooLate} within ${limitMs / 1000} s`);
      await waitAtMost(clock, leftMs, subscription.next());
    }
  } finally {
    over.abort();
    await jobs.remove(jobId);
  }
}
