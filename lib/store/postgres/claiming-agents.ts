import type { Fragment, ISql } from 'postgres';
import type { ClaimTimes, JobClaim } from '../agent-store';

/** An agent that claims. */
export interface ClaimingAgent {
  id: string;
  tokenId: string;
  instance: string | null;
  tags: string[];
  isDraining: boolean;
  isHeard: boolean;
  /** When it was last seen is as new as it has to be. */
  isFresh: boolean;
}

/** The claims as the table `c`. */
function claimsAsTable(sql: ISql, claims: readonly JobClaim[]): Fragment {
  return sql`
    (select distinct * from unnest(
      ${claims.map(({ agentId }) => agentId)}::text[], ${claims.map(({ tokenId }) => tokenId)}::text[]
    ) as given(agent_id, token_id)) as c`;
}

/** Holds for the row `a` of agents: a plain client has no heartbeat. */
export function isOnline(sql: ISql, offlineAfterMs: number): Fragment {
  return sql`(a.instance is null or a.last_seen_at > now() - ${offlineAfterMs}::integer * interval '1 ms')`;
}

/** Holds for the row `t` of tokens. */
export function isTokenValid(sql: ISql): Fragment {
  return sql`(t.revoked_at is null and (t.expires_at is null or t.expires_at > now()))`;
}

/** Rows of the shape of `ClaimingAgent`: the claiming agents whose token is their own and still valid. */
export function claimingAgents(
  sql: ISql,
  claims: readonly JobClaim[],
  { offlineAfterMs }: ClaimTimes,
): Fragment {
  return sql`
    select a.id, a.token_id as "tokenId", a.instance, to_jsonb(a.tags) as tags,
      a.drained_at is not null as "isDraining", ${isOnline(sql, offlineAfterMs)} as "isHeard",
      a.last_seen_at > now() - ${offlineAfterMs}::integer * interval '0.5 ms' as "isFresh"
    from ${claimsAsTable(sql, claims)} join agents a on a.id = c.agent_id and a.token_id = c.token_id
      join tokens t on t.id = a.token_id
    where ${isTokenValid(sql)}`;
}

export async function readClaimingAgents(
  sql: ISql,
  claims: readonly JobClaim[],
  times: ClaimTimes,
): Promise<ReadonlyMap<string, ClaimingAgent>> {
  const rows = await sql<ClaimingAgent[]>`${claimingAgents(sql, claims, times)}`;
  return new Map(rows.map((row) => [row.id, row]));
}

export function isAdmitted(
  { agentId, tokenId, instance }: JobClaim,
  agents: ReadonlyMap<string, ClaimingAgent>,
): boolean {
  const agent = agents.get(agentId);
  if (agent?.tokenId !== tokenId) return false;
  return agent.instance === null ? agent.isFresh : instance === null || agent.instance === instance;
}
