import type { Clock } from '../../clock';
import { AppError } from '../../model/errors';
import type { DesiredState, JobResult } from '../../model/job';
import { maskSpec } from '../../model/step-spec';
import type { JobState, JobStore } from '../agent-store';
import {
  beginClosing,
  deleteAgentEnvironment,
  listAgentEnvironments,
  openAgentEnvironment,
} from './agent-environments';
import { claimControls } from './control-claims';
import { type Database, toJson } from './database';
import { extendWatch, watchedUntil } from './ephemeral-jobs';
import {
  openJobArtifacts,
  putJobArtifact,
  putJobArtifacts,
  readPackageDigest,
  readStepImage,
  readStepInput,
} from './job-artifacts';
import { expireJobs } from './job-expiry';
import { appendJobLines, deleteJobLines, readJobLines } from './job-lines';
import { completeJob, renewJob, reportJob } from './job-reports';
import { readSecretsOfAgent, readUnmaskedSecrets } from './job-secrets';
import { newId } from './new-id';
import type { PostgresNotifier } from './notifier';
import { createStepClaims } from './step-claims';
import { desiredStateTopic, jobQueueTopic, jobTopic } from './topics';
import { translateErrors } from './translate-errors';

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

export function createJobStore(
  { clock, notifier }: { clock: Clock; notifier: PostgresNotifier },
  database: Database,
): JobStore {
  const { sql } = database;
  const claimSteps = createStepClaims({ clock }, database);

  /** Does it, and rings for the job. */
  async function ringing<T>(jobId: string, work: () => Promise<T>): Promise<T> {
    const done = await translateErrors(work);
    notifier.notify(jobTopic(jobId));
    return done;
  }

  function ringBoth(ids: readonly string[]): void {
    for (const id of ids) {
      notifier.notify(jobTopic(id));
      notifier.notify(desiredStateTopic(id));
    }
  }

  return {
    queueTopic: jobQueueTopic,
    topic: jobTopic,
    desiredTopic: desiredStateTopic,
    openEnvironment: (...call) => translateErrors(() => openAgentEnvironment(database, ...call)),
    environments: (offlineAfterMs, executionId) =>
      translateErrors(() => listAgentEnvironments(database, offlineAfterMs, executionId ?? null)),
    async beginClosing(executionId) {
      for (const id of await translateErrors(() => beginClosing(database, executionId)))
        notifier.notify(jobTopic(id));
    },
    forgetEnvironment: (executionId) => translateErrors(() => deleteAgentEnvironment(database, executionId)),
    submit: (...call) => translateErrors(() => submit(database, notifier, ...call)),
    submitControl: (...call) => translateErrors(() => submitControl(database, notifier, ...call)),
    extendWatch: (...call) => translateErrors(() => extendWatch(database, ...call)),
    get: (jobId) => translateErrors(() => get(database, jobId)),
    withdraw: (jobId) =>
      translateErrors(async () => {
        const rows = await sql`
          update agent_jobs set state = 'done', result = ${toJson(withdrawn)}::text::jsonb, finished_at = now()
          where id = ${jobId} and state = 'queued' returning id`;
        if (rows.length > 0) ringBoth([jobId]);
        return rows.length > 0;
      }),
    setDesired: async (jobId, ...call) => {
      await translateErrors(() => setDesired(database, jobId, ...call));
      ringBoth([jobId]);
    },
    lines: (...call) => translateErrors(() => readJobLines(database, ...call)),
    forgetLines: (...call) => translateErrors(() => deleteJobLines(database, ...call)),
    openArtifacts: (jobId) => openJobArtifacts(database, jobId),
    remove: (jobId) =>
      translateErrors(async () => {
        await sql`delete from agent_jobs where id = ${jobId}`;
      }),
    claim: (claims, kind, times) =>
      translateErrors(() =>
        kind === 'step' ? claimSteps(claims, times) : claimControls(database, claims, times),
      ),
    release: (...call) => translateErrors(() => release(database, notifier, ...call)),
    renew: (...call) => translateErrors(() => renewJob(database, ...call)),
    report: (jobId, ...call) => ringing(jobId, () => reportJob(database, jobId, ...call)),
    appendLines: (jobId, ...call) => ringing(jobId, () => appendJobLines(database, jobId, ...call)),
    putArtifact: (...call) => translateErrors(() => putJobArtifact(database, ...call)),
    putArtifacts: (...call) => translateErrors(() => putJobArtifacts(database, ...call)),
    unmaskedSecrets: (...call) => translateErrors(() => readUnmaskedSecrets(database, ...call)),
    secretsOfAgent: (...call) => translateErrors(() => readSecretsOfAgent(database, ...call)),
    stepImage: (...call) => translateErrors(() => readStepImage(database, ...call)),
    stepInput: (...call) => translateErrors(() => readStepInput(database, ...call)),
    packageDigest: (...call) => translateErrors(() => readPackageDigest(database, ...call)),
    complete: (jobId, ...call) => ringing(jobId, () => completeJob(database, jobId, ...call)),
    async expire(limits) {
      const changed = await translateErrors(() => expireJobs(database, limits));
      ringBoth(changed);
      if (changed.length > 0) notifier.notify(jobQueueTopic);
    },
  };
}

async function submit(
  { sql }: Database,
  notifier: PostgresNotifier,
  ...[step, staysUp]: Parameters<JobStore['submit']>
): Promise<string> {
  const { executionId, stepId, attempt } = step;
  const [made] = await sql<{ id: string }[]>`
    insert into agent_jobs (id, kind, execution_id, step_id, attempt, spec, stays_up)
    values (${newId()}, 'step', ${executionId}, ${stepId}, ${attempt}, ${toJson(maskSpec(step))}::text::jsonb, ${staysUp})
    on conflict (execution_id, step_id, attempt) where kind = 'step' do nothing
    returning id`;
  if (made) {
    notifier.notify(jobQueueTopic);
    return made.id;
  }
  const [known] = await sql<{ id: string }[]>`
    select id from agent_jobs
    where kind = 'step' and execution_id = ${executionId} and step_id = ${stepId} and attempt = ${attempt}`;
  if (!known) throw new AppError('conflict', `the job of step ${stepId} is just being removed`);
  return known.id;
}

async function submitControl(
  { sql }: Database,
  notifier: PostgresNotifier,
  ...[agentId, order, watchedMs]: Parameters<JobStore['submitControl']>
): Promise<string> {
  const id = newId();
  await sql`
    insert into agent_jobs (id, kind, execution_id, agent_id, spec, attended_until)
    values (${id}, ${order.kind}, ${order.kind === 'close' ? order.executionId : null}, ${agentId},
      ${toJson(order)}::text::jsonb, ${watchedUntil(sql, watchedMs ?? null)})`;
  notifier.notify(jobQueueTopic);
  return id;
}

async function get({ sql }: Database, jobId: string): Promise<JobState | null> {
  const [row] = await sql<JobState[]>`
    select id, state, agent_id as "agentId", deliveries, phase, unfinished, running_at is not null as "isRunning",
      ready_at is not null as "isReady", log_seq as "logSeq", result
    from agent_jobs where id = ${jobId}`;
  return row ?? null;
}

async function setDesired(
  { sql }: Database,
  jobId: string,
  desired: DesiredState,
  graceMs: number,
): Promise<void> {
  await sql`
    update agent_jobs set desired = ${desired}, grace_ms = ${graceMs},
      result = case when state = 'queued' then ${toJson(withdrawn)}::text::jsonb else result end,
      finished_at = case when state = 'queued' then now() else finished_at end,
      state = case when state = 'queued' then 'done' else state end
    where id = ${jobId} and state <> 'done'`;
}

async function release(
  { sql }: Database,
  notifier: PostgresNotifier,
  jobId: string,
  leaseToken: string,
): Promise<void> {
  await sql`
    update agent_jobs set state = 'queued', lease_token = null, lease_until = null, claim_id = null,
      deliveries = deliveries - 1
    where id = ${jobId} and lease_token = ${leaseToken} and state = 'leased'`;
  notifier.notify(jobQueueTopic);
}
