import { messageOf } from '../../model/errors';
import type { ExecJob, Job, StepJob } from '../../model/job';
import type { Secrets } from '../../secrets/secrets';
import type { JobClaim } from '../../store/agent-store';
import type { Store } from '../../store/store';
import { type JobMasks, valuesOf } from './job-masks';

/**
 * The job with its secrets. Their values are in no row: whoever answers looks them up. Without them the job is over, and
 * the answer is null.
 */
export async function withSecrets(
  { store, secrets, masks }: { store: Store; secrets: Secrets; masks: Pick<JobMasks, 'add'> },
  { agentId, tokenId }: JobClaim,
  job: StepJob | ExecJob,
): Promise<Job | null> {
  try {
    if (job.kind === 'exec') {
      const given = await store.jobs.secretsOfAgent(job.executionId, agentId);
      return { ...job, secrets: await valuesOf(secrets, given) };
    }
    const references = job.spec.node.secrets;
    if (references.length === 0) return job;
    const values = await secrets.resolve(references);
    masks.add(job.id, agentId, Object.values(values));
    return { ...job, spec: { ...job.spec, secrets: values } };
  } catch (error) {
    const holder = { agentId, tokenId, leaseToken: job.leaseToken };
    const failure = { code: 'backend_failed' as const, message: messageOf(error) };
    await store.jobs.complete(job.id, holder, { failure });
    return null;
  }
}
