import type { Clock } from '../../clock';
import { AppError } from '../../model/errors';
import type { DesiredState, JobResult } from '../../model/job';
import { maskSpec } from '../../model/step-spec';
import type { JobState, JobStore } from '../agent-store';
import {
  beginClosing,
  forgetAgentEnvironment,
  listAgentEnvironments,
  openAgentEnvironment,
} from './agent-environments';
import { attendedUntil, attendJob } from './attended-jobs';
import { claimControls } from './control-claims';
import { type Database, toJson } from './database';
import type { PostgresDoorbell } from './doorbell';
import { listJobArtifacts, openJobArtifact, putJobArtifact, readPackageDigest } from './job-artifacts';
import { expireJobs } from './job-expiry';
import { appendJobLines, forgetJobLines, readJobLines } from './job-lines';
import { completeJob, renewJob, reportJob } from './job-reports';
import { readGivenSecrets, readUnmaskedSecrets } from './job-secrets';
import { newId } from './new-id';
import { reachable } from './reachable';
import { createStepClaims } from './step-claims';
import { jobQueueTopic, jobTopic, jobWishTopic } from './topics';

export function createJobStore(
  { clock, doorbell }: { clock: Clock; doorbell: PostgresDoorbell },
  database: Database,
): JobStore {
  const { sql } = database;
  const claimSteps = createStepClaims({ clock }, database);

  /** Does it, and rings for the job. */
  async function ringing<T>(jobId: string, work: () => Promise<T>): Promise<T> {
    const done = await reachable(work);
    doorbell.ring(jobTopic(jobId));
    return done;
  }

  function ringBoth(ids: readonly string[]): void {
    for (const id of ids) {
      doorbell.ring(jobTopic(id));
      doorbell.ring(jobWishTopic(id));
    }
  }

  const submit: JobStore['submit'] = async (step, staysUp) => {
    const { executionId, stepId, attempt } = step;
    const [made] = await sql<{ id: string }[]>`
      insert into agent_jobs (id, kind, execution_id, step_id, attempt, spec, stays_up)
      values (${newId()}, 'step', ${executionId}, ${stepId}, ${attempt}, ${toJson(maskSpec(step))}::text::jsonb, ${staysUp})
      on conflict (execution_id, step_id, attempt) where kind = 'step' do nothing
      returning id`;
    if (made) {
      doorbell.ring(jobQueueTopic);
      return made.id;
    }
    const [known] = await sql<{ id: string }[]>`
      select id from agent_jobs
      where kind = 'step' and execution_id = ${executionId} and step_id = ${stepId} and attempt = ${attempt}`;
    if (!known) throw new AppError('conflict', `the job of step ${stepId} is just being removed`);
    return known.id;
  };

  const want = async (jobId: string, desired: DesiredState, graceMs: number) => {
    const withdrawn: JobResult = {
      outcome: {
        ended: 'stopped',
        exitCode: null,
        signal: null,
        oomKilled: false,
        reason: 'stopped before an agent took it',
        warnings: [],
      },
    };
    await sql`
      update agent_jobs set desired = ${desired}, grace_ms = ${graceMs},
        result = case when state = 'queued' then ${toJson(withdrawn)}::text::jsonb else result end,
        finished_at = case when state = 'queued' then now() else finished_at end,
        state = case when state = 'queued' then 'done' else state end
      where id = ${jobId} and state <> 'done'`;
  };

  return {
    queueTopic: jobQueueTopic,
    topic: jobTopic,
    wishTopic: jobWishTopic,
    openEnvironment: (...call) => reachable(() => openAgentEnvironment(database, ...call)),
    environments: (offlineAfterMs, executionId) =>
      reachable(() => listAgentEnvironments(database, offlineAfterMs, executionId ?? null)),
    async beginClosing(executionId) {
      for (const id of await reachable(() => beginClosing(database, executionId)))
        doorbell.ring(jobTopic(id));
    },
    forgetEnvironment: (executionId) => reachable(() => forgetAgentEnvironment(database, executionId)),
    submit: (...call) => reachable(() => submit(...call)),
    submitControl: (agentId, order, attendedMs) =>
      reachable(async () => {
        const id = newId();
        await sql`
          insert into agent_jobs (id, kind, execution_id, agent_id, spec, attended_until)
          values (${id}, ${order.kind}, ${order.kind === 'close' ? order.executionId : null}, ${agentId},
            ${toJson(order)}::text::jsonb, ${attendedUntil(sql, attendedMs ?? null)})`;
        doorbell.ring(jobQueueTopic);
        return id;
      }),
    attend: (...call) => reachable(() => attendJob(database, ...call)),
    get: (jobId) =>
      reachable(async () => {
        const [row] = await sql<JobState[]>`
          select id, state, agent_id as "agentId", deliveries, phase, running_at is not null as "isRunning",
            ready_at is not null as "isReady", log_seq as "logSeq", result
          from agent_jobs where id = ${jobId}`;
        return row ?? null;
      }),
    want: async (jobId, ...call) => {
      await reachable(() => want(jobId, ...call));
      ringBoth([jobId]);
    },
    lines: (...call) => reachable(() => readJobLines(database, ...call)),
    forgetLines: (...call) => reachable(() => forgetJobLines(database, ...call)),
    artifacts: (jobId) => reachable(() => listJobArtifacts(database, jobId)),
    openArtifact: (...call) => reachable(() => openJobArtifact(database, ...call)),
    remove: (jobId) =>
      reachable(async () => {
        await sql`delete from agent_jobs where id = ${jobId}`;
      }),
    claim: (claims, kind, times) =>
      reachable(() => (kind === 'step' ? claimSteps(claims, times) : claimControls(database, claims, times))),
    giveBack: (jobId, leaseToken) =>
      reachable(async () => {
        await sql`
          update agent_jobs set state = 'queued', lease_token = null, lease_until = null, claim_id = null,
            deliveries = deliveries - 1
          where id = ${jobId} and lease_token = ${leaseToken} and state = 'leased'`;
        doorbell.ring(jobQueueTopic);
      }),
    renew: (...call) => reachable(() => renewJob(database, ...call)),
    report: (jobId, ...call) => ringing(jobId, () => reportJob(database, jobId, ...call)),
    appendLines: (jobId, ...call) => ringing(jobId, () => appendJobLines(database, jobId, ...call)),
    putArtifact: (...call) => reachable(() => putJobArtifact(database, ...call)),
    unmaskedSecrets: (...call) => reachable(() => readUnmaskedSecrets(database, ...call)),
    givenSecrets: (...call) => reachable(() => readGivenSecrets(database, ...call)),
    packageDigest: (...call) => reachable(() => readPackageDigest(database, ...call)),
    complete: (jobId, ...call) => ringing(jobId, () => completeJob(database, jobId, ...call)),
    async expire(limits) {
      const changed = await reachable(() => expireJobs(database, limits));
      ringBoth(changed);
      if (changed.length > 0) doorbell.ring(jobQueueTopic);
    },
  };
}
