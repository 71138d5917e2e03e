import type { Fragment, ISql } from 'postgres';
import { abilitiesOf } from '../../model/agent';
import { AppError } from '../../model/errors';
import type { AgentIdentity, AgentStore } from '../agent-store';
import { listAgents } from './agent-list';
import { type Database, toTimestamp } from './database';
import { agentLost } from './job-expiry';
import type { PostgresNotifier } from './notifier';
import { agentsTopic, jobQueueTopic, jobTopic } from './topics';
import { translateErrors } from './translate-errors';

interface AgentContext {
  sql: Database['sql'];
  notifier: PostgresNotifier;
}

export function createAgentStore(
  { notifier }: { notifier: PostgresNotifier },
  database: Database,
): AgentStore {
  const { sql } = database;
  const context = { sql, notifier };

  return {
    topic: agentsTopic,
    register: (...call) => translateErrors(() => register(context, ...call)),
    admit: (...call) => translateErrors(() => admit(context, ...call)),
    get: (id) => translateErrors(() => get(context, id)),
    heartbeat: (...call) => translateErrors(() => heartbeat(context, ...call)),
    seen: (ids) =>
      translateErrors(async () => {
        await sql`
          update agents set last_seen_at = now()
          where id = any(${[...ids]}::text[]) and last_seen_at < now() - interval '1 s'`;
      }),
    list: (offlineAfterMs) => translateErrors(() => listAgents(database, offlineAfterMs)),
    any: () =>
      translateErrors(async () => {
        const [row] = await sql<{ any: boolean }[]>`select exists (select from agents) as any`;
        return row?.any ?? false;
      }),
    drain: (...call) => translateErrors(() => drain(context, ...call)),
    remove: (id) => translateErrors(() => remove(context, id)),
  };
}

async function register(
  { sql, notifier }: AgentContext,
  agent: Parameters<AgentStore['register']>[0],
  tokenId: string,
): Promise<void> {
  const { agentId, instance, capacity, version } = agent;
  const tags = [...agent.tags, ...abilitiesOf(version)];
  const ended = await sql.begin(async (transaction) => {
    const rows = await transaction`
      insert into agents (id, token_id, instance, tags, capacity, version)
      values (${agentId}, ${tokenId}, ${instance}, ${tags}::text[], ${capacity}, ${version})
      on conflict (id) do update set token_id = excluded.token_id, instance = excluded.instance, tags = excluded.tags,
        capacity = excluded.capacity, version = excluded.version, last_seen_at = now(), problem = null,
        -- What it said of itself when it was stopped does not outlive the stop.
        drained_at = case when agents.drained_by = agents.id then null else agents.drained_at end
      where agents.token_id in (${familyOf(transaction, tokenId)})
      returning id`;
    if (rows.length === 0) throw notYours(agentId);
    await transaction`
      update agent_jobs set state = 'queued', lease_token = null, lease_until = null, claim_id = null
      where agent_id = ${agentId} and state = 'leased' and kind <> 'exec'`;
    return transaction<{ id: string }[]>`
      update agent_jobs set state = 'done', lease_until = null, claim_id = null, finished_at = now(),
        result = ${agentLost(transaction, transaction`'agent ' || agent_id || ' was started anew while the command ran'`)}
      where agent_id = ${agentId} and state = 'leased' and kind = 'exec'
      returning id`;
  });
  for (const { id } of ended) notifier.notify(jobTopic(id));
  notifier.notify(jobQueueTopic);
  notifier.notify(agentsTopic);
}

async function admit(context: AgentContext, id: string, tokenId: string): Promise<AgentIdentity> {
  const { sql, notifier } = context;
  await sql`
    insert into agents (id, token_id, tags, capacity, version) values (${id}, ${tokenId}, '{}', 1, 'plain client')
    on conflict (id) do update set token_id = excluded.token_id
    where agents.instance is null and agents.token_id in (${familyOf(sql, tokenId)})`;
  const agent = await get(context, id);
  if (agent?.tokenId !== tokenId) throw notYours(id);
  notifier.notify(agentsTopic);
  return agent;
}

async function heartbeat(
  context: AgentContext,
  id: string,
  beat: Parameters<AgentStore['heartbeat']>[1],
): Promise<Awaited<ReturnType<AgentStore['heartbeat']>>> {
  const { sql } = context;
  const [row] = await sql<{ at: string | null; reason: string | null; by: string | null }[]>`
    update agents set last_seen_at = now(), problem = ${beat.problem},
      drained_by = case when ${beat.stopping} and drained_at is null then id else drained_by end,
      drain_reason = case when ${beat.stopping} and drained_at is null then 'it is being stopped' else drain_reason end,
      drained_at = case when ${beat.stopping} then coalesce(drained_at, now()) else drained_at end
    where id = ${id} and instance = ${beat.instance}
    returning drained_at as at, drain_reason as reason, drained_by as by`;
  if (!row) {
    throw (await get(context, id))
      ? new AppError(
          'conflict',
          `Another worker runs as agent ${id} by now. Give each one a name of its own.`,
        )
      : new AppError('not_found', `There is no agent ${id}: register first.`);
  }
  const { at, reason, by } = row;
  const reap = await sql<{ id: string }[]>`
    select id from unnest(${beat.environments}::text[]) as id
    where not exists (
      select from agent_environments e
      where e.execution_id = id and e.agent_id = ${id} and e.closing_at is null
    )`;
  return {
    reap: reap.map((each) => each.id),
    drain: at === null ? null : { at: toTimestamp(at), reason: reason ?? '', by: by ?? '' },
  };
}

async function drain(
  { sql, notifier }: AgentContext,
  id: string,
  given: { reason: string; by: string } | null,
): Promise<void> {
  const rows = await sql`
    update agents set drained_at = case when ${given !== null} then now() end,
      drain_reason = ${given?.reason ?? null}, drained_by = ${given?.by ?? null}
    where id = ${id} returning id`;
  if (rows.length === 0) throw noAgent(id);
  if (!given) notifier.notify(jobQueueTopic);
  notifier.notify(agentsTopic);
}

async function remove(context: AgentContext, id: string): Promise<void> {
  const { sql, notifier } = context;
  const rows = await sql`
    delete from agents where id = ${id}
      and not exists (select from agent_jobs where agent_id = ${id} and state = 'leased')
      and not exists (select from agent_environments where agent_id = ${id})
    returning id`;
  if (rows.length === 0) {
    throw (await get(context, id))
      ? new AppError('conflict', `Agent ${id} holds steps or environments: drain it and wait for their end.`)
      : noAgent(id);
  }
  notifier.notify(agentsTopic);
}

async function get({ sql }: AgentContext, id: string): Promise<AgentIdentity | null> {
  const [row] = await sql<AgentIdentity[]>`
    select id, token_id as "tokenId", instance from agents where id = ${id}`;
  return row ?? null;
}

/** The ids of this token and of all that rotations have made of the same one: an agent may go on with any of them. */
function familyOf(sql: ISql, tokenId: string): Fragment {
  return sql`
    select other.id from tokens own
    join tokens other on coalesce(own.family, own.id) in (other.id, other.family)
    where own.id = ${tokenId}`;
}

function notYours(id: string): AppError {
  return new AppError('forbidden', `Agent ${id} belongs to another token: choose another name.`);
}

function noAgent(id: string): AppError {
  return new AppError('not_found', `There is no agent ${id}.`);
}
