import { type AgentSummary, isAbility } from '../../model/agent';
import { type Database, toTimestamp } from './database';

interface Row extends Omit<AgentSummary, 'state' | 'drain' | 'token'> {
  isOnline: boolean;
  drainedAt: string | null;
  drainReason: string | null;
  drainedBy: string | null;
  tokenId: string;
  tokenName: string;
  tokenRevoked: boolean;
  tokenExpiresAt: string | null;
  tokenExpired: boolean;
}

/** All agents, by name. Who is offline, and which token has expired, is told by the database's clock, now. */
export async function listAgents({ sql }: Database, offlineAfterMs: number): Promise<AgentSummary[]> {
  const rows = await sql<Row[]>`
    select a.id, a.instance is null as plain, to_jsonb(a.tags) as tags, a.capacity, a.version, a.problem, a.registered_at as "registeredAt",
      a.last_seen_at as "lastSeenAt", a.drained_at as "drainedAt", a.drain_reason as "drainReason",
      a.drained_by as "drainedBy", t.id as "tokenId", t.name as "tokenName",
      t.revoked_at is not null as "tokenRevoked", t.expires_at as "tokenExpiresAt",
      coalesce(t.expires_at <= now(), false) as "tokenExpired",
      a.last_seen_at > now() - ${offlineAfterMs}::integer * interval '1 ms' as "isOnline",
      (select count(*)::integer from agent_environments e where e.agent_id = a.id) as environments,
      coalesce((
        select jsonb_agg(jsonb_build_object('executionId', j.execution_id, 'stepId', j.step_id,
          'attempt', j.attempt, 'phase', case when j.ready_at is not null then 'ready' else j.phase->>'name' end)
          order by j.created_at, j.id)
        from agent_jobs j where j.agent_id = a.id and j.state = 'leased' and j.kind = 'step'
      ), '[]') as jobs
    from agents a join tokens t on t.id = a.token_id
    order by a.id`;
  return rows.map(
    ({
      isOnline,
      drainedAt,
      drainReason,
      drainedBy,
      tokenId,
      tokenName,
      tokenRevoked,
      tokenExpiresAt,
      tokenExpired,
      ...agent
    }) => ({
      ...agent,
      tags: agent.tags.filter((tag) => !isAbility(tag)),
      registeredAt: toTimestamp(agent.registeredAt),
      lastSeenAt: toTimestamp(agent.lastSeenAt),
      state: !isOnline ? 'offline' : drainedAt === null ? 'online' : 'draining',
      drain:
        drainedAt === null
          ? null
          : { at: toTimestamp(drainedAt), reason: drainReason ?? '', by: drainedBy ?? '' },
      token: {
        id: tokenId,
        name: tokenName,
        revoked: tokenRevoked,
        expiresAt: tokenExpiresAt === null ? null : toTimestamp(tokenExpiresAt),
        expired: tokenExpired,
      },
    }),
  );
}
